#include <gtest/gtest.h>

#include "base/text.h"
#include "template/limits.h"
#include "template/node.h"

namespace spate::tmpl {
namespace {

std::string JsonFaultText(std::string_view text) {
  Faults faults("t.json");
  ParseJson(text, faults);
  return std::string(faults.Status().message());
}

TEST(Json, KeepsTypesOrderAndLines) {
  Faults faults("t.json");
  const Node root =
      ParseJson("{\"b\": -1,\n \"a\": [1.5, \"x\\n\"],\n\"c\": 18446744073709551615}", faults);
  ASSERT_TRUE(faults.empty());
  EXPECT_EQ(WriteCompactJson(root), R"({"b": -1, "a": [1.5, "x\n"], "c": 18446744073709551615})");
  EXPECT_EQ(root.Find("b")->line, 1u);
  EXPECT_EQ(root.Find("a")->line, 2u);
  EXPECT_EQ((*root.Find("a")->list())[1].line, 2u);
  EXPECT_EQ(root.Find("c")->line, 3u);
}

TEST(Json, NumbersBeyondIntegersAreReadAsPrinted) {
  for (const double number : {1e8, 0x1p63, -0x1p63, 0x1p64, 1e300, -0x1p64}) {
    Faults faults("t.json");
    const Node read = ParseJson(Concat("{\"n\": ", WriteCompactJson(Real(number)), "}"), faults);
    ASSERT_TRUE(faults.empty()) << faults.Status();
    EXPECT_EQ(read.Find("n")->real(), number);
  }
  EXPECT_EQ(WriteCompactJson(Real(1e8)), "100000000");
}

TEST(Json, SaysWhereItStopsToBeJson) {
  EXPECT_EQ(
      JsonFaultText(""),
      "t.json:1: $: found an empty file, expected a template: a JSON object that begins with {");
  EXPECT_EQ(JsonFaultText("\n\nhello"),
            "t.json:3: $: found \"hello\", expected a template: a JSON object that begins with {");
  EXPECT_EQ(JsonFaultText("{\"a\": 1,\n \"b\": tru}"),
            "t.json:2: $.b: found \"tru}\", expected JSON");
  EXPECT_EQ(JsonFaultText("{\"a\": 1}\n{}"),
            "t.json:2: $: found \"{}\", expected nothing after the template's closing brace");
  EXPECT_EQ(
      JsonFaultText("{\"a\": \"x}"),
      "t.json:1: $: found the end of the file, expected JSON: a string ends with \", and in it "
      "control characters and \\ are escaped");
}

TEST(Json, ReportsDuplicateKeysAllTogether) {
  EXPECT_EQ(JsonFaultText("{\"a\": 1,\n\"a\": 2,\n\"b\": {\"c\": 1, \"c\": 2}}"),
            "t.json:2: $.a: found the key \"a\" a second time, expected each key once\n"
            "t.json:3: $.b.c: found the key \"c\" a second time, expected each key once");
}

TEST(Json, RefusesBytesThatAreNotUtf8) {
  EXPECT_EQ(JsonFaultText("{\n\"a\": \"\xff\"}"),
            "t.json:2: $: found bytes that are not UTF-8, expected UTF-8 text");
}

TEST(Json, RefusesDeepNests) {
  std::string text = "{\"a\":";
  text += std::string(1000, '[') + std::string(1000, ']') + "}";
  EXPECT_NE(JsonFaultText(text).find("at most 64 levels"), std::string::npos);
}

TEST(Json, EveryPrefixOfATextGivesAFault) {
  const std::string text = R"({"a": [1, {"b": "c\u00e4"}, -2.5e3, true, null], "d": {}})";
  ASSERT_EQ(JsonFaultText(text), "");
  for (size_t size = 0; size < text.size(); ++size) {
    EXPECT_NE(JsonFaultText(text.substr(0, size)), "") << text.substr(0, size);
  }
}

TEST(Json, EveryFlippedByteIsReadOrReported) {
  const std::string text = R"({"a": [1, {"b": "c"}, -2.5e3, true, null], "d": {}})";
  size_t reported = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string broken = text;
      broken[i] = static_cast<char>(broken[i] ^ (1 << bit));
      Faults faults("t.json");
      const Node node = ParseJson(broken, faults);
      EXPECT_TRUE(!faults.empty() || node.object()) << broken;
      reported += faults.empty() ? 0 : 1;
    }
  }
  EXPECT_GT(reported, text.size() * 4);
}

TEST(Json, PrintsShortValuesOnOneLine) {
  Faults faults("t.json");
  const Node root =
      ParseJson(Concat("{\"short\": {\"a\": [1, 2]}, \"long\": [\"", std::string(60, 'x'), "\", \"",
                       std::string(60, 'y'), "\"], \"none\": []}"),
                faults);
  EXPECT_EQ(WriteJson(root),
            Concat("{\n  \"short\": {\"a\": [1, 2]},\n  \"long\": [\n    \"", std::string(60, 'x'),
                   "\",\n    \"", std::string(60, 'y'), "\"\n  ],\n  \"none\": []\n}\n"));
}

}  // namespace
}  // namespace spate::tmpl
