// Random stacks, values, payloads and sizes: what Encode makes is right by the dissector's and the
// verifier's own reading, and stays right when sizes change at the sites that it names.
#include <gtest/gtest.h>

#include "base/random.h"
#include "packet/bits.h"
#include "packet/checksum.h"
#include "packet/frame.h"

namespace spate::packet {
namespace {

constexpr int kRounds = 3000;

class Dice {
 public:
  explicit Dice(uint64_t seed) : key_(Mix(seed)) {}
  uint64_t Bits() { return Draw(key_, n_++); }
  uint64_t Roll(uint64_t n) { return Below(Bits(), n); }

 private:
  uint64_t key_;
  uint64_t n_ = 0;
};

std::vector<uint8_t> RandomBytes(Dice& dice, size_t size) {
  std::vector<uint8_t> bytes(size);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(dice.Bits());
  return bytes;
}

// Fields whose values say how to read what follows must be true for the dissector to agree.
bool MayVary(const FieldSpec& field) {
  return field.derived == Derived::kNo && field.name != "version" &&
         field.name != "fragment_offset" && field.name != "more_fragments";
}

FieldValue RandomValue(Dice& dice, const FieldSpec& field) {
  if (field.bits == 0) return {&field, RandomBytes(dice, dice.Roll(41))};
  std::vector<uint8_t> bytes = RandomBytes(dice, (field.bits + 7) / 8);
  if (field.bits % 8 != 0) bytes[0] &= static_cast<uint8_t>((1 << field.bits % 8) - 1);
  return {&field, bytes};
}

std::vector<HeaderValues> RandomStack(Dice& dice) {
  std::vector<HeaderValues> stack;
  const HeaderSpec* previous = nullptr;
  while (true) {
    std::vector<const HeaderSpec*> allowed;
    for (const HeaderSpec* header : Headers()) {
      const bool other_link = previous == nullptr && header->In(Space::kLink) != nullptr &&
                              header->In(Space::kLink)->id != 1;
      if (MayFollow(previous, *header) && !other_link) allowed.push_back(header);
    }
    if (allowed.empty() || (!stack.empty() && dice.Roll(8) == 0)) return stack;
    previous = allowed[dice.Roll(allowed.size())];
    HeaderValues values{previous, {}};
    for (const FieldSpec& field : previous->fields) {
      if (MayVary(field) && dice.Roll(2) == 0) values.fields.push_back(RandomValue(dice, field));
    }
    stack.push_back(values);
  }
}

struct Made {
  std::vector<HeaderValues> stack;
  Frame frame;
};

Made Make(uint64_t seed) {
  Dice dice(seed);
  Made made{RandomStack(dice), {}};
  const bool carries = made.stack.back().spec->carries_payload;
  const auto payload = RandomBytes(dice, carries ? dice.Roll(200) : 0);
  const auto frame = Encode(made.stack, payload, 0);
  EXPECT_TRUE(frame.ok()) << frame.status();
  made.frame = frame.value_or(Frame{});
  return made;
}

TEST(EncodePropertyTest, ChecksumsAreRight) {
  for (int seed = 0; seed < kRounds; ++seed) {
    const Frame frame = Make(seed).frame;
    ASSERT_EQ(VerifyChecksums(frame.bytes.data(), frame.bytes.size(), LinkType::kEthernet),
              absl::OkStatus())
        << "seed " << seed;
  }
}

TEST(EncodePropertyTest, DissectFindsWhatWasEncoded) {
  for (int seed = 0; seed < kRounds; ++seed) {
    SCOPED_TRACE(seed);
    const auto [stack, frame] = Make(seed);
    const Dissection found = Dissect(frame.bytes.data(), frame.bytes.size(), LinkType::kEthernet);
    ASSERT_EQ(found.layers.size(), stack.size());
    for (size_t i = 0; i < stack.size(); ++i) {
      const Layer& layer = found.layers[i];
      ASSERT_EQ(layer.spec, stack[i].spec);
      ASSERT_EQ(layer.offset, frame.header_offsets[i]);
      const std::span header(frame.bytes.data() + layer.offset, layer.bytes);
      for (const FieldValue& value : stack[i].fields) {
        std::vector<uint8_t> read = ReadField(*layer.spec, *value.field, header);
        if (value.field->bits == 0) read.resize(value.bytes.size());  // drops the filling zeros
        ASSERT_EQ(read, value.bytes) << layer.spec->name << "." << value.field->name;
      }
    }
    ASSERT_EQ(found.payload_offset, frame.payload_offset);
    // Where no length says it, padding cannot be told from payload.
    if (!frame.lengths.empty()) {
      ASSERT_EQ(found.payload_offset + found.payload_bytes, frame.data_end);
    }
  }
}

// What the engine does: cut the frame, then set lengths and sums at their sites.
TEST(EncodePropertyTest, SitesSufficeToResize) {
  for (int seed = 0; seed < kRounds; ++seed) {
    SCOPED_TRACE(seed);
    const Frame frame = Make(seed).frame;
    const size_t room = frame.data_end - frame.payload_offset;
    const size_t size = frame.payload_offset + Below(Draw(5, seed), room + 1);
    std::vector<uint8_t> bytes(frame.bytes.begin(),
                               frame.bytes.begin() + static_cast<ptrdiff_t>(size));
    for (const LengthSite& site : frame.lengths) {
      Put16(&bytes[site.offset], static_cast<uint16_t>(size - site.from));
    }
    for (const ChecksumSite& site : frame.checksums) {
      Put16(&bytes[site.offset], FinishChecksum(SumSite(bytes, site), site.zero_as_ones));
    }
    ASSERT_EQ(VerifyChecksums(bytes.data(), bytes.size(), LinkType::kEthernet), absl::OkStatus());
  }
}

TEST(VerifyPropertyTest, FindsEveryFlippedBitThatASumCovers) {
  for (int seed = 0; seed < 300; ++seed) {
    const Frame frame = Make(seed).frame;
    for (const ChecksumSite& site : frame.checksums) {
      std::vector<uint8_t> bytes = frame.bytes;
      bytes[site.offset] ^= 0x10;
      EXPECT_FALSE(VerifyChecksums(bytes.data(), bytes.size(), LinkType::kEthernet).ok())
          << "seed " << seed << " at " << site.offset;
    }
  }
}

}  // namespace
}  // namespace spate::packet
