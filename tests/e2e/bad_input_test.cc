// Whatever is wrong, spate says so once, in one way, and leaves no half-written file.
#include <grp.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/e2e/process.h"
#include "tests/e2e/templates.h"

namespace spate::testing {
namespace {

using Words = std::vector<std::string>;

size_t Occurrences(const std::string& text, const std::string& what) {
  size_t count = 0;
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += what.size()) ++count;
  return count;
}

// One "spate: error:" line, the text, no output, no new file.
void ExpectOneError(const Outcome& outcome, int exit_code, const std::string& text) {
  EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err;
  EXPECT_EQ(Occurrences(outcome.err, "spate: error: "), 1u) << outcome.err;
  EXPECT_NE(outcome.err.find(text), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.out, "");
}

// The flood with one piece replaced.
std::string FloodWith(const std::string& piece, const std::string& by) {
  std::string text = FloodJson();
  const size_t at = text.find(piece);
  EXPECT_NE(at, std::string::npos) << piece;
  return text.replace(at, piece.size(), by);
}

struct BadTemplate {
  const char* name;
  std::string text;
  const char* says;  // with the place, which is what a person needs most
};

class BadTemplates : public ::testing::TestWithParam<BadTemplate> {};

TEST_P(BadTemplates, AreRefusedWithTheirPlace) {
  const TempDir dir;
  const std::string file = dir.Write("t.json", GetParam().text);
  for (const Words& command : {Words{"check", file}, Words{"show", file},
                               Words{"run", file, "--port", dir / "out.pcap", "--packets", "10"}}) {
    ExpectOneError(Execute(command), 1, GetParam().says);
  }
  EXPECT_EQ(dir.Names(), std::vector<std::string>{"t.json"});
}

constexpr char kCycle[] = R"({
  "spate": 1,
  "messages": {"m": {"packet": [{"ethernet": {}}, {"ipv4": {}}, {"udp": {}}]}},
  "flows": {"f": {"steps": [
    {"chain": {"start": "a", "states": {"a": {"send": "m", "next": [{"to": "a"}]}}}}]}}
})";

INSTANTIATE_TEST_SUITE_P(
    E2e, BadTemplates,
    ::testing::Values(
        BadTemplate{"NotJson", "{\n  hello\n}", "t.json:2"}, BadTemplate{"Empty", "", "t.json:1"},
        BadTemplate{"UnknownKey", FloodWith("\"size\"", "\"sise\""), "(did you mean \"size\"?)"},
        BadTemplate{"WrongType", FloodWith("\"dst_port\": 9", "\"dst_port\": \"ninety\""),
                    "t.json:9: $.messages.m.packet[2].udp.dst_port"},
        BadTemplate{"UndefinedName", FloodWith("\"message\": \"m\"", "\"message\": \"mm\""),
                    "t.json:14: $.flows.flood.message"},
        BadTemplate{"Cycle", kCycle, "a cycle through \"a\""},
        BadTemplate{"TooSmall", FloodJson(20), "$.messages.m"},
        BadTemplate{"RateOfZero", FloodWith("10kpps", "0pps"), "t.json:14: $.flows.flood.rate"},
        BadTemplate{"InfiniteMean",
                    FloodWith("\"rate\": \"10kpps\"",
                              R"("every": {"pareto": {"scale": "1ms", "shape": 0.9}})"),
                    "t.json:14: $.flows.flood.every"},
        BadTemplate{"TwoFlowsOfOneName",
                    FloodWith("\"flows\": {", R"("flows": {"flood": {"message": "m"}, )"),
                    "t.json:14: $.flows.flood"},
        BadTemplate{"HeaderThatCannotFollow", FloodWith("{\"ipv4\"", "{\"udp\""),
                    "$.messages.m.packet[1]"},
        BadTemplate{"ShareOfTheUnknownLine", FloodWith("10kpps", "10%"),
                    "t.json:14: $.flows.flood.rate"},
        BadTemplate{
            "ScheduleWithoutRate",
            FloodWith("\"rate\": \"10kpps\"", R"("schedule": [{"for": "1s", "rate": "0pps"}])"),
            "t.json:14: $.flows.flood.schedule"},
        BadTemplate{"NoCapture", FloodWith("\"message\": \"m\"", R"("capture": "no.pcap")"),
                    "t.json:14: $.flows.flood.capture"}),
    [](const auto& tested) { return tested.param.name; });

// A conversation with itself: both of its ends are one.
constexpr char kOneEnd[] = R"({
  "spate": 1,
  "hosts": {"a": {"ipv4": "198.18.0.1"}, "b": {"ipv4": "198.18.0.1"}},
  "messages": {"m": {"by": "client"}},
  "flows": {
    "talk": {"client": "a", "server": "b", "udp": {"port": 123, "client_port": 123}, "rate": "1pps", "message": "m"}
  }
})";

TEST(TemplateFiles, AConversationWhosePortsCoincide) {
  const TempDir dir;
  ExpectOneError(Execute({"check", dir.Write("t.json", kOneEnd)}), 1,
                 "t.json:6: $.flows.talk.client: found port 123 of one address on both sides");
}

// A recording of plain IP packets, which no Ethernet device takes.
TEST(TemplateFiles, ALinkTypeThatThePortCannotCarry) {
  constexpr char kRawIp[] =
      "\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\xff\xff\0\0\x65\0\0\0"
      "\0\0\0\0\0\0\0\0\x14\0\0\0\x14\0\0\0"
      "E\0\0\x14\0\0\0\0@\xfd\0\0\xc6\x12\0\x01\xc6\x13\0\x01";
  const TempDir dir;
  const std::string file = dir.Write("raw.pcap", std::string(kRawIp, sizeof kRawIp - 1));
  ExpectOneError(Execute({"replay", file, "--port", "net_null0"}), 1,
                 "port net_null0: found IP frames, expected Ethernet frames");
  // Whatever has a short name or is an interface, too; the place is that of the first header.
  const std::string plug = SourceFile("configs/zigbee-smart-plug.json");
  for (const std::string port : {"lo", "xdp:lo", "tap:spate0", "memif:/nowhere"}) {
    const Outcome outcome = Execute({"run", plug, "--duration", "1s", "--port", port});
    ExpectOneError(outcome, 1, "found IEEE 802.15.4 frames for port " + port);
    EXPECT_NE(outcome.err.find("zigbee-smart-plug.json:"), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find(".packet[0]"), std::string::npos) << outcome.err;
  }
  ExpectOneError(Execute({"run", plug, "--duration", "1s", "--rx", "lo"}), 1,
                 "port lo: found IEEE 802.15.4 frames");
}

// Both sides of a conversation, and a plain flow by a third port.
constexpr char kSides[] = R"({
  "spate": 1,
  "hosts": {"a": {"ipv4": "198.18.0.1", "behind": "left"}, "b": {"ipv4": "198.19.0.1", "behind": "right"}},
  "flows": {
    "talk": {"client": "a", "server": "b", "tcp": {"port": 80}, "rate": "10pps", "steps": [{"client": 100}]}
  }
})";

TEST(TemplateFiles, BothSidesBehindOnePort) {
  const TempDir dir;
  std::string text = kSides;
  text.replace(text.find("\"right\""), 7, "\"left\"");
  ExpectOneError(Execute({"check", dir.Write("t.json", text)}), 1,
                 "t.json:5: $.flows.talk.server: found client and server, both behind \"left\"");
}

TEST(TemplateFiles, PortsThatDoNotFitTheTemplate) {
  const TempDir dir;
  const std::string file = dir.Write("t.json", kSides);
  const auto expect = [&](const Words& ports, const std::string& text) {
    Words words = {"run", file, "--duration", "1s"};
    for (const std::string& port : ports) words.insert(words.end(), {"--port", port});
    ExpectOneError(Execute(words), 2, text);
  };
  expect({"lift=a.pcap", "right=b.pcap"},
         "--port lift=a.pcap: the template's ports are left, right; did you mean left?");
  expect({"left=a.pcap", "left=b.pcap"}, "--port left is bound twice: a.pcap and b.pcap");
  expect({"left=a.pcap"}, "the template's port right is not bound: add --port right=PORT");
  expect({"a.pcap", "b.pcap", "c.pcap"}, "--port c.pcap is one too many");
  expect({"left=none", "right=none"}, "nothing would be sent");
  expect({"left="}, "--port without a port");
  EXPECT_EQ(dir.Names(), std::vector<std::string>{"t.json"});
}

// The flood in YAML; whatever it is named, it is read as such.
TEST(TemplateFiles, NotYaml) {
  const TempDir dir;
  const std::string file = dir.Write("t.yaml", "spate: 1\nflows: {f: [\nmessages: }\n");
  ExpectOneError(Execute({"check", file}), 1, "t.yaml:");
  ExpectOneError(Execute({"fmt", file}), 1, "what is no YAML");
  const std::string typo = dir.Write("u.yml", "spate: 1\nflows:\n  f: {mesage: m, rate: 1kpps}\n");
  ExpectOneError(Execute({"run", typo}), 1, "u.yml:3: $.flows.f.mesage");
}

TEST(TemplateFiles, TooLongOrTooDeep) {
  const TempDir dir;
  for (const char* name : {"t.json", "t.yaml"}) {
    std::string text = "{\"spate\": 1, \"description\": \"";
    text.append(100'000'000, 'x');
    ExpectOneError(Execute({"check", dir.Write(name, text + "\"}")}), 1, "at most ");
    text = "{\"a\": ";
    text.append(10'000, '[').append(10'000, ']');
    ExpectOneError(Execute({"check", dir.Write(name, text + "}")}), 1, "at most 64 levels");
  }
}

TEST(TemplateFiles, CyclesOfInclusion) {
  const TempDir dir;
  const std::string file =
      dir.Write("a.json", R"({"spate": 1, "include": ["b.yaml"], "flows": {}})");
  dir.Write("b.yaml", "spate: 1\ninclude: [a.json]\n");
  const Outcome outcome = Execute({"check", file});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("b.yaml:2: $.include[0]: found a cycle: a.json → b.yaml → a.json"),
            std::string::npos)
      << outcome.err;
}

// Longer than a radio takes, whether it is sent or carried in a tunnel.
TEST(TemplateFiles, ARadioFrameThatIsTooLong) {
  const TempDir dir;
  const auto of = [&](const std::string& headers) {
    return Execute({"check", dir.Write("t.json", R"({"spate": 1, "messages": {"m": {
      "packet": [)" + headers + R"({"ieee802154": {}}], "payload": {"hex": ")" +
                                                     std::string(240, '0') + R"("}}},
      "flows": {"f": {"message": "m", "rate": "1kpps"}}})")});
  };
  const std::string found =
      "$.messages.m: found an IEEE 802.15.4 frame of 131 bytes, expected at most 127";
  ExpectOneError(of(""), 1, found);
  ExpectOneError(of(R"({"ethernet": {}}, {"ipv4": {}}, {"udp": {}}, {"zep": {}}, )"), 1, found);
}

class BadInput : public ::testing::Test {
 protected:
  const TempDir dir_;
  const std::string flood_ = dir_.Write("flood.json", FloodJson());
};

TEST_F(BadInput, EveryFaultOfAFileAtOnce) {
  std::string text = FloodWith("\"size\"", "\"sise\"");
  text.replace(text.find("10kpps"), 6, "10kpp");
  const Outcome outcome = Execute({"check", dir_.Write("two.json", text)});
  ExpectOneError(outcome, 1, "spate: error: 2 faults in ");
  EXPECT_EQ(Occurrences(outcome.err, "\n"), 3u) << outcome.err;
}

TEST_F(BadInput, MissingTemplate) {
  ExpectOneError(Execute({"run", dir_ / "no.json"}), 1, "no.json: ");
}

TEST_F(BadInput, UnknownPort) {
  const Outcome outcome = Execute({"run", flood_, "--port", "nul", "--packets", "1"});
  ExpectOneError(outcome, 1, "unknown port \"nul\"");
  EXPECT_NE(outcome.err.find("did you mean \"null\""), std::string::npos) << outcome.err;
}

TEST_F(BadInput, PortInAMissingDirectory) {
  ExpectOneError(Execute({"run", flood_, "--port", dir_ / "no/out.pcap", "--packets", "1"}), 1,
                 "No such file or directory");
}

TEST_F(BadInput, AFloodIntoAFileNeedsAnEnd) {
  ExpectOneError(Execute({"run", flood_, "--port", dir_ / "out.pcap", "--quiet"}), 1, "--duration");
  EXPECT_EQ(dir_.Names(), std::vector<std::string>{"flood.json"});
}

TEST_F(BadInput, WrongUsage) {
  ExpectOneError(Execute({}), 2, "`spate -h`");
  ExpectOneError(Execute({"rnu", flood_}), 2, "(did you mean \"run\"?)");
  ExpectOneError(Execute({"run", flood_, "--prot", "null"}), 2, "(did you mean \"--port\"?)");
  ExpectOneError(Execute({"run"}), 2, "TEMPLATE");
  ExpectOneError(Execute({"run", flood_, "--rate", "fast"}), 2, "--rate");
  ExpectOneError(Execute({"run", flood_, "--duration", "soon"}), 2, "--duration");
  ExpectOneError(Execute({"run", flood_, "--seed", "x"}), 2, "--seed");
  ExpectOneError(Execute({"run", flood_, "--late", "never"}), 2, "--late");
  ExpectOneError(Execute({"show", flood_, "--plan", "--full"}), 2, "--plan");
  ExpectOneError(Execute({"run", flood_, flood_}), 2, "one template");
  ExpectOneError(Execute({"run", flood_, "--port", "null", "--port", "null"}), 2, "one port");
  ExpectOneError(Execute({"check", flood_, "--set", "users"}), 2, "users");
}

TEST_F(BadInput, EmptyCapture) {
  const std::string empty = dir_.Write("empty.pcap", "");
  ExpectOneError(Execute({"fit", empty, "-o", dir_ / "t.json"}), 1, "empty.pcap");
  ExpectOneError(Execute({"score", empty, "--sample", empty}), 1, "empty.pcap");
  EXPECT_EQ(dir_.Names(), (std::vector<std::string>{"empty.pcap", "flood.json"}));
}

TEST_F(BadInput, TruncatedCapture) {
  const std::string whole = ReadWholeFile(SourceFile("configs/samples/office-iot.pcapng"));
  ASSERT_GT(whole.size(), 10'001u);
  const std::string cut = dir_.Write("cut.pcapng", whole.substr(0, 10'001));
  ExpectOneError(Execute({"fit", cut, "-o", dir_ / "t.json"}), 1, "cut.pcapng");
  EXPECT_EQ(dir_.Names(), (std::vector<std::string>{"cut.pcapng", "flood.json"}));
}

TEST_F(BadInput, ATemplateIsNoCapture) {
  ExpectOneError(Execute({"fit", flood_}), 1, "flood.json");
}

TEST_F(BadInput, AnExistingTemplateIsKept) {
  const std::string sample = SourceFile("configs/samples/office-iot.pcapng");
  ExpectOneError(Execute({"fit", sample, "-o", flood_}), 1, "--force");
  EXPECT_EQ(ReadWholeFile(flood_), FloodJson());
}

TEST_F(BadInput, ModelDown) {
  const std::string sample = SourceFile("configs/samples/office-iot.pcapng");
  // Port 1 (tcpmux) answers nowhere.
  const Outcome outcome = Execute({"generate", sample, "--model", "http://127.0.0.1:1/v1",
                                   "--model-name", "m", "--retries", "0", "-o", dir_ / "t.json"});
  ExpectOneError(outcome, 1, "http://127.0.0.1:1/v1");
  EXPECT_EQ(dir_.Names(), std::vector<std::string>{"flood.json"});
}

// A user without rights, from here to the program.
bool BecomeNobody() {
  constexpr uid_t kNobody = 65534;
  return setgroups(0, nullptr) == 0 && setgid(kNobody) == 0 && setuid(kNobody) == 0;
}

TEST_F(BadInput, NoRights) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become a user without rights";
  const ProcessOptions nobody{
      .program = "", .terminal = false, .environment = {}, .in_child = BecomeNobody};
  const Outcome live =
      Execute({"run", flood_, "--port", "lo", "--packets", "1", "--quiet"}, nobody);
  if (live.exit_code == kCannotExecute) GTEST_SKIP() << "nobody may not run the binary";
  ExpectOneError(live, 1, "CAP_NET_RAW");
  const std::string out = dir_ / "out.pcap";
  ExpectOneError(Execute({"run", flood_, "--port", out, "--packets", "1", "--quiet"}, nobody), 1,
                 "Permission denied");
  const Outcome null = Execute({"run", flood_, "--packets", "10", "--quiet"}, nobody);
  EXPECT_EQ(null.exit_code, 0) << null.err;
}

// A file system of 128 kB.
class SmallDisk {
 public:
  explicit SmallDisk(const std::string& path) : path_(path) {
    mkdir(path_.c_str(), 0755);
    mounted_ = mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=128k") == 0;
  }
  ~SmallDisk() {
    if (mounted_) umount(path_.c_str());
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  bool mounted() const { return mounted_; }

 private:
  const std::string path_;
  bool mounted_ = false;
};

TEST_F(BadInput, FullDisk) {
  const SmallDisk disk(dir_ / "disk");
  if (!disk.mounted()) GTEST_SKIP() << "no right to mount a small file system";
  const std::string out = dir_ / "disk/out.pcap";
  const Outcome outcome = Execute({"run", flood_, "--port", out, "--packets", "100k", "--quiet"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(Occurrences(outcome.err, "spate: error: "), 1u) << outcome.err;
  EXPECT_NE(outcome.err.find("No space left on device"), std::string::npos) << outcome.err;
  // The account is true all the same.
  EXPECT_NE(outcome.out.find("dropped "), std::string::npos) << outcome.out;
  EXPECT_TRUE(std::filesystem::is_empty(dir_ / "disk"));
}

}  // namespace
}  // namespace spate::testing
