// The client against a real HTTP server that misbehaves by script.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "generator/model/client.h"
#include "tests/fake_model/fake_model.h"

namespace spate::model {
namespace {

using ::spate::testing::Act;
using ::spate::testing::FakeModel;
using ::spate::testing::Refuses;
using ::spate::testing::Says;
using ::spate::testing::SaysAtOnce;
using ::spate::testing::SaysInPieces;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr char kText[] = "{\"a\": \"ü — 漢字\", \"b\": [1, 2]}\n";
constexpr char kSchema[] = R"({"type":"object"})";

Limits Impatient() {
  Limits limits;
  limits.connect = Limits::Duration(2000);
  limits.idle = Limits::Duration(5000);
  limits.backoff = Limits::Duration(1);
  limits.retries = 3;
  return limits;
}

class Asker {
 public:
  explicit Asker(const std::string& url, Limits limits = Impatient(), std::string key = "") {
    Endpoint endpoint{.base_url = url, .model = "", .key = std::move(key)};
    client_.emplace(Client::Create(endpoint, limits, &log_, &cancel_).value());
  }

  absl::StatusOr<ChatReply> Ask() {
    ChatRequest request;
    request.messages = {{"user", "hello"}};
    request.schema = kSchema;
    return client_->Ask(request, [this](uint64_t tokens) {
      tokens_ = tokens;
      if (on_tokens_) on_tokens_();
    });
  }

  Log log_;
  std::atomic<bool> cancel_{false};
  uint64_t tokens_ = 0;
  std::function<void()> on_tokens_;

 private:
  std::optional<Client> client_;
};

TEST(ModelClient, StreamsAnAnswer) {
  FakeModel server({Says(kText)});
  Asker asker(server.base_url());
  const auto reply = asker.Ask();
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->content, kText);
  EXPECT_EQ(reply->finish_reason, "stop");
  EXPECT_EQ(reply->dialect, "json_schema");
  EXPECT_TRUE(reply->tokens_estimated);
  EXPECT_GT(asker.tokens_, 2u);
  ASSERT_THAT(server.requests(), SizeIs(1));
  EXPECT_THAT(server.requests()[0].body,
              AllOf(HasSubstr("\"model\":\"fake-1\""), HasSubstr("\"temperature\":0"),
                    HasSubstr("\"stream\":true"), HasSubstr(kSchema)));
}

TEST(ModelClient, JoinsAStreamCutAnywhere) {
  for (size_t bytes : {1u, 2u, 3u, 5u, 64u, 1000u}) {
    FakeModel server({SaysInPieces(kText, bytes)});
    const auto reply = Asker(server.base_url()).Ask();
    ASSERT_TRUE(reply.ok()) << bytes << ": " << reply.status();
    EXPECT_EQ(reply->content, kText) << bytes;
  }
}

TEST(ModelClient, TakesAnAnswerInOnePieceAndItsCounts) {
  FakeModel server({SaysAtOnce(kText)});
  const auto reply = Asker(server.base_url()).Ask();
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->content, kText);
  EXPECT_EQ(reply->prompt_tokens, 11u);
  EXPECT_EQ(reply->answer_tokens, 5u);
  EXPECT_FALSE(reply->tokens_estimated);
}

// What a server answers, and what becomes of it.
struct Failure {
  const char* name;
  Act act;
  absl::StatusCode code;
  const char* message;
  size_t requests;
};

void PrintTo(const Failure& failure, std::ostream* out) { *out << failure.name; }

Act Html() {
  Act act;
  act.content_type = "text/html";
  act.pieces = {"<html>Welcome to the proxy</html>"};
  return act;
}

Act Moved() {
  Act act = Refuses(301, "");
  act.pieces = {};
  act.headers = {{"Location", "https://user:pw@elsewhere.example/v1?k=secret"}};
  return act;
}

Act AsksForPatience(const char* seconds) {
  Act act = Refuses(429, "slow down");
  act.headers = {{"Retry-After", seconds}};
  return act;
}

Act Broken() {
  Act act = Says(kText);
  act.pieces.resize(3);
  act.end = Act::End::kBreak;
  return act;
}

Act Unfinished() {
  Act act = Says(kText);
  act.pieces.resize(3);
  return act;
}

Act Streams(std::string data) {
  Act act;
  act.pieces = {"data: " + std::move(data) + "\n\n"};
  return act;
}

class ModelFailure : public ::testing::TestWithParam<Failure> {};

TEST_P(ModelFailure, IsToldOnceAndClearly) {
  const Failure& failure = GetParam();
  FakeModel server({failure.act});
  const auto reply = Asker(server.base_url(), Impatient(), "k-secret").Ask();
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.status().code(), failure.code) << reply.status();
  const std::string message(reply.status().message());
  EXPECT_THAT(message, AllOf(StartsWith("model server " + server.base_url() + ": "),
                             HasSubstr(failure.message), Not(HasSubstr("secret"))));
  EXPECT_THAT(server.requests(), SizeIs(failure.requests));
}

INSTANTIATE_TEST_SUITE_P(
    , ModelFailure,
    ::testing::Values(
        Failure{"no_key", Refuses(401, "no such key"), absl::StatusCode::kUnauthenticated,
                "HTTP 401: no such key (the key is read from SPATE_API_KEY)", 1},
        Failure{"forbidden", Refuses(403, "not yours"), absl::StatusCode::kUnauthenticated,
                "HTTP 403: not yours", 1},
        Failure{"not_found", Refuses(404, "no model"), absl::StatusCode::kNotFound,
                "HTTP 404: no model", 1},
        Failure{"bad_request", Refuses(400, "context too long"),
                absl::StatusCode::kFailedPrecondition, "HTTP 400: context too long", 1},
        Failure{"moved", Moved(), absl::StatusCode::kFailedPrecondition,
                "HTTP 301, it moved to https://elsewhere.example/v1", 1},
        Failure{"busy_for_ever", Refuses(503, "loading"), absl::StatusCode::kUnavailable,
                "HTTP 503: loading", 4},
        Failure{"wants_an_hour", AsksForPatience("3600"), absl::StatusCode::kUnavailable,
                "HTTP 429: slow down", 1},
        Failure{"breaks_off", Broken(), absl::StatusCode::kUnavailable, "the connection broke", 4},
        Failure{"ends_without_end", Unfinished(), absl::StatusCode::kUnavailable,
                "the stream broke off", 4},
        Failure{"html", Html(), absl::StatusCode::kInternal,
                "found an answer of type \"text/html\", expected text/event-stream or "
                "application/json: <html>Welcome",
                1},
        Failure{"not_json", Streams("{nonsense"), absl::StatusCode::kInvalidArgument,
                "expected a chat completion as JSON, found: {nonsense", 1},
        Failure{"other_json", Streams("[1]"), absl::StatusCode::kInvalidArgument,
                "expected a chat completion with \"choices\"", 1},
        Failure{"error_in_stream", Streams(R"({"error":{"message":"out of memory"}})"),
                absl::StatusCode::kInternal, "out of memory", 1}),
    [](const auto& instance) { return instance.param.name; });

// Acts that pass when asked again.
class ModelRecovery : public ::testing::TestWithParam<Failure> {};

TEST_P(ModelRecovery, AsksAgain) {
  FakeModel server({GetParam().act, Says(kText)});
  const auto reply = Asker(server.base_url()).Ask();
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->content, kText);
  EXPECT_EQ(reply->dialect, "json_schema");
  EXPECT_THAT(server.requests(), SizeIs(2));
}

INSTANTIATE_TEST_SUITE_P(
    , ModelRecovery,
    ::testing::Values(
        Failure{"rate_limit", AsksForPatience("0"), {}, "", 0},
        Failure{"rate_limit_by_date", AsksForPatience("Mon, 01 Jan 2001 00:00:00 GMT"), {}, "", 0},
        Failure{"internal_error", Refuses(500, "oops"), {}, "", 0},
        Failure{"bad_gateway", Refuses(502, ""), {}, "", 0},
        Failure{"breaks_off", Broken(), {}, "", 0}),
    [](const auto& instance) { return instance.param.name; });

TEST(ModelClient, WaitsAsLongAsTheServerAsks) {
  FakeModel server({AsksForPatience("0.2"), Says(kText)});
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(Asker(server.base_url()).Ask().ok());
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(200));
}

TEST(ModelClient, FallsBackToTheDialectThatTheServerKnowsAndRemembersIt) {
  FakeModel server([](const std::string& body) {
    if (body.find("\"json_schema\"") == body.npos) return Says(kText);
    return Refuses(500, "loc: ('body', 'response_format', 'type') should be 'json_object'");
  });
  Asker asker(server.base_url());
  for (int i = 0; i < 2; ++i) {
    const auto reply = asker.Ask();
    ASSERT_TRUE(reply.ok()) << reply.status();
    EXPECT_EQ(reply->dialect, "json_object with schema");
  }
  EXPECT_THAT(server.requests(), SizeIs(3));
  EXPECT_THAT(server.requests()[2].body,
              HasSubstr(R"("response_format":{"type":"json_object","schema":{"type":"object"}})"));
}

TEST(ModelClient, GivesUpTheSchemaBeforeItGivesUp) {
  FakeModel server([](const std::string& body) {
    if (body.find("response_format") == body.npos) return Says(kText);
    return Refuses(400, "response_format is not supported");
  });
  const auto reply = Asker(server.base_url()).Ask();
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->dialect, "none");
  EXPECT_THAT(server.requests(), SizeIs(4));
}

TEST(ModelClient, SuspectsTheSchemaWhenAServerFailsTwiceWithoutAReason) {
  FakeModel server([](const std::string& body) {
    return body.find("\"json_schema\"") == body.npos ? Says(kText) : Refuses(500, "oops");
  });
  const auto reply = Asker(server.base_url()).Ask();
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->dialect, "json_object with schema");
  EXPECT_THAT(server.requests(), SizeIs(3));
}

TEST(ModelClient, LeavesOutParametersThatTheServerRefuses) {
  FakeModel server([](const std::string& body) {
    for (const char* name : {"temperature", "\"max_tokens", "seed"}) {
      if (body.find(name) != body.npos) {
        return Refuses(400, std::string("Unsupported parameter: ") + name);
      }
    }
    return Says(kText);
  });
  const auto reply = Asker(server.base_url()).Ask();
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_THAT(server.requests().back().body, HasSubstr("\"max_completion_tokens\":"));
}

TEST(ModelClient, TimesOutWhenNothingComes) {
  Act hang = Says(kText);
  hang.pieces.resize(2);
  hang.end = Act::End::kHang;
  FakeModel server({hang});
  Limits limits = Impatient();
  limits.idle = Limits::Duration(100);
  const auto reply = Asker(server.base_url(), limits).Ask();
  EXPECT_TRUE(absl::IsDeadlineExceeded(reply.status())) << reply.status();
  EXPECT_THAT(std::string(reply.status().message()), HasSubstr("nothing came for 0.1 s"));
}

TEST(ModelClient, TimesOutWhenThereIsNoEnd) {
  Act hang = Says(kText);
  hang.pieces.resize(2);
  hang.end = Act::End::kHang;
  FakeModel server({hang});
  Limits limits = Impatient();
  limits.total = Limits::Duration(150);
  const auto reply = Asker(server.base_url(), limits).Ask();
  EXPECT_TRUE(absl::IsDeadlineExceeded(reply.status())) << reply.status();
  EXPECT_THAT(std::string(reply.status().message()), HasSubstr("after 0.15 s"));
}

TEST(ModelClient, StopsWhenCancelled) {
  Act hang = Says(kText);
  hang.pieces.resize(3);
  hang.end = Act::End::kHang;
  FakeModel server({hang});
  Asker asker(server.base_url());
  asker.on_tokens_ = [&] { asker.cancel_ = true; };
  EXPECT_TRUE(absl::IsCancelled(asker.Ask().status()));
}

TEST(ModelClient, NamesAServerThatIsNotThere) {
  std::string url;
  {
    FakeModel server({Says(kText)});
    url = server.base_url();
  }
  const auto reply = Asker(url).Ask();
  EXPECT_TRUE(absl::IsUnavailable(reply.status()));
  EXPECT_EQ(reply.status().message(), "model server " + url + ": Connection refused");
}

TEST(ModelClient, BoundsAnAnswer) {
  FakeModel server({Says(std::string(100'000, 'x'), 5000), SaysAtOnce(std::string(100'000, 'x'))});
  Limits limits = Impatient();
  limits.answer_bytes = 10'000;
  Asker asker(server.base_url(), limits);
  for (int i = 0; i < 2; ++i) {
    const auto reply = asker.Ask();
    EXPECT_TRUE(absl::IsResourceExhausted(reply.status())) << reply.status();
    EXPECT_THAT(std::string(reply.status().message()), HasSubstr("too long"));
  }
  EXPECT_THAT(server.requests(), SizeIs(2));
}

TEST(ModelClient, KeepsToItsTokenBudget) {
  FakeModel server({SaysAtOnce(kText)});
  Limits limits = Impatient();
  limits.budget_tokens = 120;  // 16 a request, as the server counts, and what is asked
  Asker asker(server.base_url(), limits);
  absl::Status status;
  size_t answered = 0;
  for (; answered < 20 && status.ok(); ++answered) status = asker.Ask().status();
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("may use 120 in all"));
  EXPECT_EQ(server.requests().size() + 1, answered);
}

TEST(ModelClient, AsksForTheModelsNameAndSaysWhenThereIsNone) {
  FakeModel server({Says(kText)});
  Act models;
  models.content_type = "application/json";
  models.pieces = {R"({"data":[]})"};
  server.SetModels(models);
  const auto reply = Asker(server.base_url()).Ask();
  EXPECT_THAT(std::string(reply.status().message()), HasSubstr("expected a list of models"));
  EXPECT_THAT(server.requests(), SizeIs(0));
}

TEST(ModelClient, RefusesWhatIsNoUrl) {
  Log log;
  const auto client =
      Client::Create({.base_url = "gpt", .model = "", .key = ""}, {}, &log, nullptr);
  EXPECT_THAT(std::string(client.status().message()),
              HasSubstr("found \"gpt\", expected a URL such as http://127.0.0.1:8089/v1"));
}

TEST(ModelClient, SendsTheKeyAndKeepsItOutOfTheLog) {
  FakeModel server({Refuses(503, "loading"), Says(kText)});
  const std::string path = ::testing::TempDir() + "/model_client_log.jsonl";
  Asker asker(server.base_url(), Impatient(), "k-secret");
  asker.log_ = Log::Create(path).value();
  ASSERT_TRUE(asker.Ask().ok());
  EXPECT_EQ(server.requests()[0].authorization, "Bearer k-secret");
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_THAT(text.str(), AllOf(HasSubstr("\"event\":\"request\""),
                                HasSubstr("\"event\":\"retry\""), HasSubstr("\"event\":\"answer\""),
                                HasSubstr("hello"), Not(HasSubstr("secret"))));
  std::remove(path.c_str());
}

TEST(ModelClient, TakesNameAndKeyFromTheEnvironment) {
  setenv("SPATE_MODEL_NAME", "big", 1);
  setenv("OPENAI_API_KEY", "k1", 1);
  EXPECT_EQ(WithEnvironment({}).model, "big");
  EXPECT_EQ(WithEnvironment({}).key, "k1");
  setenv("SPATE_API_KEY", "k2", 1);
  EXPECT_EQ(WithEnvironment({}).key, "k2");
  EXPECT_EQ(WithEnvironment({.base_url = "", .model = "mine", .key = ""}).model, "mine");
  for (const char* name : {"SPATE_MODEL_NAME", "OPENAI_API_KEY", "SPATE_API_KEY"}) unsetenv(name);
}

}  // namespace
}  // namespace spate::model
