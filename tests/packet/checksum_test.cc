#include "packet/checksum.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/random.h"
#include "packet/bits.h"

namespace spate::packet {
namespace {

// Word by word, as RFC 1071 writes it.
uint16_t PlainFold(const std::vector<uint8_t>& bytes) {
  uint32_t sum = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    sum += i % 2 == 0 ? bytes[i] << 8 : bytes[i];
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return static_cast<uint16_t>(sum);
}

TEST(ChecksumTest, SumsTheExampleOfRfc1071) {
  const uint8_t data[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
  EXPECT_EQ(Fold(SumBytes(data, sizeof(data))), 0xddf2);
  EXPECT_EQ(FinishChecksum(SumBytes(data, sizeof(data)), false), 0x220d);
}

TEST(ChecksumTest, AgreesWithThePlainSumForAllSmallSizes) {
  for (size_t size = 0; size < 200; ++size) {
    std::vector<uint8_t> bytes(size);
    for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<uint8_t>(Draw(size, i));
    EXPECT_EQ(Fold(SumBytes(bytes.data(), size)), PlainFold(bytes)) << size << " bytes";
  }
}

TEST(ChecksumTest, CarriesFromAllOnes) {
  const std::vector<uint8_t> ones(65535, 0xff);
  EXPECT_EQ(Fold(SumBytes(ones.data(), ones.size())), PlainFold(ones));
  EXPECT_EQ(Fold(~uint64_t{0}), 0xffff);
}

TEST(ChecksumTest, FoldIsZeroOnlyForZero) {
  EXPECT_EQ(Fold(0), 0);
  for (uint64_t sum : {0xffffull, 0x1fffeull, 0xffffffffull, 0xffff0000ffffull}) {
    EXPECT_EQ(Fold(sum), 0xffff) << sum;
  }
}

TEST(ChecksumTest, PiecesOfEvenLengthAddUp) {
  std::vector<uint8_t> bytes(101);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(Draw(7, i));
  for (size_t cut = 0; cut < bytes.size(); cut += 2) {
    const uint64_t sum =
        SumBytes(bytes.data(), cut) + SumBytes(bytes.data() + cut, bytes.size() - cut);
    EXPECT_EQ(Fold(sum), PlainFold(bytes)) << "cut at " << cut;
  }
}

TEST(ChecksumTest, ZeroIsSentAsOnesWhereAsked) {
  EXPECT_EQ(FinishChecksum(0xffff, false), 0);
  EXPECT_EQ(FinishChecksum(0xffff, true), 0xffff);
}

TEST(BitsTest, PutsAndGetsAtAnyPlace) {
  for (unsigned bits = 1; bits <= 64; ++bits) {
    for (size_t offset = 0; offset < 20; ++offset) {
      std::vector<uint8_t> bytes(12, 0xa5);
      const uint64_t value = Draw(bits, offset) >> (64 - bits);
      PutBits(bytes.data(), offset, bits, value);
      ASSERT_EQ(GetBits(bytes.data(), offset, bits), value) << bits << " bits at " << offset;
      PutBits(bytes.data(), offset, bits, 0);
      std::vector<uint8_t> expected(12, 0xa5);
      for (size_t bit = offset; bit < offset + bits; ++bit) {
        expected[bit / 8] &= static_cast<uint8_t>(~(0x80 >> bit % 8));
      }
      ASSERT_EQ(bytes, expected) << "bits beside the field changed";
    }
  }
}

}  // namespace
}  // namespace spate::packet
