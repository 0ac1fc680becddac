// Messages → prototypes and patches.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.h"
#include "sample.h"

namespace spate::tmpl {
namespace {

core::Scenario WithMessage(const std::string& message) {
  return MustCompile(Concat(
      R"({"spate": 1, "draws": {"id": {"random": {"min": 0, "max": 65535}, "per": "pass"}},
"messages": {"m": {)",
      message, R"(}}, "flows": {"f": {"message": "m", "rate": "1pps", "vars": {"x": 1}}}})"));
}
std::string Udp(const std::string& fields) {
  return R"("packet": [{"ethernet": {}}, {"ipv4": {}}, {"udp": {)" + fields + "}}]";
}

const core::Law& FieldLawOf(const core::Scenario& s, uint32_t draw) {
  return s.laws.at(s.draws.at(draw).law);
}

TEST(Message, ConstantsStandInThePrototype) {
  const core::Scenario s =
      WithMessage(Udp(R"("dst_port": 53)") + R"(, "payload": {"hex": "de ad be ef"})");
  const core::Message& m = s.messages.at(0);
  EXPECT_TRUE(m.patches.empty());
  EXPECT_EQ(m.size_draw, core::kNone);
  EXPECT_EQ(m.frame.bytes.size(), 60u);
  EXPECT_EQ(m.frame.bytes[37], 53);
  EXPECT_EQ(m.frame.bytes[42], 0xde);
  EXPECT_EQ(m.frame.bytes[45], 0xef);
  EXPECT_EQ(m.frame.bytes[39], 12);  // UDP length
}

TEST(Message, LawsBecomePatchesOverZeros) {
  const core::Scenario s = WithMessage(Udp(
      R"("src_port": {"increment": {"start": 1000, "step": 2, "count": 50}}, "dst_port": {"random": {"min": 7, "max": 9}, "balanced": 8})"));
  const core::Message& m = s.messages.at(0);
  ASSERT_EQ(m.patches.size(), 2u);
  EXPECT_EQ(m.patches[0].offset_bits, 34u * 8);
  EXPECT_EQ(m.patches[0].bits, 16);
  const core::Law& counter = FieldLawOf(s, m.patches[0].index);
  EXPECT_EQ(counter.kind, core::Law::Kind::kArithmetic);
  EXPECT_EQ(counter.start, 1000u);
  EXPECT_EQ(counter.step, 2u);
  EXPECT_EQ(counter.count, 50u);
  const core::Law& random = FieldLawOf(s, m.patches[1].index);
  EXPECT_EQ(random.kind, core::Law::Kind::kUniform);
  EXPECT_EQ(random.start, 7u);
  EXPECT_EQ(random.count, 3u);
  EXPECT_EQ(random.balanced, 8u);
  for (size_t i = 34; i < 38; ++i) EXPECT_EQ(m.frame.bytes[i], 0);
  EXPECT_NE(s.draws[m.patches[0].index].salt, s.draws[m.patches[1].index].salt);
}

TEST(Message, CountersWithoutCountRunToTheFieldsEnd) {
  const core::Scenario s = WithMessage(Udp(
      R"("src_port": {"increment": {"start": 65000, "step": 10}}, "dst_port": {"decrement": {"start": 9}})"));
  EXPECT_EQ(FieldLawOf(s, s.messages[0].patches[0].index).count, 54u);  // 65000 … 65530
  const core::Law& down = FieldLawOf(s, s.messages[0].patches[1].index);
  EXPECT_EQ(down.count, 10u);  // 9 … 0
  EXPECT_EQ(down.start + down.step * 9, 0u);
}

TEST(Message, FieldsWithinBytes) {
  const core::Scenario s = WithMessage(
      R"("packet": [{"ethernet": {}}, {"vlan": {"id": {"values": [1, 2, 3]}}}, {"ipv4": {}}, {"udp": {}}])");
  const core::Patch& id = s.messages[0].patches.at(0);
  EXPECT_EQ(id.offset_bits, 14u * 8 + 4);
  EXPECT_EQ(id.bits, 12);
  EXPECT_EQ(FieldLawOf(s, id.index).values, (std::vector<uint64_t>{1, 2, 3}));
}

TEST(Message, SizesAreLawsWithoutFcs) {
  const core::Scenario s = WithMessage(
      Udp("") +
      R"(, "size": {"weighted": [[64, 7], [570, 4], [1518, 1]]}, "payload": {"increment_byte": 3})");
  const core::Message& m = s.messages.at(0);
  ASSERT_NE(m.size_draw, core::kNone);
  EXPECT_EQ(FieldLawOf(s, m.size_draw).values, (std::vector<uint64_t>{60, 566, 1514}));
  EXPECT_EQ(m.frame.bytes.size(), 1514u);
  EXPECT_EQ(m.frame.bytes[42], 3);
  EXPECT_EQ(m.frame.bytes[1513], static_cast<uint8_t>(3 + 1471));
  const core::Scenario range =
      WithMessage(Udp("") + R"(, "size": {"random": {"min": 64, "max": 1518}})");
  const core::Law& law = FieldLawOf(range, range.messages[0].size_draw);
  EXPECT_EQ(law.start, 60u);
  EXPECT_EQ(law.count, 1455u);
  EXPECT_EQ(WithMessage(Udp("") + R"(, "size": 128)").messages[0].frame.bytes.size(), 124u);
}

TEST(Message, RawFieldsStandInThePayload) {
  const core::Scenario s = WithMessage(Udp("") + R"(, "payload": {"hex": "ffff ffff ffff"}, "at": [
{"offset": 0, "bits": 16, "value": {"draw": "id"}}, {"offset": 2, "bits": 4, "value": 5},
{"offset": 4, "bits": 16, "value": {"var": "x"}}])");
  const core::Message& m = s.messages.at(0);
  ASSERT_EQ(m.patches.size(), 2u);
  EXPECT_EQ(m.patches[0].offset_bits, 42u * 8);
  EXPECT_EQ(s.draws[m.patches[0].index].scope, core::Scope::kPass);
  EXPECT_EQ(m.patches[1].offset_bits, 46u * 8);
  EXPECT_EQ(m.patches[1].source, core::Patch::Source::kVariable);
  EXPECT_EQ(std::vector<uint8_t>(m.frame.bytes.begin() + 42, m.frame.bytes.begin() + 48),
            (std::vector<uint8_t>{0, 0, 0x5f, 0xff, 0, 0}));
}

TEST(Message, RawFieldsHoldAddressesToo) {
  const core::Scenario s = MustCompile(R"({"spate": 1,
"hosts": {"c": {"count": 9, "ipv4": {"increment": {"start": "198.18.0.1"}}}, "s": {"ipv4": "198.19.0.1"}},
"messages": {"m": {"by": "server", "payload": {"fill": 0}, "size": 100, "at": [
  {"offset": 0, "kind": "ipv4", "value": {"host": "c"}},
  {"offset": 4, "kind": "mac", "value": "02:00:00:00:00:07"},
  {"offset": 10, "kind": "ipv4", "bits": 32, "value": {"host": "s"}}]}},
"flows": {"f": {"client": "c", "server": "s", "udp": {"port": 9}, "steps": [{"send": "m"}]}}})");
  const core::Message& m = s.messages.at(0);
  const auto at = [&](uint32_t bits) {
    return std::ranges::find(m.patches, bits, &core::Patch::offset_bits);
  };
  const auto destination = at(30 * 8), told = at(42 * 8);
  ASSERT_TRUE(destination != m.patches.end() && told != m.patches.end());
  EXPECT_EQ(told->index, destination->index) << "the client of the conversation";
  EXPECT_EQ(told->column, destination->column);
  EXPECT_EQ(std::vector<uint8_t>(m.frame.bytes.begin() + 46, m.frame.bytes.begin() + 56),
            (std::vector<uint8_t>{2, 0, 0, 0, 0, 7, 198, 19, 0, 1}));
}

TEST(Message, RawAddressesHaveTheirWidth) {
  const std::string fault =
      FaultsOf(Concat(R"({"spate": 1, "messages": {"m": {)", Udp(""),
                      R"(, "at": [{"offset": 0, "kind": "ipv4", "bits": 16, "value": 1}]}}})"));
  EXPECT_NE(fault.find("found \"bits\": 16 of kind \"ipv4\", expected 32 bits"), std::string::npos)
      << fault;
}

TEST(Message, SharedDrawsAreOneDraw) {
  const core::Scenario s =
      WithMessage(Udp(R"("src_port": {"draw": "id"}, "dst_port": {"draw": "id"})"));
  const auto& patches = s.messages[0].patches;
  EXPECT_EQ(patches[0].index, patches[1].index);
  EXPECT_EQ(s.draws[patches[0].index].scope, core::Scope::kPass);
}

TEST(Message, EachFlowHasItsOwnCopy) {
  const core::Scenario s = MustCompile(
      FlowTemplate(R"("message": "a"}, "g": {"steps": [{"send": "a"}, {"send": "a"}])"));
  EXPECT_EQ(s.messages.size(), 2u);
  EXPECT_EQ(ProgramText(s.flows[1]), "tick; send 1; send 1; end");
}

TEST(Message, LengthsInDigitsVaryBelowTenThousand) {
  const auto faults = [](int most) {
    return FaultsOf(
        absl::StrCat(R"({"spate": 1, "messages": {"m": {"packet": [{"ethernet": {}}, {"ipv4": {}},
      {"udp": {}}, {"sip": {}}], "size": {"random": {"min": 400, "max": )",
                     most, R"(}}}},
      "flows": {"f": {"message": "m", "rate": "1pps"}}})"));
  };
  EXPECT_EQ(faults(9'000), "");
  EXPECT_EQ(faults(20'000),
            "t.json:2: $.messages.m.size: found a size that varies around a length of five digits, "
            "expected one size, or one of at most 9999 bytes behind that length");
}

}  // namespace
}  // namespace spate::tmpl
