// Counter-based random numbers: a draw is a pure function of a key and a counter, so any
// sharding of the work gives the same trace (architecture, invariant 1).
#pragma once

#include <cstdint>
#include <string_view>

namespace spate {

__extension__ typedef unsigned __int128 uint128;  // NOLINT: `using` cannot carry __extension__
__extension__ typedef __int128 int128;            // NOLINT

// Finaliser of SplitMix64 (Steele, Lea, Flood 2014): a bijection of 64 bits that passes
// BigCrush when fed with a Weyl sequence.
inline constexpr uint64_t kMixFirst = 0xbf58476d1ce4e5b9u, kMixSecond = 0x94d049bb133111ebu;
constexpr uint64_t Mix(uint64_t x) {
  x = (x ^ (x >> 30)) * kMixFirst;
  x = (x ^ (x >> 27)) * kMixSecond;
  return x ^ (x >> 31);
}

inline constexpr uint64_t kWeyl = 0x9e3779b97f4a7c15u;  // 2^64 / golden ratio, odd

// The n-th place of the stream `key`, which is no random number yet. One may be added to it before
// it is mixed: what several of them give are streams of their own, far apart on one sequence.
constexpr uint64_t PlaceIn(uint64_t key, uint64_t n) { return key + (n + 1) * kWeyl; }
// The n-th number of the stream `key`.
constexpr uint64_t Draw(uint64_t key, uint64_t n) { return Mix(PlaceIn(key, n)); }

// A key for a part of what `key` stands for (a flow of a run, an instance of a flow, …).
// In two steps, for who takes many keys of one.
constexpr uint64_t KeyOfParts(uint64_t key) { return Mix(key ^ kWeyl); }
constexpr uint64_t PartKey(uint64_t key_of_parts, uint64_t part) {
  return Mix(key_of_parts + part * kWeyl);
}
constexpr uint64_t SubKey(uint64_t key, uint64_t part) { return PartKey(KeyOfParts(key), part); }

// FNV-1a, so that a draw is keyed by its name: adding or moving others never moves it.
constexpr uint64_t NameKey(std::string_view name) {
  uint64_t h = 0xcbf29ce484222325u;
  for (char c : name) h = (h ^ static_cast<uint8_t>(c)) * 0x100000001b3u;
  return h;
}

// Maps 64 random bits to [0, n) without division (Lemire 2019; bias < n / 2^64).
constexpr uint64_t Below(uint64_t random, uint64_t n) {
  return static_cast<uint64_t>((static_cast<uint128>(random) * n) >> 64);
}

}  // namespace spate
