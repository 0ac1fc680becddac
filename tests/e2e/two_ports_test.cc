// Devices between two ports of ours: a router, a stateful firewall, a NAT, a bridge, a switch. What
// leaves by one port must arrive at the other, all of it.
#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <sstream>
#include <string>
#include <vector>

#include "tests/e2e/json.h"
#include "tests/e2e/namespaces.h"
#include "tests/e2e/process.h"

namespace spate::testing {
namespace {

class TwoPorts : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!pair_.missing().empty()) GTEST_SKIP() << pair_.missing();
  }

  Outcome AtDevice(const std::string& script) const {
    return Execute(
        {"-c", script},
        {.program = "sh", .terminal = false, .environment = {}, .in_child = pair_.EnterReceiver()});
  }

  // Starts the device; the test is skipped when this machine has no such device.
  bool HasDevice(const std::string& script, const std::string& what) const {
    const Outcome outcome = AtDevice("set -e\n" + script);
    if (outcome.exit_code != 0) missing_ = "no " + what + " here: " + outcome.err;
    return outcome.exit_code == 0;
  }

  // A run between the ports that the tester calls left and right; its account.
  JsonText RunBetween(const std::string& path, const std::vector<std::string>& more) const {
    std::vector<std::string> words = {"run", path, "--json", "--quiet"};
    words.insert(words.end(), more.begin(), more.end());
    // On one CPU: the kernel has a queue for arriving frames per CPU, and under load they overtake
    // each other.
    const auto enter = [enter = pair_.EnterSender()] {
      cpu_set_t cpus;
      CPU_ZERO(&cpus);
      CPU_SET(sched_getcpu(), &cpus);
      return enter() && sched_setaffinity(0, sizeof cpus, &cpus) == 0;
    };
    const Outcome run =
        Execute(words, {.program = "", .terminal = false, .environment = {}, .in_child = enter});
    EXPECT_EQ(run.exit_code, 0) << run.err << run.out;
    return JsonText(run.out);
  }

  // All packets that were sent by port `from` arrived at port `to`.
  static void ExpectArrived(const JsonText& account, int from, int to) {
    EXPECT_GT(Figure(account, from, "tx_packets"), 1'000u);
    EXPECT_EQ(Figure(account, to, "rx_packets"), Figure(account, from, "tx_packets"));
    EXPECT_EQ(Figure(account, to, "rx_missed"), 0u);
  }

  static uint64_t Figure(const JsonText& account, int port, const std::string& name) {
    return account.Integer("/ports/" + std::to_string(port) + "/" + name);
  }

  const VethPair pair_{{"left", "right"}};
  const TempDir dir_;
  mutable std::string missing_;
};

// Forwards between its two interfaces; the hosts behind each are one neighbour's.
const std::string kRouter = R"(
echo 1 > /proc/sys/net/ipv4/ip_forward
for at in all default left right; do echo 0 > /proc/sys/net/ipv4/conf/$at/rp_filter; done
for side in left:198.18 right:198.19; do
  at=${side%:*} net=${side#*:}
  ip link set $at address 02:00:00:00:00:fe
  ip addr add $net.255.254/30 dev $at
  ip neigh add $net.255.253 lladdr 02:00:00:00:00:fd dev $at nud permanent
  ip route add $net.0.0/17 via $net.255.253 dev $at
done
)";

// It follows the conversations that it passes, and knows them until the test has looked: what it
// has not seen opening is invalid.
const std::string kTracking = R"(
command -v conntrack > /dev/null
nft add table inet watch
nft 'add chain inet watch seen { type filter hook forward priority -10; ct state invalid accept; }'
cd /proc/sys/net/netfilter
echo 0 > nf_conntrack_tcp_loose
for state in close time_wait; do echo 600 > nf_conntrack_tcp_timeout_$state; done
)";

// Only those on the left may open conversations.
const std::string kGuard = R"(
nft -f - <<'RULES'
table inet guard {
  counter opened { }
  counter established { }
  counter refused { }
  chain forward {
    type filter hook forward priority 0; policy drop;
    ct state established counter name established accept
    iifname left tcp flags & (fin | syn | rst | ack) == syn ct state new counter name opened accept
    counter name refused drop
  }
}
RULES
)";

// One address for another: those of the clients, and virtual ones of servers.
const std::string kTranslation = R"(
nft -f - <<'RULES'
table ip nat {
  chain pre { type nat hook prerouting priority -100; dnat ip prefix to ip daddr map { 198.18.200.0/24 : 198.19.0.0/24 }; }
  chain post { type nat hook postrouting priority 100; snat ip prefix to ip saddr map { 198.18.0.0/24 : 198.19.128.0/24 }; }
}
RULES
)";

// All clients behind the router's address.
const std::string kMasquerade = R"(
nft -f - <<'RULES'
table ip nat {
  chain post { type nat hook postrouting priority 100; oifname right masquerade; }
}
RULES
)";

// Devices that follow conversations.
class Trackers : public TwoPorts {
 protected:
  // Forty clients behind one port and four servers behind the other; one conversation in five is
  // aborted, the others close from either side, and some segments are sent again. `inside`,
  // `outside`: more of either host set; `more`: host sets.
  std::string Conversations(const std::string& inside, const std::string& outside,
                            const std::string& more) const {
    const std::string text = R"({"spate": 1,
"hosts": {"inside": {"count": 40, "ipv4": {"increment": {"start": "198.18.0.2"}}, "behind": "left", )" +
                             inside + R"(},
          "outside": {"count": 4, "ipv4": {"increment": {"start": "198.19.0.2"}}, "pick": "uniform",
                      "behind": "right", )" +
                             outside + R"(}, )" + more + R"(},
"groups": {"clients": {"count": 40,
  "bind": {"me": {"host": "inside"}, "peer": {"host": "outside", "per": "pass"}},
  "flows": {
    "polite": {"client": "me", "server": "peer", "every": "400ms", "passes": 3,
      "start": {"uniform": {"min": "0s", "max": "300ms"}},
      "tcp": {"port": 80, "rtt": {"uniform": {"min": "4ms", "max": "20ms"}}, "window": 262144, "sack": true},
      "steps": [{"client": 400}, {"server": {"random": {"min": 1, "max": "60kB"}}}, {"wait": "60ms"},
                {"client": "5kB"}, {"server": 7},
                {"choose": [{"weight": 4}, {"steps": [{"close": "client_reset"}]}]}]},
    "hasty": {"client": "me", "server": "peer",
      "start": {"uniform": {"min": "0s", "max": "300ms"}},
      "tcp": {"port": 81, "rtt": "6ms", "loss": 0.05, "rto": "100ms", "close": "server"},
      "steps": [{"server": "30kB"}, {"close": "client"}, {"server": "9kB"}]}}}}})";
    return dir_.Write("t.json", text);
  }
  static constexpr size_t kConversations = 40 * 4;

  // Both directions come through.
  void RunThrough(const std::string& path) const {
    const JsonText account = RunBetween(
        path, {"--port", "left=left", "--port", "right=right", "--rx", "left", "--rx", "right"});
    // A router strips the padding of short frames: not all bytes arrive.
    ExpectArrived(account, 0, 1);
    ExpectArrived(account, 1, 0);
    sent_ = account.Integer("/sent");
  }

  // The device has seen every conversation established and at its end, and nothing else.
  void ExpectTracked() const {
    std::istringstream entries(AtDevice("conntrack -L -p tcp 2>/dev/null").out);
    size_t closed = 0, reset = 0;
    for (std::string entry; std::getline(entries, entry);) {
      const bool is_closed = entry.find(" TIME_WAIT ") != std::string::npos;
      const bool is_reset = entry.find(" CLOSE ") != std::string::npos;
      closed += is_closed;
      reset += is_reset;
      EXPECT_TRUE(is_closed || is_reset) << entry;
      EXPECT_NE(entry.find("[ASSURED]"), std::string::npos) << entry;
    }
    EXPECT_EQ(closed + reset, kConversations);
    EXPECT_GT(reset, 5u);
    // Of each processor.
    const Outcome invalid = AtDevice("conntrack -S | grep -vc ' invalid=0 ' || true");
    EXPECT_EQ(invalid.out, "0\n") << AtDevice("conntrack -S").out;
  }

  uint64_t Guarded(const std::string& counter) const {
    const Outcome listed = AtDevice("nft list counter inet guard " + counter);
    const size_t at = listed.out.find("packets ");
    EXPECT_NE(at, std::string::npos) << listed.out << listed.err;
    return at == std::string::npos ? 0 : std::stoul(listed.out.substr(at + 8));
  }

  // Who routes, as both sides see it.
  static constexpr const char* kByRouter = R"("seen_as": "router")";
  static constexpr const char* kRouterHost = R"("router": {"mac": "02:00:00:00:00:fe"})";

  mutable uint64_t sent_ = 0;
};

TEST_F(Trackers, ARouterPassesWholeConversations) {
  if (!HasDevice(kRouter + kTracking, "router")) GTEST_SKIP() << missing_;
  RunThrough(Conversations(kByRouter, kByRouter, kRouterHost));
  ExpectTracked();
}

TEST_F(Trackers, AFirewallPassesWholeConversations) {
  if (!HasDevice(kRouter + kTracking + kGuard, "firewall")) GTEST_SKIP() << missing_;
  RunThrough(Conversations(kByRouter, kByRouter, kRouterHost));
  ExpectTracked();
  EXPECT_GE(Guarded("opened"), kConversations);
  EXPECT_EQ(Guarded("opened") + Guarded("established"), sent_);
  EXPECT_EQ(Guarded("refused"), 0u);
}

TEST_F(Trackers, ANatTranslatesWholeConversations) {
  if (!HasDevice(kRouter + kTracking + kTranslation, "NAT")) GTEST_SKIP() << missing_;
  RunThrough(Conversations(
      R"("seen_as": "translated")", R"("seen_as": "virtual")",
      R"("translated": {"count": 40, "ipv4": {"increment": {"start": "198.19.128.2"}}, "mac": "02:00:00:00:00:fe"},
         "virtual": {"count": 4, "ipv4": {"increment": {"start": "198.18.200.2"}}, "mac": "02:00:00:00:00:fe"})"));
  ExpectTracked();
}

TEST_F(Trackers, ANatHidesClientsBehindOneAddress) {
  if (!HasDevice(kRouter + kTracking + kMasquerade, "NAT")) GTEST_SKIP() << missing_;
  RunThrough(Conversations(
      R"("seen_as": "masked")", kByRouter,
      std::string(R"("masked": {"ipv4": "198.19.255.254", "mac": "02:00:00:00:00:fe"}, )") +
          kRouterHost));
  ExpectTracked();
}

// Frames go through a switch as they are, whatever their kind.
class Switches : public TwoPorts {
 protected:
  void ExpectForwarded(uint64_t packets, const std::string& rate) const {
    for (const std::string file : {"configs/imix.json", "configs/vxlan.yaml"}) {
      SCOPED_TRACE(file);
      const JsonText account =
          RunBetween(SourceFile(file), {"--port", "left", "--rx", "right", "--rate", rate,
                                        "--packets", std::to_string(packets)});
      ExpectArrived(account, 0, 1);
      EXPECT_EQ(Figure(account, 0, "tx_packets"), packets);
      EXPECT_EQ(Figure(account, 1, "rx_bytes"), Figure(account, 0, "tx_bytes"));
    }
  }
};

TEST_F(Switches, ABridgeForwardsAllFrames) {
  if (!HasDevice("ip link add bridge0 type bridge mcast_snooping 0 && ip link set bridge0 up\n"
                 "for at in left right; do ip link set $at master bridge0; done",
                 "bridge")) {
    GTEST_SKIP() << missing_;
  }
  ExpectForwarded(10'000, "20kpps");
}

class OpenVSwitch : public Switches {
 protected:
  void TearDown() override {
    AtDevice("for at in vswitchd ovsdb; do [ ! -f " + dir_.path() + "/$at.pid ] || kill $(cat " +
             dir_.path() + "/$at.pid); done");
  }
};

TEST_F(OpenVSwitch, ForwardsAllFrames) {
  const std::string start = "cd " + dir_.path() + R"(
export OVS_RUNDIR=$PWD OVS_LOGDIR=$PWD PATH=$PATH:/usr/sbin
ovsdb-tool create conf.db /usr/share/openvswitch/vswitch.ovsschema
ovsdb-server conf.db --remote=punix:$PWD/db.sock --pidfile=$PWD/ovsdb.pid --detach --no-chdir --log-file=$PWD/db.log
ovs="ovs-vsctl --db=unix:$PWD/db.sock --timeout=20"
$ovs --no-wait init
nice -n -15 ovs-vswitchd unix:$PWD/db.sock --pidfile=$PWD/vswitchd.pid --detach --no-chdir --log-file=$PWD/vswitchd.log
$ovs add-br br0 -- set bridge br0 datapath_type=netdev
$ovs add-port br0 left -- add-port br0 right
)";
  if (!HasDevice(start, "Open vSwitch")) GTEST_SKIP() << missing_;
  // It receives by sockets that hold about a hundred frames, so it must get its turn.
  ExpectForwarded(2'000, "2kpps");
}

}  // namespace
}  // namespace spate::testing
