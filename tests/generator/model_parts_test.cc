// The client's parts that need no server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "generator/model/backoff.h"
#include "generator/model/completion.h"
#include "generator/model/dialect.h"
#include "generator/model/http.h"
#include "generator/model/json_text.h"
#include "generator/model/sse.h"

namespace spate::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> Events(std::string_view stream, size_t piece) {
  SseParser parser;
  std::vector<std::string> events;
  for (size_t at = 0; at < stream.size(); at += piece) {
    const absl::Status status = parser.Feed(stream.substr(at, piece), [&](std::string_view data) {
      events.emplace_back(data);
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
  }
  return events;
}

TEST(Sse, ReadsEveryLineEndAndFieldAtEveryCut) {
  constexpr std::string_view kStream =
      ": comment\n\nevent: x\ndata: one\n\ndata:two\r\ndata:  more\r\n\r\ndata: three\r\rdata\n\n"
      "database: no\n\ndata: never ended\n";
  for (size_t piece = 1; piece <= kStream.size(); ++piece) {
    EXPECT_THAT(Events(kStream, piece), ElementsAre("one", "two\n more", "three", "")) << piece;
  }
}

TEST(Sse, BoundsAnEvent) {
  SseParser parser;
  const std::string half(700'000, 'x');
  const auto ignore = [](std::string_view) { return absl::OkStatus(); };
  EXPECT_TRUE(parser.Feed("data: " + half, ignore).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(parser.Feed(half, ignore)));
}

TEST(JsonText, FindsTheObjectInWhatModelsWrite) {
  const struct {
    const char* text;
    const char* object;
  } kCases[] = {
      {R"({"a":1})", R"({"a":1})"},
      {"```json\n{\"a\": {}}\n```", R"({"a": {}})"},
      {R"(Sure! Here it is: {"a":"}{\"]"} Enjoy.)", R"({"a":"}{\"]"})"},
      {R"(With {x} set: {"a":[1,{}]})", R"({"a":[1,{}]})"},
      {R"({"a":1} and a brace {)", R"({"a":1})"},
  };
  for (const auto& c : kCases) {
    const auto found = FindObject(c.text);
    ASSERT_TRUE(found.ok()) << c.text;
    EXPECT_EQ(*found, c.object);
  }
}

TEST(JsonText, SaysWhenThereIsNoneOrItIsCut) {
  EXPECT_THAT(std::string(FindObject("I cannot do that").status().message()),
              HasSubstr("no JSON object"));
  for (const char* text : {R"({"a": [1, 2)", R"({"a": "x)", R"({x} {"a": {"b": 1})", "{"}) {
    EXPECT_THAT(std::string(FindObject(text).status().message()), HasSubstr("breaks off")) << text;
  }
}

TEST(JsonText, QuotesAnyBytes) {
  EXPECT_EQ(Quote("a\"\\\n\x01ü"), "\"a\\\"\\\\\\n\\u0001ü\"");
  // Lone continuation, overlong, surrogate, beyond U+10FFFF, cut.
  for (const char* bad : {"\x80", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"}) {
    EXPECT_THAT(ValidUtf8(bad), HasSubstr("\ufffd"));
  }
  EXPECT_EQ(ValidUtf8("漢🦆"), "漢🦆");
}

TEST(JsonText, ExcerptsOnOneLine) {
  EXPECT_EQ(Excerpt("  a\nb\x1b[1m "), "a b [1m");
  EXPECT_EQ(Excerpt(std::string(500, 'x'), 10), "xxxxxxxxxx…");
}

TEST(Completion, ReadsErrorsInEveryForm) {
  EXPECT_EQ(ErrorText(R"({"error":{"message":"m"}})"), "m");
  EXPECT_EQ(ErrorText(R"({"error":"e"})"), "e");
  EXPECT_EQ(ErrorText(R"({"detail":"d"})"), "d");
  EXPECT_EQ(ErrorText("plain\ntext"), "plain text");
  EXPECT_EQ(ErrorText(""), "");
}

TEST(Completion, TakesContentOfAnyTypeAsNoText) {
  for (const char* json : {R"({"choices":[]})", R"({"choices":[{"delta":{"content":null}}]})",
                           R"({"choices":[{"delta":{"content":7}}]})", R"({"choices":[3]})"}) {
    const auto piece = ParseCompletion(json);
    ASSERT_TRUE(piece.ok()) << json;
    EXPECT_EQ(piece->text, "");
  }
}

TEST(Http, ShowsUrlsWithoutSecrets) {
  EXPECT_EQ(DisplayUrl("http://me:pw@host:1/v1?key=x#y"), "http://host:1/v1");
  EXPECT_EQ(DisplayUrl("http://host/a@b"), "http://host/a@b");
  EXPECT_EQ(DisplayUrl("host"), "host");
}

TEST(Http, ReadsRetryAfter) {
  EXPECT_EQ(ParseRetryAfter("3", 0)->count(), 3000);
  EXPECT_EQ(ParseRetryAfter("0.25", 0)->count(), 250);
  EXPECT_EQ(ParseRetryAfter("-1", 0)->count(), 0);
  EXPECT_EQ(ParseRetryAfter("nan", 0)->count(), 0);
  EXPECT_EQ(ParseRetryAfter("Thu, 01 Jan 1970 00:01:40 GMT", 90)->count(), 10'000);
  EXPECT_EQ(ParseRetryAfter("soon", 0), std::nullopt);
}

TEST(Backoff, DoublesWithJitterUpToALimit) {
  Limits limits;
  limits.backoff = Limits::Duration(100);
  limits.longest_wait = Limits::Duration(1000);
  limits.retries = 6;
  constexpr uint64_t kHalf = uint64_t{1} << 63;
  EXPECT_EQ(NextPause(limits, 0, kHalf, {})->count(), 100);
  EXPECT_EQ(NextPause(limits, 2, kHalf, {})->count(), 400);
  EXPECT_EQ(NextPause(limits, 0, 0, {})->count(), 50);
  EXPECT_EQ(NextPause(limits, 0, ~uint64_t{0}, {})->count(), 150);
  EXPECT_EQ(NextPause(limits, 5, kHalf, {})->count(), 1000);
  EXPECT_EQ(NextPause(limits, 6, kHalf, {}), std::nullopt);
}

TEST(Backoff, HonoursTheServer) {
  Limits limits;
  limits.backoff = Limits::Duration(100);
  EXPECT_EQ(NextPause(limits, 0, 0, Limits::Duration(700))->count(), 700);
  EXPECT_EQ(NextPause(limits, 0, 0, limits.longest_wait + Limits::Duration(1)), std::nullopt);
}

TEST(Dialect, EveryDialectMakesJsonThatHoldsTheSchemaWhenItSaysSo) {
  ChatRequest request;
  request.messages = {{"system", "s"}, {"user", "u\"\n"}};
  request.schema = R"({"type":"object","title":"needle"})";
  for (size_t i = 0; i < Dialects().size(); ++i) {
    Dialog dialog;
    dialog.dialect = i;
    const std::string body = RequestBody(request, "m", {}, dialog);
    EXPECT_EQ(FindObject(body).value_or(""), body);
    EXPECT_EQ(body.find("needle") != body.npos, Dialects()[i].carries_schema) << body;
  }
}

}  // namespace
}  // namespace spate::model
