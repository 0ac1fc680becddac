// Drafts as models write them: read, refused with reasons, checked against the sample.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "generator/prompt/calibrate.h"
#include "generator/prompt/digest.h"
#include "generator/prompt/draft.h"
#include "generator/prompt/draft_keys.h"
#include "generator/prompt/prompt.h"
#include "template/node.h"
#include "tests/generator/office.h"

namespace spate::generator {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

std::string FaultsOf(const OutlineService& service, const std::string& answer) {
  return std::string(ReadDraft(answer, OfficeOutline(), service).status().message());
}

TEST(PromptDraft, TakesAGoodAnswerWithWhateverIsAroundIt) {
  const OutlineService& ssh = ServiceNamed("ssh");
  const std::string good = ChainDraft(ssh);
  for (const std::string& answer :
       {good, "```json\n" + good + "\n```", "Of course! {x}\n" + good + "\nDone."}) {
    const auto draft = ReadDraft(answer, OfficeOutline(), ssh);
    ASSERT_TRUE(draft.ok()) << draft.status();
    EXPECT_EQ(draft->service, "ssh");
    EXPECT_EQ(draft->about, "It talks.");
    EXPECT_EQ(draft->group, "office devices");
    EXPECT_EQ(draft->behaviour, DraftBehaviour::kChain);
    EXPECT_EQ(draft->clock, DraftClock::kEvery);
    EXPECT_THAT(draft->steps, SizeIs(ssh.messages.size()));
  }
}

struct BadDraft {
  const char* name;
  const char* answer;  // about dns
  const char* fault;   // a part of what is said about it
};

void PrintTo(const BadDraft& draft, std::ostream* out) { *out << draft.name; }

class PromptBadDraft : public ::testing::TestWithParam<BadDraft> {};

TEST_P(PromptBadDraft, IsExplained) {
  EXPECT_THAT(FaultsOf(ServiceNamed("dns"), GetParam().answer), HasSubstr(GetParam().fault));
}

INSTANTIATE_TEST_SUITE_P(
    , PromptBadDraft,
    ::testing::Values(
        BadDraft{"prose", "I am sorry.", "the answer holds no JSON object"},
        BadDraft{"cut", R"({"behaviour":"chain","clock":"ev)", "breaks off before its end"},
        BadDraft{"not_json", R"({"behaviour": })", "$.behaviour: found \"}\", expected JSON"},
        BadDraft{"no_keys", "{}", "$: found no \"behaviour\", expected the key \"behaviour\""},
        BadDraft{"wrong_key", R"({"behavior":"chain","clock":"every","steps":["query"]})",
                 "$.behavior: found the unknown key \"behavior\""},
        BadDraft{"wrong_behaviour", R"({"behaviour":"chian","clock":"every","steps":["query"]})",
                 "$.behaviour: found \"chian\", expected \"exchange\", \"sequence\", \"loop\" or "
                 "\"chain\" (did you mean \"chain\"?)"},
        BadDraft{"wrong_clock", R"({"behaviour":"chain","clock":5,"steps":["query"]})",
                 "$.clock: found 5, expected \"once\""},
        BadDraft{"wrong_about", R"({"about":[],"behaviour":"chain","clock":"every","steps":[]})",
                 "$.about: found an empty list, expected a text"},
        BadDraft{"steps_no_list", R"({"behaviour":"chain","clock":"every","steps":"query"})",
                 "$.steps: found \"query\", expected a list of 1 to 32 messages"},
        BadDraft{"no_steps", R"({"behaviour":"chain","clock":"every","steps":[]})",
                 "expected a list of 1 to 32 messages"},
        BadDraft{"unknown_message", R"({"behaviour":"chain","clock":"every","steps":["qery"]})",
                 "$.steps[0]: found \"qery\", expected"},
        BadDraft{"odd_exchange", R"({"behaviour":"exchange","clock":"every","steps":["query"]})",
                 "pairs of request and response, found 1 steps"},
        BadDraft{"one_side",
                 R"({"behaviour":"exchange","clock":"every","steps":["query","query"]})",
                 "\"query\" and \"query\" are both sent by the client"},
        BadDraft{"left_out", R"({"behaviour":"chain","clock":"every","steps":["query"]})",
                 "expected 85 % or more; not among the steps: \"answer\" (50 % of the packets)"}),
    [](const auto& instance) { return instance.param.name; });

TEST(PromptDraft, OffersNoExchangesOverTcp) {
  EXPECT_THAT(FaultsOf(ServiceNamed("http"),
                       R"({"behaviour":"exchange","clock":"every","steps":["get","reply_200"]})"),
              HasSubstr("found \"exchange\", expected \"sequence\", \"loop\" or \"chain\""));
}

TEST(PromptDraft, IsTotal) {
  const OutlineService& ssh = ServiceNamed("ssh");
  const std::string good = ChainDraft(ssh);
  for (size_t i = 0; i < good.size(); i += 3) {
    std::string bad = good;
    bad[i] = static_cast<char>(0x80 + i % 128);
    FaultsOf(ssh, bad);
    bad[i] = '{';
    FaultsOf(ssh, bad);
    FaultsOf(ssh, good.substr(i));
    EXPECT_FALSE(ReadDraft(good.substr(0, i), OfficeOutline(), ssh).ok()) << i;
  }
}

DraftService Drafted(const OutlineService& service, DraftBehaviour behaviour,
                     const std::vector<std::string>& steps) {
  DraftService draft;
  draft.service = service.name;
  draft.behaviour = behaviour;
  for (const std::string& step : steps) draft.steps.push_back(service.Find(step));
  return draft;
}

TEST(PromptCheck, RefusesSequencesThatAreFarFromTheSample) {
  const OutlineService& modbus = ServiceNamed("modbus");
  const std::vector<std::string> all = MessageIds(modbus);
  EXPECT_THAT(
      CheckAgainstSample(OfficeOutline(), modbus, Drafted(modbus, DraftBehaviour::kSequence, all)),
      AllOf(HasSubstr("packets a conversation, the sample has"), HasSubstr("\"loop\"")));
  const std::vector<std::string> backwards(all.rbegin(), all.rend());
  EXPECT_THAT(CheckAgainstSample(OfficeOutline(), modbus,
                                 Drafted(modbus, DraftBehaviour::kLoop, backwards)),
              HasSubstr("in the sample, \""));
}

Amounts Made(const OutlineService& service, const DraftService& draft) {
  Typing typing = OfficeOutline().typing;
  Amounts made;
  for (const Members& members : PartMembers(Office(), service)) {
    const Behaviour b = Calibrate(Office(), members, draft, typing);
    const Amounts part = AmountsOf(b, members.conversations.size(), Office(), typing);
    made.packets += part.packets;
    made.bytes += part.bytes;
  }
  return made;
}

TEST(PromptCheck, CalibratedChainsKeepTheSamplesAmounts) {
  for (const OutlineService& service : OfficeOutline().services) {
    const Amounts made =
        Made(service, Drafted(service, DraftBehaviour::kChain, MessageIds(service)));
    EXPECT_NEAR(made.packets / static_cast<double>(service.packets), 1, 0.02) << service.name;
    EXPECT_NEAR(made.bytes / static_cast<double>(service.bytes), 1, 0.1) << service.name;
  }
}

TEST(PromptCheck, CalibratesExchangesFromThePairsOfTheSample) {
  for (const char* name : {"dns", "ntp"}) {
    const OutlineService& service = ServiceNamed(name);
    ASSERT_THAT(service.messages, SizeIs(2));
    const DraftService draft = Drafted(service, DraftBehaviour::kExchange,
                                       {service.messages[0].id, service.messages[1].id});
    EXPECT_EQ(CheckAgainstSample(OfficeOutline(), service, draft), "") << name;
  }
}

TEST(PromptCheck, CalibratesLoopsToTheLengthAndDurationOfConversations) {
  const OutlineService& modbus = ServiceNamed("modbus");
  DraftService draft = Drafted(modbus, DraftBehaviour::kLoop,
                               {"read_holding_request", "read_holding_reply", "client_ack"});
  for (const char* id : {"syn", "syn_ack", "client_ack"}) draft.opening.push_back(modbus.Find(id));
  for (const char* id : {"client_fin", "server_fin", "client_ack"}) {
    draft.closing.push_back(modbus.Find(id));
  }
  EXPECT_EQ(CheckAgainstSample(OfficeOutline(), modbus, draft), "");
  const Amounts made = Made(modbus, draft);
  EXPECT_NEAR(made.packets / static_cast<double>(modbus.packets), 1, 0.02);
}

TEST(PromptDigest, IsShortAndNamesEveryMessage) {
  for (const OutlineService& service : OfficeOutline().services) {
    const std::string digest = Digest(OfficeOutline(), service);
    EXPECT_LT(digest.size(), 2500u) << service.name;
    EXPECT_THAT(digest, HasSubstr("Service " + service.name + " ("));
    for (const OutlineMessage& m : service.messages) EXPECT_THAT(digest, HasSubstr(m.id + ": "));
  }
}

TEST(PromptOutline, IsBounded) {
  const Outline small = MakeOutline(Office(), {.services = 3, .messages = 2});
  EXPECT_THAT(small.services, SizeIs(3));
  for (const OutlineService& service : small.services) {
    EXPECT_LE(service.messages.size(), 2u);
    EXPECT_EQ(service.conversations.size(),
              Office().services[service.service].conversations.size());
  }
}

TEST(PromptSchema, KnowsTheServicesMessagesAndNothingElse) {
  const OutlineService& http = ServiceNamed("http");
  const std::string schema = DraftSchema(OfficeOutline(), http);
  tmpl::Faults faults("");
  tmpl::ParseJson(schema, faults);
  EXPECT_TRUE(faults.empty());
  for (const OutlineMessage& m : http.messages) EXPECT_THAT(schema, HasSubstr("\"" + m.id + "\""));
  EXPECT_THAT(schema, AllOf(HasSubstr("\"chain\""), Not(HasSubstr("\"exchange\""))));
  EXPECT_THAT(DraftSchema(OfficeOutline(), ServiceNamed("dns")), HasSubstr("\"exchange\""));
}

TEST(PromptSchema, EveryKeyAndChoiceIsExplained) {
  for (const DraftKey& key : DraftKeys()) {
    EXPECT_THAT(SystemPrompt(), HasSubstr(std::string(key.name)));
  }
  for (const std::string& name : BehaviourNames(Protocol::kUdp)) {
    EXPECT_THAT(SystemPrompt(), HasSubstr(name));
  }
  for (const std::string& name : DraftClockNames()) EXPECT_THAT(SystemPrompt(), HasSubstr(name));
}

}  // namespace
}  // namespace spate::generator
