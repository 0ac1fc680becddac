// Random stacks, values, payloads and sizes: what Encode makes is right by the dissector's and the
// verifier's own reading, and stays right when sizes change at the sites that it names.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"
#include "packet/frame.h"
#include "packet/layout.h"

namespace spate::packet {
namespace {

constexpr int kRounds = 1500;

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

// Whether the header's values say that it is another one, or contradict each other.
bool Misleads(const HeaderValues& values) {
  const auto built = Build(values, 0);
  if (!built.ok()) return true;
  std::vector<uint8_t> bytes = built->bytes;
  bytes.resize(std::max<size_t>(bytes.size(), 64));
  return values.spec->matches != nullptr && !values.spec->matches(bytes);
}

// Radio frames are sealed: nothing in them can be read but their own header.
bool Sealed(const HeaderSpec& spec) { return spec.seal != SealKind::kNone; }

// Fields whose values say how to read what follows must be true for the dissector to agree.
bool MayVary(const FieldSpec& field) {
  return field.derived == Derived::kNo && field.part != Part::kTrailer && field.name != "version" &&
         field.kind != FieldKind::kKey && field.name != "fragment_offset" &&
         field.name != "more_fragments" && field.name != "oui" && field.name != "routing_present" &&
         field.name != "encryption" && field.name != "changed";
}

FieldValue RandomValue(Dice& dice, const HeaderSpec& spec, const FieldSpec& field) {
  if (field.kind == FieldKind::kMark) return {&field, {}};
  if (field.kind == FieldKind::kName) return {&field, {1, 'x', 0}};
  if (field.variable()) {
    const FieldSpec* counter = nullptr;  // it counts in whole units
    for (const FieldSpec& other : spec.fields) {
      if (other.of == field.name) counter = &other;
    }
    const bool addresses = field.kind == FieldKind::kIpv4 || field.kind == FieldKind::kIpv6;
    size_t size = addresses ? 16 + 16 * dice.Roll(3) : dice.Roll(field.nibble_length ? 13 : 41);
    if (counter != nullptr) size -= size % counter->unit;
    std::vector<uint8_t> value = RandomBytes(dice, size);
    // Texts end where their closing bytes are first found.
    if (field.kind == FieldKind::kText) std::ranges::fill(value, 'x');
    return {&field, value};
  }
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
      if (MayVary(field) && dice.Roll(2) == 0)
        values.fields.push_back(RandomValue(dice, *previous, field));
    }
    if (Misleads(values)) values.fields.clear();
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

// Not all are: behind some headers (MPLS) a payload or a random value may look like another stack.
bool ReadsAsMade(const Made& made) {
  const std::vector<uint8_t>& bytes = made.frame.bytes;
  const auto layers = Dissect(bytes.data(), bytes.size(), LinkType::kEthernet).layers;
  return std::ranges::equal(layers, made.stack, {}, &Layer::spec, &HeaderValues::spec);
}

TEST(EncodePropertyTest, MostStacksReadAsMade) {
  int good = 0;
  for (int seed = 0; seed < kRounds; ++seed) good += ReadsAsMade(Make(seed));
  EXPECT_GT(good, kRounds * 9 / 10);
}

TEST(EncodePropertyTest, ChecksumsAreRight) {
  for (int seed = 0; seed < kRounds; ++seed) {
    const Made made = Make(seed);
    if (!ReadsAsMade(made)) continue;
    const Frame& frame = made.frame;
    ASSERT_EQ(VerifyChecksums(frame.bytes.data(), frame.bytes.size(), LinkType::kEthernet),
              absl::OkStatus())
        << "seed " << seed;
  }
}

TEST(EncodePropertyTest, DissectFindsWhatWasEncoded) {
  for (int seed = 0; seed < kRounds; ++seed) {
    SCOPED_TRACE(seed);
    const Made made = Make(seed);
    const auto& [stack, frame] = made;
    const Dissection found = Dissect(frame.bytes.data(), frame.bytes.size(), LinkType::kEthernet);
    for (size_t i = 0; i < stack.size(); ++i) {
      // Some headers say nothing of what follows, or little of themselves; then values decide.
      const bool guessed =
          i > 0 && (stack[i - 1].spec->next != nullptr || stack[i].spec->matches != nullptr ||
                    Sealed(*stack[i - 1].spec));
      const bool same = i < found.layers.size() && found.layers[i].spec == stack[i].spec;
      if (guessed && !same) break;
      ASSERT_LT(i, found.layers.size()) << stack[i - 1].spec->name << " / " << stack[i].spec->name;
      const Layer& layer = found.layers[i];
      ASSERT_EQ(layer.spec, stack[i].spec);
      ASSERT_EQ(layer.offset, frame.header_offsets[i]);
      const std::span header(frame.bytes.data() + layer.offset, layer.bytes);
      for (const FieldValue& value : stack[i].fields) {
        std::vector<uint8_t> read = ReadField(*layer.spec, *value.field, header);
        if (value.field->variable()) read.resize(value.bytes.size());  // drops the padding
        ASSERT_EQ(read, value.bytes) << layer.spec->name << "." << value.field->name;
      }
    }
    if (!ReadsAsMade(made)) continue;
    ASSERT_EQ(found.payload_offset, frame.payload_offset);
    // Where no length says it, padding cannot be told from payload.
    if (!frame.lengths.empty()) {
      ASSERT_EQ(found.payload_offset + found.payload_bytes, frame.data_end - frame.trailer_bytes);
    }
  }
}

// What the engine does: cut the frame, then set lengths and sums at their sites.
TEST(EncodePropertyTest, SitesSufficeToResize) {
  for (int seed = 0; seed < kRounds; ++seed) {
    SCOPED_TRACE(seed);
    const Made made = Make(seed);
    const Frame& frame = made.frame;
    if (!ReadsAsMade(made) || frame.trailer_bytes > 0) continue;  // trailers fix the size
    const size_t room = frame.data_end - frame.payload_offset;
    const size_t size = frame.payload_offset + Below(Draw(5, seed), room + 1);
    std::vector<uint8_t> bytes(frame.bytes.begin(),
                               frame.bytes.begin() + static_cast<ptrdiff_t>(size));
    for (const LengthSite& site : frame.lengths) {
      PutLength(&bytes[site.offset], site, static_cast<uint32_t>(size - site.from));
    }
    for (const ChecksumSite& site : frame.checksums) {
      SetChecksum(bytes, site);
    }
    ASSERT_EQ(VerifyChecksums(bytes.data(), bytes.size(), LinkType::kEthernet), absl::OkStatus());
  }
}

TEST(VerifyPropertyTest, FindsEveryFlippedBitThatASumCovers) {
  for (int seed = 0; seed < 300; ++seed) {
    const Made made = Make(seed);
    if (!ReadsAsMade(made)) continue;
    const Frame& frame = made.frame;
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
