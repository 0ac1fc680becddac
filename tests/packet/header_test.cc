// The registry's own consistency: what the encoder and the dissector take for granted of every
// header.
#include "packet/header.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "absl/strings/str_split.h"
#include "base/text.h"

namespace spate::packet {
namespace {

class HeaderTest : public ::testing::TestWithParam<const HeaderSpec*> {
 protected:
  const HeaderSpec& spec() const { return *GetParam(); }
};

TEST_P(HeaderTest, IsDescribed) {
  EXPECT_FALSE(spec().name.empty());
  EXPECT_FALSE(spec().title.empty());
  EXPECT_FALSE(spec().doc.empty());
  EXPECT_FALSE(spec().source.empty());
  EXPECT_NE(spec().info, nullptr);
  EXPECT_EQ(FindHeader(spec().name), &spec()) << "name used twice";
  for (const FieldSpec& field : spec().fields) EXPECT_FALSE(field.doc.empty()) << field.name;
}

TEST_P(HeaderTest, FieldsAreDisjointAndInside) {
  std::set<size_t> taken;
  std::set<std::string_view> names;
  for (const FieldSpec& field : spec().fields) {
    SCOPED_TRACE(field.name);
    EXPECT_TRUE(names.insert(field.name).second);
    if (field.little_endian) {
      EXPECT_EQ(field.bits % 8, 0);
      EXPECT_EQ(field.bit_offset % 8, 0);
      EXPECT_TRUE(field.derived == Derived::kNo || field.part == Part::kTrailer);
    }
    if (field.part != Part::kFixed || field.variable()) continue;
    EXPECT_LE(field.bit_offset + field.bits, spec().fixed_bytes * 8);
    for (size_t bit = field.bit_offset; bit < size_t{field.bit_offset} + field.bits; ++bit) {
      EXPECT_TRUE(taken.insert(bit).second) << "bit " << bit << " is in two fields";
    }
  }
}

// Reading must find again what encoding left out.
TEST_P(HeaderTest, TailsCanBeRead) {
  const FieldSpec* open = nullptr;  // a value that only ends with the header
  for (const FieldSpec& field : spec().fields) {
    SCOPED_TRACE(field.name);
    if (!field.tail()) continue;
    EXPECT_EQ(open, nullptr) << "nothing tells where it begins";
    EXPECT_EQ(field.bit_offset, 0);
    if (field.optional) {
      EXPECT_FALSE(field.prefix.empty()) << "nothing tells whether it is there";
    }
    if (!field.of.empty()) {
      EXPECT_NE(spec().Find(field.of), nullptr);
    }
    const bool counted = std::ranges::any_of(
        spec().fields, [&](const FieldSpec& other) { return other.of == field.name; });
    const bool ends = !field.suffix.empty() || field.own_length > 0 || counted ||
                      field.kind == FieldKind::kName || field.kind == FieldKind::kMark ||
                      field.nibble_length;
    if (!field.variable() || ends) continue;
    open = &field;
    const bool bounded = std::ranges::any_of(spec().fields, [](const FieldSpec& other) {
      return other.derived == Derived::kHeaderLength && other.of.empty();
    });
    EXPECT_TRUE(bounded || !spec().carries_payload) << "nothing tells where it ends";
  }
}

TEST_P(HeaderTest, FieldsFitTheirKinds) {
  for (const FieldSpec& field : spec().fields) {
    SCOPED_TRACE(field.name);
    if (field.variable()) continue;
    if (field.kind == FieldKind::kMac) {
      EXPECT_EQ(field.bits, 48);
    }
    if (field.kind == FieldKind::kIpv4) {
      EXPECT_EQ(field.bits, 32);
    }
    if (field.kind == FieldKind::kIpv6) {
      EXPECT_EQ(field.bits, 128);
    }
    if (field.kind == FieldKind::kShort) {
      EXPECT_EQ(field.bits, 16);
    }
    if (field.kind == FieldKind::kEui64) {
      EXPECT_EQ(field.bits, 64);
    }
    if (field.kind == FieldKind::kKey) {
      EXPECT_EQ(field.bits, 128);
      EXPECT_EQ(field.part, Part::kOutside);
      EXPECT_EQ(spec().seal, SealKind::kCcmMic);
    }
    if (field.kind == FieldKind::kFlags) {
      EXPECT_EQ(field.bits, field.letters.size());
    }
    if (field.kind == FieldKind::kUint) {
      EXPECT_LE(field.bits, 64);
    }
    if (field.bits > 0 && field.bits < 64) {
      EXPECT_EQ(field.preset >> field.bits, 0u);
    }
    if (field.bits <= 64) {
      EXPECT_EQ(field.preset_high, 0u);
    }
  }
}

TEST_P(HeaderTest, DerivedFieldsHaveTheirRules) {
  size_t lengths = 0, sums = 0;
  for (const FieldSpec& field : spec().fields) {
    SCOPED_TRACE(field.name);
    lengths += field.derived == Derived::kLength;
    sums += field.derived == Derived::kChecksum && field.part != Part::kTrailer;
    if (field.derived == Derived::kNext) {
      EXPECT_NE(spec().selects, Space::kNone);
    }
  }
  EXPECT_EQ(lengths, spec().lengths.size());
  EXPECT_EQ(sums, spec().checksums.size());
  std::vector<std::string_view> sites;
  for (const LengthRule& rule : spec().lengths) sites.push_back(rule.field);
  for (const ChecksumRule& rule : spec().checksums) sites.push_back(rule.field);
  for (std::string_view name : sites) {
    const FieldSpec* field = spec().Find(name);
    ASSERT_NE(field, nullptr) << name;
    EXPECT_NE(field->derived, Derived::kNo) << name;
    EXPECT_EQ(field->bits % 8, 0) << name;
    EXPECT_EQ(field->bit_offset % 8, 0) << name;
  }
  for (const ChecksumRule& rule : spec().checksums) {
    const FieldSpec* field = spec().Find(rule.field);
    EXPECT_EQ(field->bits, rule.kind == SumKind::kCrc32c ? 32 : 16) << rule.field;
    EXPECT_EQ(field->bit_offset % 16, 0) << rule.field;
  }
}

TEST_P(HeaderTest, CanBeReached) {
  const bool reachable =
      MayFollow(nullptr, spec()) || std::ranges::any_of(Headers(), [&](const HeaderSpec* previous) {
        return MayFollow(previous, spec());
      });
  EXPECT_TRUE(reachable);
  for (absl::string_view name : absl::StrSplit(AsAbsl(spec().only_after), ' ', absl::SkipEmpty())) {
    ASSERT_NE(FindHeader(AsStd(name)), nullptr) << name;
    EXPECT_TRUE(MayFollow(FindHeader(AsStd(name)), spec())) << name << " has no number for it";
  }
}

INSTANTIATE_TEST_SUITE_P(All, HeaderTest, ::testing::ValuesIn(Headers().begin(), Headers().end()),
                         [](const auto& test) { return std::string(test.param->name); });

TEST(HeaderOrderTest, FollowsTheIds) {
  const auto may = [](std::string_view previous, std::string_view next) {
    return MayFollow(FindHeader(previous), *FindHeader(next));
  };
  EXPECT_TRUE(MayFollow(nullptr, *FindHeader("ethernet")));
  EXPECT_FALSE(MayFollow(nullptr, *FindHeader("udp")));
  EXPECT_TRUE(may("vlan", "vlan"));
  EXPECT_TRUE(may("ipv4", "ipv6"));
  EXPECT_TRUE(may("ipv6", "ipv6"));
  EXPECT_TRUE(may("ipv4", "icmp"));
  EXPECT_FALSE(may("ipv6", "icmp"));
  EXPECT_FALSE(may("ipv4", "icmpv6"));
  EXPECT_FALSE(may("ethernet", "udp"));
  EXPECT_FALSE(may("udp", "tcp"));
  EXPECT_EQ(FindHeader("ipv5"), nullptr);
  EXPECT_EQ(FindHeader("ipv4")->Find("ttl"), nullptr);
}

}  // namespace
}  // namespace spate::packet
