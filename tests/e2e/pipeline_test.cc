// From a capture to a template and back, and what commands print for programs and people.
#include <gtest/gtest.h>

#include <string>

#include "packet/frame.h"
#include "tests/e2e/captures.h"
#include "tests/e2e/json.h"
#include "tests/e2e/process.h"
#include "tests/e2e/templates.h"

namespace spate::testing {
namespace {

class Pipeline : public ::testing::Test {
 protected:
  const TempDir dir_;
};

TEST_F(Pipeline, SampleFitCheckRunScore) {
  const std::string sample = SourceFile("configs/samples/office-iot.pcapng");
  const std::string made = dir_ / "office.json", capture = dir_ / "out.pcapng";
  const Outcome fit = Execute({"fit", sample, "-o", made});
  ASSERT_EQ(fit.exit_code, 0) << fit.err;
  EXPECT_EQ(fit.out, "");
  EXPECT_NE(fit.err.find("mqtt"), std::string::npos) << fit.err;

  const Outcome check = Execute({"check", made});
  ASSERT_EQ(check.exit_code, 0) << check.err;
  EXPECT_NE(check.out.find(": ok: "), std::string::npos) << check.out;

  const Outcome run = Execute({"run", made, "--port", capture, "--json", "--quiet"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const std::vector<Bytes> frames = ReadFrames(capture);
  EXPECT_EQ(frames.size(), JsonText(run.out).Integer("/sent"));
  for (const Bytes& frame : frames) {
    const absl::Status sums =
        packet::VerifyChecksums(frame.data(), frame.size(), packet::LinkType::kEthernet);
    ASSERT_TRUE(sums.ok()) << sums;
  }

  const Outcome score = Execute({"score", capture, "--sample", sample, "--json"});
  ASSERT_EQ(score.exit_code, 0) << score.err;
  const JsonText comparison(score.out);
  EXPECT_GE(comparison.Size("/services"), 4u);
  EXPECT_LE(comparison.Real("/worst"), 0.15);
}

TEST_F(Pipeline, FitToStandardOutputIsTheTemplateAlone) {
  const Outcome fit = Execute({"fit", SourceFile("configs/samples/office-iot.pcapng")});
  ASSERT_EQ(fit.exit_code, 0) << fit.err;
  EXPECT_EQ(JsonText(fit.out).Integer("/spate"), 1u);
  const Outcome check = Execute({"check", dir_.Write("t.json", fit.out)});
  EXPECT_EQ(check.exit_code, 0) << check.err;
}

TEST_F(Pipeline, ShowDecodes) {
  const std::string file = dir_.Write("t.json", FloodJson());
  const Outcome table = Execute({"show", file, "--packets", "3"});
  ASSERT_EQ(table.exit_code, 0) << table.err;
  EXPECT_NE(table.out.find("No.         Time  Source      Destination  Protocol  Length  Info\n"),
            std::string::npos)
      << table.out;
  EXPECT_NE(table.out.find("  3  0.000200000  198.18.0.3  198.19.0.1   UDP           64  "),
            std::string::npos)
      << table.out;
  const Outcome json = Execute({"show", file, "--json"});
  const JsonText packets(json.out);
  EXPECT_EQ(packets.Size("/packets"), 20u);
  EXPECT_EQ(packets.String("/packets/1/source"), "198.18.0.2");
  EXPECT_EQ(packets.Real("/packets/1/time_s"), 0.0001);
}

TEST_F(Pipeline, ShowFullAndPlan) {
  const std::string file = dir_.Write("t.json", FloodJson());
  const Outcome full = Execute({"show", file, "--full"});
  ASSERT_EQ(full.exit_code, 0) << full.err;
  EXPECT_GT(full.out.size(), FloodJson().size() / 2);
  EXPECT_EQ(Execute({"check", dir_.Write("full.json", full.out)}).exit_code, 0);
  const Outcome plan = Execute({"show", file, "--plan"});
  EXPECT_EQ(plan.exit_code, 0) << plan.err;
  EXPECT_NE(plan.out.find("plan of \"flood\", seed 1: 10.0 kpps, 64.0 B a frame"),
            std::string::npos)
      << plan.out;
  EXPECT_NE(plan.out.find("\n1 flow, 0 table words\n"), std::string::npos) << plan.out;
}

TEST_F(Pipeline, ServiceTagsComeThroughTheFit) {
  const std::string file = dir_.Write("tags.json", R"({"spate": 1,
    "hosts": {"c": {"ipv4": "198.18.0.1"}, "s": {"ipv4": "198.19.0.1"}},
    "messages": {"q": {"by": "client", "payload": {"text": "question"}},
                 "a": {"by": "server", "payload": {"text": "answer, longer"}}},
    "flows": {"f": {"client": "c", "server": "s", "udp": {"port": 7000, "client_port": 7001},
      "packet": [{"qinq": {"id": 1001, "priority": 5}}, {"vlan": {"id": 7}}],
      "every": "100ms", "passes": 40,
      "steps": [{"exchange": {"request": "q", "response": "a", "delay": "3ms"}}]}}})");
  const std::string capture = dir_ / "tags.pcap";
  ASSERT_EQ(Execute({"run", file, "--port", capture, "--quiet"}).exit_code, 0);
  const Outcome fit = Execute({"fit", capture});
  ASSERT_EQ(fit.exit_code, 0) << fit.err;
  const std::string again = dir_.Write("fit.json", fit.out), copy = dir_ / "copy.pcap";
  const Outcome run = Execute({"run", again, "--port", copy, "--quiet"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const std::vector<Bytes> frames = ReadFrames(copy);
  ASSERT_GT(frames.size(), 40u);
  // Service tag of priority 5 and VLAN 1001, tag of VLAN 7, IPv4.
  const Bytes tags = {0x88, 0xa8, 0xa3, 0xe9, 0x81, 0x00, 0x00, 0x07, 0x08, 0x00};
  for (const Bytes& frame : frames) {
    EXPECT_EQ(Bytes(frame.begin() + 12, frame.begin() + 22), tags);
  }
}

TEST_F(Pipeline, CheckTellsProgramsToo) {
  const std::string good = dir_.Write("good.json", FloodJson());
  const std::string bad = dir_.Write("bad.json", "{\"spate\": 1, \"flows\": {\"f\": 3}}");
  const Outcome outcome = Execute({"check", good, bad, "--json"});
  EXPECT_EQ(outcome.exit_code, 1);
  const JsonText list(outcome.out);
  ASSERT_EQ(list.Size("/templates"), 2u);
  EXPECT_TRUE(list.Boolean("/templates/0/ok"));
  EXPECT_EQ(list.Real("/templates/0/planned_pps"), 10'000);
  EXPECT_EQ(list.Real("/templates/0/mean_frame_bytes"), 64);
  EXPECT_FALSE(list.Boolean("/templates/1/ok"));
  EXPECT_EQ(list.String("/templates/1/faults/0/path"), "$.flows.f");
}

TEST_F(Pipeline, PortsListsTheNullPort) {
  const Outcome table = Execute({"ports"});
  ASSERT_EQ(table.exit_code, 0) << table.err;
  EXPECT_NE(table.out.find("null"), std::string::npos);
  const Outcome json = Execute({"ports", "--json"});
  const JsonText ports(json.out);
  EXPECT_EQ(ports.String("/ports/0/name"), "null");
  EXPECT_TRUE(ports.Boolean("/ports/0/usable"));
  EXPECT_GE(ports.Size("/system"), 1u);
}

TEST_F(Pipeline, HelpAndVersionGoToStandardOutput) {
  const Outcome help = Execute({"-h"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_NE(help.out.find("generate"), std::string::npos);
  EXPECT_EQ(help.err, "");
  EXPECT_EQ(Execute({"help"}).out, help.out);
  EXPECT_EQ(Execute({"help", "run"}).out, Execute({"run", "-h"}).out);
  const Outcome version = Execute({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_EQ(version.out.substr(0, 6), "spate ");
}

// What bash would offer for this line, its last word unfinished.
std::string Completed(const std::string& line) {
  const std::string script =
      "source <(\"$0\" completion bash); COMP_WORDS=(" + line +
      "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _spate; echo \"${COMPREPLY[@]}\"";
  const Outcome outcome =
      Execute({"-c", script, SpateBinary()},
              {.program = "bash", .terminal = false, .environment = {}, .in_child = {}});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  return outcome.out;
}

TEST_F(Pipeline, BashCompletes) {
  EXPECT_EQ(Completed("spate ru"), "run\n");
  EXPECT_EQ(Completed("spate run --lc"), "--lcores\n");
  EXPECT_EQ(Completed("spate run --late ''"), "shift drop burst\n");
  EXPECT_EQ(Completed("spate completion z"), "zsh\n");
  const std::string file = dir_.Write("t.json", "");
  EXPECT_EQ(Completed("spate show " + dir_.path() + "/t"), file + "\n");
}

TEST_F(Pipeline, ZshScriptNamesEveryCommand) {
  const Outcome outcome = Execute({"completion", "zsh"});
  ASSERT_EQ(outcome.exit_code, 0);
  for (const char* command : {"run", "show", "check", "fit", "generate", "score", "ports"}) {
    EXPECT_NE(outcome.out.find("    " + std::string(command) + ")\n"), std::string::npos)
        << command;
  }
}

}  // namespace
}  // namespace spate::testing
