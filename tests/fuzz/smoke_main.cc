// Runs a fuzz target without libFuzzer: over the seed files given as arguments, every prefix of
// them up to a limit, and a few hundred mutations of each, always the same ones.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <vector>

#include "base/random.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

using Bytes = std::vector<uint8_t>;

constexpr uint64_t kMutations = 400;
constexpr size_t kPrefixes = 300;

void Run(const Bytes& input) {
  // An allocation of the input's exact size lets sanitizers see reads beyond it.
  const Bytes exact(input.begin(), input.end());
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

// One to eight changes: bytes and bits, extreme words, cuts, repeated stretches.
Bytes Mutate(Bytes bytes, uint64_t key) {
  uint64_t n = 0;
  const auto roll = [&](uint64_t below) { return spate::Below(spate::Draw(key, n++), below); };
  for (uint64_t left = 1 + roll(8); left > 0 && !bytes.empty(); --left) {
    const size_t at = roll(bytes.size());
    const size_t rest = bytes.size() - at;
    switch (roll(5)) {
      case 0:
        bytes[at] = static_cast<uint8_t>(roll(256));
        break;
      case 1:
        bytes[at] ^= static_cast<uint8_t>(1 << roll(8));
        break;
      case 2:
        std::fill_n(bytes.begin() + static_cast<ptrdiff_t>(at), std::min<size_t>(rest, 4),
                    roll(2) == 0 ? uint8_t{0} : uint8_t{0xff});
        break;
      case 3:
        bytes.resize(at);
        break;
      default: {
        const Bytes stretch(
            bytes.begin() + static_cast<ptrdiff_t>(at),
            bytes.begin() + static_cast<ptrdiff_t>(at + std::min<size_t>(rest, 64)));
        bytes.insert(bytes.begin() + static_cast<ptrdiff_t>(roll(bytes.size())), stretch.begin(),
                     stretch.end());
      }
    }
  }
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  uint64_t runs = 0;
  for (int i = 1; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    const Bytes seed{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (seed.empty()) {
      std::fprintf(stderr, "%s: no seed\n", argv[i]);
      return 1;
    }
    Run(seed);
    for (size_t size = 0; size < std::min(seed.size(), kPrefixes); ++size, ++runs) {
      Run(Bytes(seed.begin(), seed.begin() + static_cast<ptrdiff_t>(size)));
    }
    for (uint64_t n = 0; n < kMutations; ++n, ++runs) Run(Mutate(seed, spate::SubKey(i, n)));
  }
  std::printf("%lu inputs\n", runs);
  return runs > 0 ? 0 : 1;
}
