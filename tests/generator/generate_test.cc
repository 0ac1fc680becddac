// From a sample to a template by way of a model's server that misbehaves by script.
#include "generator/generate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "template/template.h"
#include "tests/fake_model/fake_model.h"
#include "tests/generator/office.h"

namespace spate::generator {
namespace {

using ::spate::testing::Act;
using ::spate::testing::FakeModel;
using ::spate::testing::Refuses;
using ::spate::testing::Says;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

// Drafts every service well, save that the n-th question about dns gets the n-th of `about_dns`.
FakeModel::Answer GoodSaveFor(std::vector<std::string> about_dns) {
  return [about_dns = std::move(about_dns), asked = size_t{0}](const std::string& body) mutable {
    const OutlineService& service = ServiceAskedFor(body);
    const bool bad = service.name == "dns" && asked < about_dns.size();
    return Says(bad ? about_dns[asked++] : ChainDraft(service), 40);
  };
}

GenerateOptions OptionsFor(const FakeModel& server) {
  GenerateOptions options;
  options.endpoint.base_url = server.base_url();
  options.limits.backoff = model::Limits::Duration(1);
  return options;
}

std::vector<std::string> RequestsAbout(const FakeModel& server, const std::string& service) {
  std::vector<std::string> bodies;
  for (const FakeModel::Request& request : server.requests()) {
    if (ServiceAskedFor(request.body).name == service) bodies.push_back(request.body);
  }
  return bodies;
}

TEST(Generate, MakesATemplateThatCompilesAndSaysWhoWroteWhat) {
  FakeModel server(GoodSaveFor({}));
  std::vector<std::string> told;
  const auto result = Generate(Office(), OptionsFor(server), [&](const GenerateProgress& p) {
    if (told.empty() || told.back() != p.text) told.push_back(p.text);
  });
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->rounds, 0);
  EXPECT_EQ(result->model, "fake-1");
  EXPECT_THAT(result->services, SizeIs(Office().services.size()));
  EXPECT_THAT(result->services, Each(Field(&ServiceOrigin::author, ServiceOrigin::Author::kModel)));
  EXPECT_THAT(told, AllOf(SizeIs(Office().services.size()), Contains("asking fake-1 about dns")));
  EXPECT_THAT(result->tmpl.description, HasSubstr("dns: It talks."));
  const auto again = tmpl::Read(tmpl::Print(result->tmpl), "t.json");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(tmpl::Compile(*again).ok()) << tmpl::Compile(*again).status();
}

TEST(Generate, SendsFaultsBackAndTakesTheMendedAnswer) {
  FakeModel server(GoodSaveFor({R"({"behavior":"chain","clock":"every","steps":["qery"]})"}));
  const auto result = Generate(Office(), OptionsFor(server));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->rounds, 1);
  const std::vector<std::string> about_dns = RequestsAbout(server, "dns");
  ASSERT_THAT(about_dns, SizeIs(2));
  EXPECT_THAT(about_dns[0], Not(HasSubstr("Your answer has faults")));
  EXPECT_THAT(about_dns[1], AllOf(HasSubstr("Your answer has faults"),
                                  HasSubstr(R"(found the unknown key \"behavior\")"),
                                  HasSubstr(R"($.steps[0]: found \"qery\")")));
  EXPECT_THAT(RequestsAbout(server, "mqtt"), SizeIs(1));
  EXPECT_THAT(result->services, Each(Field(&ServiceOrigin::author, ServiceOrigin::Author::kModel)));
}

TEST(Generate, RecoversFromATruncatedAnswerAndProse) {
  const std::string good = ChainDraft(ServiceNamed("dns"));
  FakeModel server(GoodSaveFor(
      {good.substr(0, good.size() / 2), "Sorry, here it is:\n```json\n" + good + "\n```\n"}));
  const auto result = Generate(Office(), OptionsFor(server));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->rounds, 1);
  const std::vector<std::string> about_dns = RequestsAbout(server, "dns");
  ASSERT_THAT(about_dns, SizeIs(2));
  EXPECT_THAT(about_dns[1], HasSubstr("breaks off before its end"));
}

TEST(Generate, FillsInWhatIsStillWrongAfterThreeRoundsAndSaysSo) {
  FakeModel server(GoodSaveFor(std::vector<std::string>(4, "{}")));
  const auto result = Generate(Office(), OptionsFor(server));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->rounds, 3);
  EXPECT_THAT(RequestsAbout(server, "dns"), SizeIs(4));
  for (const ServiceOrigin& origin : result->services) {
    const bool filled = origin.author == ServiceOrigin::Author::kFit;
    EXPECT_EQ(filled, origin.service == "dns") << origin.service;
    EXPECT_EQ(filled, origin.reason.find("found no \"behaviour\"") != std::string::npos);
  }
  EXPECT_THAT(result->notes, Contains(HasSubstr("dns is filled in by the fit")));
}

TEST(Generate, NotesAClockThatTheSampleContradicts) {
  std::string draft = ChainDraft(ServiceNamed("dns"));
  draft.replace(draft.find("every"), 5, "grid");
  FakeModel server(GoodSaveFor({draft}));
  const auto result = Generate(Office(), OptionsFor(server));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->notes, Contains(HasSubstr("dns: the clock is the sample's, not \"grid\"")));
}

TEST(Generate, FailsWhenNothingIsUsable) {
  FakeModel server({Says("I cannot help with that.")});
  GenerateOptions options = OptionsFor(server);
  options.rounds = 1;
  const auto result = Generate(Office(), options);
  EXPECT_TRUE(absl::IsFailedPrecondition(result.status())) << result.status();
  EXPECT_THAT(std::string(result.status().message()),
              AllOf(HasSubstr("not usable"), HasSubstr("no JSON object")));
  EXPECT_THAT(server.requests(), SizeIs(2 * OfficeOutline().services.size()));
}

TEST(Generate, PassesOnTheServersRefusal) {
  FakeModel server({Refuses(401, "no such key")});
  const auto result = Generate(Office(), OptionsFor(server));
  EXPECT_TRUE(absl::IsUnauthenticated(result.status())) << result.status();
}

TEST(Generate, StopsWhenCancelled) {
  Act hang = Says("{\"behaviour\": \"chain\"", 5);
  hang.pieces.resize(3);
  hang.end = Act::End::kHang;
  FakeModel server({hang});
  std::atomic<bool> cancel{false};
  const auto result = Generate(
      Office(), OptionsFor(server), [&](const GenerateProgress& p) { cancel = p.tokens > 0; },
      &cancel);
  EXPECT_TRUE(absl::IsCancelled(result.status())) << result.status();
}

TEST(Generate, NamesALogThatCannotBeWritten) {
  FakeModel server({Says("{}")});
  GenerateOptions options = OptionsFor(server);
  options.log_path = "/nowhere/log.jsonl";
  const auto result = Generate(Office(), options);
  EXPECT_THAT(std::string(result.status().message()),
              HasSubstr("/nowhere/log.jsonl: No such file"));
  EXPECT_THAT(server.requests(), SizeIs(0));
}

}  // namespace
}  // namespace spate::generator
