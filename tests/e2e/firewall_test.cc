// A stateful firewall of the kernel's between the sides of our conversations: it must see each of
// them open, go on and close, and find nothing that does not belong.
#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "tests/e2e/json.h"
#include "tests/e2e/namespaces.h"
#include "tests/e2e/process.h"

namespace spate::testing {
namespace {

// Conversations by way of the router's MAC address; one in five is aborted, the others close from
// either side.
constexpr const char* kTemplate = R"({"spate": 1,
"hosts": {"inside": {"count": 40, "ipv4": {"increment": {"start": "198.18.0.2"}}},
          "outside": {"count": 4, "ipv4": {"increment": {"start": "198.19.0.2"}}, "pick": "uniform"}},
"groups": {"clients": {"count": 40,
  "bind": {"me": {"host": "inside"}, "peer": {"host": "outside", "per": "pass"}},
  "flows": {
    "polite": {"client": "me", "server": "peer", "every": "400ms", "passes": 3,
      "start": {"uniform": {"min": "0s", "max": "300ms"}},
      "packet": [{"ethernet": {"dst": "02:00:00:00:00:fe"}}],
      "tcp": {"port": 80, "rtt": {"uniform": {"min": "4ms", "max": "20ms"}}, "window": 262144, "sack": true},
      "steps": [{"client": 400}, {"server": {"random": {"min": 1, "max": "60kB"}}}, {"wait": "60ms"},
                {"client": "5kB"}, {"server": 7},
                {"choose": [{"weight": 4}, {"steps": [{"close": "client_reset"}]}]}]},
    "hasty": {"client": "me", "server": "peer",
      "start": {"uniform": {"min": "0s", "max": "300ms"}},
      "packet": [{"ethernet": {"dst": "02:00:00:00:00:fe"}}],
      "tcp": {"port": 81, "rtt": "6ms", "loss": 0.05, "rto": "100ms", "close": "server"},
      "steps": [{"server": "30kB"}, {"close": "client"}, {"server": "9kB"}]}}}}})";

// Forwards between 198.18.0.0/16 and 198.19.0.0/17, which both lie behind the one neighbour on the
// wire; only those inside may open conversations.
constexpr const char* kRouter = R"(set -e
echo 1 > /proc/sys/net/ipv4/ip_forward
for at in all default wire; do
  echo 0 > /proc/sys/net/ipv4/conf/$at/rp_filter
  echo 0 > /proc/sys/net/ipv4/conf/$at/send_redirects
done
ip link set wire address 02:00:00:00:00:fe
ip addr add 198.19.255.254/32 dev wire
ip neigh add 198.19.255.253 lladdr 02:00:00:00:00:fd dev wire nud permanent
ip route add 198.19.255.253 dev wire
ip route add 198.18.0.0/16 via 198.19.255.253 dev wire
ip route add 198.19.0.0/17 via 198.19.255.253 dev wire
nft -f - <<'RULES'
table inet guard {
  counter opened { }
  counter established { }
  counter refused { }
  chain forward {
    type filter hook forward priority 0; policy drop;
    ct state established counter name established accept
    ip saddr 198.18.0.0/16 tcp flags & (fin | syn | rst | ack) == syn ct state new counter name opened accept
    counter name refused drop
  }
}
RULES
echo 0 > /proc/sys/net/netfilter/nf_conntrack_tcp_loose
)";

class Firewall : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!pair_.missing().empty()) GTEST_SKIP() << pair_.missing();
    const Outcome tools =
        Execute({"-c", "command -v nft && command -v conntrack"},
                {.program = "sh", .terminal = false, .environment = {}, .in_child = {}});
    if (tools.exit_code != 0) GTEST_SKIP() << "no nft or conntrack";
    const Outcome router = AtRouter(kRouter);
    if (router.exit_code != 0) GTEST_SKIP() << "no router: " << router.err;
  }

  Outcome AtRouter(const std::string& script) const {
    return Execute(
        {"-c", script},
        {.program = "sh", .terminal = false, .environment = {}, .in_child = pair_.EnterReceiver()});
  }

  size_t Packets(const std::string& counter) const {
    const Outcome listed = AtRouter("nft list counter inet guard " + counter);
    const size_t at = listed.out.find("packets ");
    EXPECT_NE(at, std::string::npos) << listed.out << listed.err;
    return at == std::string::npos ? 0 : std::stoul(listed.out.substr(at + 8));
  }

  const VethPair pair_;
  const TempDir dir_;
};

TEST_F(Firewall, TracksEveryConversationToItsEnd) {
  const Outcome run = Execute(
      {"run", dir_.Write("t.json", kTemplate), "--port", "wire", "--json", "--quiet"},
      {.program = "", .terminal = false, .environment = {}, .in_child = pair_.EnterSender()});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto sent = static_cast<size_t>(JsonText(run.out).Integer("/sent"));

  constexpr size_t kConversations = 40 * 4;
  EXPECT_GE(Packets("opened"), kConversations);
  EXPECT_EQ(Packets("opened") + Packets("established"), sent);
  EXPECT_EQ(Packets("refused"), 0u);

  std::istringstream entries(AtRouter("conntrack -L -p tcp 2>/dev/null").out);
  size_t closed = 0, reset = 0, other = 0;
  for (std::string entry; std::getline(entries, entry);) {
    closed += entry.find(" TIME_WAIT ") != std::string::npos;
    reset += entry.find(" CLOSE ") != std::string::npos;
    other += entry.find(" TIME_WAIT ") == std::string::npos &&
             entry.find(" CLOSE ") == std::string::npos;
    if (entry.find("[UNREPLIED]") != std::string::npos) ADD_FAILURE() << entry;
  }
  EXPECT_EQ(closed + reset, kConversations);
  EXPECT_GT(reset, 5u);
  EXPECT_EQ(other, 0u);
  // Of each processor.
  const Outcome statistics = AtRouter("conntrack -S | grep -vc ' invalid=0 ' || true");
  EXPECT_EQ(statistics.out, "0\n") << AtRouter("conntrack -S").out;
}

}  // namespace
}  // namespace spate::testing
