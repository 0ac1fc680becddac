#include "generator/fit/echo.h"

#include <algorithm>
#include <bitset>
#include <cmath>
#include <deque>

namespace spate::generator {
namespace {

constexpr uint32_t kSearchedBytes = 64;
constexpr size_t kEchoMostPairs = 256;  // enough to tell
constexpr size_t kLeastPairs = 3;
constexpr uint32_t kWidest = 8;
constexpr size_t kMostEchoes = 4;

bool IsNameByte(uint8_t b) {
  return (b >= '0' && b <= '9') || (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || b == '-' ||
         b == '_' || b == '.';
}

// Bytes at the same distance in requests and answers: `shift` = answer offset - request offset.
class Diagonal {
 public:
  Diagonal(const Sample& sample, const Pairs& pairs, int shift) {
    for (uint32_t at = 0; at < kSearchedBytes; ++at) Look(sample, pairs, at, shift);
  }
  bool equal(uint32_t at) const { return at < kSearchedBytes && equal_[at]; }
  bool varies(uint32_t at) const { return equal(at) && varies_[at]; }

 private:
  void Look(const Sample& sample, const Pairs& pairs, uint32_t at, int shift) {
    const int other = static_cast<int>(at) + shift;
    if (other < 0 || other >= static_cast<int>(kSearchedBytes)) return;
    size_t same = 0;
    bool text = true;
    std::bitset<256> values;
    for (const auto& [request, response] : pairs) {
      const auto a = sample.Payload(sample.packets[request]);
      const auto b = sample.Payload(sample.packets[response]);
      if (a.size() <= at || b.size() <= static_cast<size_t>(other)) continue;
      same += a[at] == b[static_cast<size_t>(other)] ? 1 : 0;
      values.set(a[at]);
      text = text && IsNameByte(a[at]);
    }
    const double n = static_cast<double>(pairs.size());
    equal_[at] = static_cast<double>(same) >= 0.98 * n;
    // Independent random bytes would take about this many values.
    const double expected = 256 * (1 - std::exp(-n / 256));
    // A name that is asked for comes back as well, but is no identifier.
    varies_[at] = !text && static_cast<double>(values.count()) >= std::max(3.0, 0.5 * expected);
  }

  std::bitset<kSearchedBytes> equal_, varies_;
};

// Widens [begin, end) to 2, 4 or 8 bytes where the neighbours are repeated as well: the upper bytes
// of a counter hardly vary.
void Widen(const Diagonal& diagonal, uint32_t& begin, uint32_t& end) {
  uint32_t width = 1;
  while (width < end - begin) width *= 2;
  if (width == 1 && begin % 2 == 1) width = 2;
  while (end - begin < width && begin > 0 && diagonal.equal(begin - 1)) --begin;
  while (end - begin < width && diagonal.equal(end)) ++end;
}

void Collect(const Diagonal& diagonal, int shift, std::vector<Echo>& found) {
  for (uint32_t at = 0; at < kSearchedBytes; ++at) {
    if (!diagonal.varies(at)) continue;
    uint32_t begin = at, end = at + 1, last = at;
    while (end < kSearchedBytes && end - begin < kWidest && diagonal.equal(end)) {
      if (diagonal.varies(end)) last = end;
      ++end;
    }
    end = last + 1;
    Widen(diagonal, begin, end);
    at = end - 1;
    const Echo echo{.request_offset = begin,
                    .response_offset = static_cast<uint32_t>(static_cast<int>(begin) + shift),
                    .bytes = end - begin};
    const auto overlaps = [&](const Echo& e) {
      return begin < e.request_offset + e.bytes && e.request_offset < end;
    };
    if (found.size() < kMostEchoes && std::none_of(found.begin(), found.end(), overlaps)) {
      found.push_back(echo);
    }
  }
}

}  // namespace

Pairs PairUp(const Sample& sample, const std::vector<uint32_t>& conversations) {
  Pairs pairs;
  for (uint32_t c : conversations) {
    std::deque<uint32_t> open[2];
    for (uint32_t i : sample.conversations[c].packets) {
      const SamplePacket& p = sample.packets[i];
      if (p.payload_bytes == 0) continue;
      std::deque<uint32_t>& asked = open[p.from_client ? 1 : 0];
      if (asked.empty()) {
        open[p.from_client ? 0 : 1].push_back(i);
      } else {
        pairs.emplace_back(asked.front(), i);
        asked.pop_front();
      }
    }
  }
  return pairs;
}

std::vector<Echo> FindEchoes(const Sample& sample, const Pairs& pairs) {
  std::vector<Echo> found;
  if (pairs.size() < kLeastPairs) return found;
  Pairs few = pairs;
  if (few.size() > kEchoMostPairs) few.resize(kEchoMostPairs);
  Collect(Diagonal(sample, few, 0), 0, found);  // most protocols repeat a field where it was
  constexpr int kFarthest = 32;
  for (int shift = -kFarthest; shift <= kFarthest; ++shift) {
    if (shift != 0) Collect(Diagonal(sample, few, shift), shift, found);
  }
  return found;
}

uint64_t FieldValue(std::span<const uint8_t> payload, uint32_t offset, uint32_t bytes) {
  uint64_t value = 0;
  for (uint32_t i = 0; i < bytes; ++i) {
    value = value << 8 | (offset + i < payload.size() ? payload[offset + i] : 0);
  }
  return value;
}

}  // namespace spate::generator
