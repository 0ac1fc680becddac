// By which port a message leaves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/text.h"
#include "tests/template/sample.h"

namespace spate::tmpl {
namespace {

using ::testing::ElementsAre;

std::string Two(const std::string& flow, const std::string& server_behind = "right") {
  return Concat(R"({"spate": 1, "hosts": {
"clients": {"count": 10, "ipv4": {"increment": {"start": "198.18.0.1"}}, "behind": "left"},
"server": {"ipv4": "198.18.1.1", "port": 80, "behind": ")",
                server_behind, R"("}, "other": {"ipv4": "198.18.2.1"}},
"messages": {"ask": {"by": "client", "payload": {"text": "?"}}, "tell": {"by": "server", "payload": {"text": "!"}},
"plain": {"packet": [{"ethernet": {}}, {"ipv4": {"src": {"host": "server"}, "dst": {"host": "clients"}}}, {"udp": {}}]},
"lone": {"packet": [{"ethernet": {}}, {"ipv4": {"src": {"host": "other"}, "dst": {"host": "server"}}}, {"udp": {}}]}},
"flows": {"f": {)",
                flow, "}}}");
}

std::vector<uint32_t> PortsOf(const core::Scenario& scenario) {
  std::vector<uint32_t> ports;
  for (const core::Message& message : scenario.messages) ports.push_back(message.port);
  return ports;
}

constexpr char kConversation[] =
    R"("client": "clients", "server": "server", "tcp": {}, "steps": [{"send": "ask"}, {"send": "tell"}])";

TEST(Ports, OneWithoutANameIsTheDefault) {
  const core::Scenario scenario = MustCompile(FlowTemplate(R"("message": "a")"));
  EXPECT_THAT(scenario.ports, ElementsAre(""));
  EXPECT_THAT(PortsOf(scenario), ElementsAre(0));
}

TEST(Ports, EachSideOfAConversationLeavesByItsOwn) {
  const core::Scenario scenario = MustCompile(Two(kConversation));
  EXPECT_THAT(scenario.ports, ElementsAre("left", "right"));
  EXPECT_THAT(PortsOf(scenario), ElementsAre(0, 1));
}

TEST(Ports, APlainMessageLeavesBehindItsSource) {
  EXPECT_THAT(PortsOf(MustCompile(Two(R"("message": "plain")"))), ElementsAre(1));
  EXPECT_THAT(PortsOf(MustCompile(Two(R"("message": "lone")"))), ElementsAre(0))
      << "hosts behind no port stand behind the first";
}

TEST(Ports, AFlowsPortTakesAllOfIt) {
  const core::Scenario scenario = MustCompile(Two(Concat(R"("port": "tap", )", kConversation)));
  EXPECT_THAT(scenario.ports, ElementsAre("left", "right", "tap"));
  EXPECT_THAT(PortsOf(scenario), ElementsAre(2, 2));
}

TEST(Ports, BothSidesBehindOnePortAreAFault) {
  EXPECT_EQ(FaultsOf(Two(kConversation, "left")),
            "t.json:7: $.flows.f.server: found client and server, both behind \"left\", expected "
            "hosts behind two ports, or \"port\" on the flow by which both sides leave");
}

TEST(Ports, NamesArePlainWords) {
  EXPECT_EQ(FaultsOf(Two(R"("port": "a b", "message": "plain")")),
            "t.json:7: $.flows.f.port: found \"a b\", expected a name of letters, digits, _ and -");
}

}  // namespace
}  // namespace spate::tmpl
