#include <gtest/gtest.h>

#include "base/text.h"
#include "sample.h"
#include "template/limits.h"
#include "template/node.h"
#include "template/template.h"

namespace spate::tmpl {
namespace {

std::string YamlFaultText(std::string_view text) {
  Faults faults("t.yaml");
  ParseYaml(text, faults);
  return std::string(faults.Status().message());
}

Node MustParse(std::string_view text) {
  Faults faults("t.yaml");
  Node node = ParseYaml(text, faults);
  EXPECT_EQ(faults.Status().message(), "") << text;
  return node;
}

TEST(Yaml, KeepsTypesOrderAndLines) {
  const Node root = MustParse("b: -1\na: [1.5, \"x\\n\"]\n# remark\nc:\n  - 0x10\n  - ~\n");
  EXPECT_EQ(WriteCompactJson(root), R"({"b": -1, "a": [1.5, "x\n"], "c": [16, null]})");
  EXPECT_EQ(root.Find("b")->line, 1u);
  EXPECT_EQ((*root.Find("c")->list())[1].line, 6u);
}

TEST(Yaml, AddressesAndHexStayText) {
  const Node root = MustParse(
      "x: [{m: 02:00:00:00:00:01, i: 198.18.0.1, h: 0001, y: yes, n: 1_000, t: 20ms, q: '5', s: "
      "!!str 6, v: 18446744073709551615}]");
  EXPECT_EQ(WriteCompactJson(root),
            R"({"x": [{"m": "02:00:00:00:00:01", "i": "198.18.0.1", "h": "0001", "y": "yes", )"
            R"("n": "1_000", "t": "20ms", "q": "5", "s": "6", "v": 18446744073709551615}]})");
}

TEST(Yaml, AliasesAreWrittenOut) {
  EXPECT_EQ(WriteCompactJson(MustParse("a: &x {k: [1]}\nb: *x\nc: [*x, 2]\n")),
            R"({"a": {"k": [1]}, "b": {"k": [1]}, "c": [{"k": [1]}, 2]})");
  EXPECT_EQ(YamlFaultText("a: &x [*x]\n"),
            "t.yaml:1: $.a[0]: found an alias inside of what it stands for, expected an alias of "
            "something complete");
}

TEST(Yaml, SaysWhereItStopsToBeYaml) {
  EXPECT_EQ(YamlFaultText(""),
            "t.yaml:1: $: found an empty file, expected a template: keys and their values");
  EXPECT_EQ(YamlFaultText("hello"),
            "t.yaml:1: $: found \"hello\", expected a template: keys and their values");
  const std::string unclosed = YamlFaultText("a: 1\nb: [1, {c: 2}\n");
  EXPECT_EQ(unclosed.find("t.yaml:"), 0u) << unclosed;
  EXPECT_NE(unclosed.find("what is no YAML ("), std::string::npos) << unclosed;
  EXPECT_EQ(YamlFaultText("a: 1\nb: {c: 1, c: 2}\na: 2\n"),
            "t.yaml:2: $.b.c: found the key \"c\" a second time, expected each key once\n"
            "t.yaml:3: $.a: found the key \"a\" a second time, expected each key once");
  EXPECT_EQ(YamlFaultText("a: 1\n---\nb: 2\n"),
            "t.yaml:2: $: found a second document, expected one template in a file");
  EXPECT_EQ(YamlFaultText("a: \xff\n"),
            "t.yaml:1: $: found bytes that are not UTF-8, expected UTF-8 text");
  EXPECT_EQ(YamlFaultText("a: 1\nb: \x04\n"),
            "t.yaml:2: $: found a control character, expected YAML text");
  EXPECT_EQ(YamlFaultText("a: !!binary aGk=\n"),
            "t.yaml:1: $.a: found the tag \"tag:yaml.org,2002:binary\", expected a value without a "
            "tag");
  EXPECT_EQ(YamlFaultText("? [1]\n: 2\n"),
            "t.yaml:1: $: found a key that is no plain text, expected text as key");
}

TEST(Yaml, DepthAndSizeAreLimited) {
  const std::string deep =
      YamlFaultText("a: " + std::string(10'000, '[') + std::string(10'000, ']'));
  EXPECT_NE(deep.find("expected at most 64 levels of objects and lists"), std::string::npos)
      << deep;
  // A billion laughs: nine levels of ten aliases each.
  std::string laughs = "a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string last = Concat("*a", i - 1);
    Append(&laughs, "a", i, ": &a", i, " [", last);
    for (int j = 1; j < 10; ++j) Append(&laughs, ", ", last);
    laughs += "]\n";
  }
  const std::string bomb = YamlFaultText(laughs);
  EXPECT_NE(bomb.find("values in a file, aliases written out"), std::string::npos) << bomb;
  std::string nested = "a0: &a0 [1]\n";
  for (int i = 1; i < 100; ++i) Append(&nested, "a", i, ": &a", i, " [*a", i - 1, "]\n");
  EXPECT_NE(YamlFaultText(nested).find("at most 64 levels"), std::string::npos);
  EXPECT_NE(YamlFaultText(std::string(kMaxYamlBytes + 1, 'a')).find("bytes of YAML"),
            std::string::npos);
}

TEST(Yaml, EveryFlippedByteIsReadOrReported) {
  const std::string text = "a: [1, {b: \"c\"}, -2.5e3]\nd: &e {f: 'g'}\nh:\n  - *e\n  - |\n    x\n";
  for (size_t i = 0; i < text.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string broken = text;
      broken[i] = static_cast<char>(broken[i] ^ (1 << bit));
      Faults faults("t.yaml");
      const Node node = ParseYaml(broken, faults);
      EXPECT_TRUE(!faults.empty() || node.object()) << broken;
    }
  }
}

TEST(Yaml, WhatIsWrittenReadsBack) {
  Faults faults("t.json");
  const Node root = ParseJson(kEverything, faults);
  const std::string yaml = WriteYaml(root);
  EXPECT_EQ(WriteJson(MustParse(yaml)), WriteJson(root)) << yaml;
  EXPECT_EQ(WriteYaml(MustParse(yaml)), yaml);
  Node::List hard;
  for (const char* text : {"",       " x",
                           "yes",    "NULL",
                           "1",      "1e3",
                           "0x1f",   "1_0",
                           "12:30",  "2001-12-14",
                           "a: b",   "# no",
                           "-",      "- a",
                           "%x",     "[",
                           "'",      "\"",
                           "\n",     "198.18.0.1",
                           "$users", "02:00:00:00:00:01",
                           "*a",     "&a",
                           "!t",     "|",
                           "?",      "ä",
                           "a,b",    "{",
                           "~",      ".5",
                           "12e03",  "0o17",
                           ".inf"}) {
    hard.push_back(Text(text));
  }
  const Node list = ObjectNode({{"on", Node(hard)}, {"no", Node(Node::List{})}});
  EXPECT_EQ(WriteCompactJson(MustParse(WriteYaml(list))), WriteCompactJson(list));
}

TEST(Yaml, ATemplateIsTheSameInBothForms) {
  const Template t = MustRead(kEverything);
  const auto again = Read(PrintYaml(t), "t.yaml");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(Print(*again), Print(t));
}

TEST(Yaml, FaultsOfTheLanguageNameLineAndPath) {
  const auto read = Read("spate: 1\nflows:\n  f:\n    mesage: m\n    rate: 1kpps\n", "t.yaml");
  EXPECT_EQ(read.status().message().find(
                "t.yaml:4: $.flows.f.mesage: found the unknown key \"mesage\", expected "),
            0u)
      << read.status();
}

}  // namespace
}  // namespace spate::tmpl
