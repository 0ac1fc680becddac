// Frames and files for tests of ports.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/port/port.h"

namespace spate::testing {

// The n-th frame of a test: broadcast, of the ethertype for local experiments (IEEE 802), its
// length and bytes functions of n.
inline constexpr uint16_t kEtherType = 0x88b5;

inline std::vector<uint8_t> TestFrame(uint64_t n) {
  std::vector<uint8_t> frame(60 + n % 61);
  for (size_t i = 0; i < frame.size(); ++i) frame[i] = static_cast<uint8_t>(n + 3 * i);
  std::fill_n(frame.begin(), 6, uint8_t{0xff});
  std::fill_n(frame.begin() + 6, 6, uint8_t{0x02});
  frame[12] = kEtherType >> 8;
  frame[13] = kEtherType & 0xff;
  return frame;
}

// What an emission lcore does, without pace: frames [first, first + count), frame n due at
// n microseconds and 999 ps. Returns how many were sent.
inline uint64_t SendTestFrames(engine::TxQueue& queue, uint64_t first, uint64_t count) {
  engine::Burst burst;
  uint64_t sent = 0;
  while (sent < count && queue.status().ok()) {
    const auto size = static_cast<uint16_t>(std::min<uint64_t>(engine::kBurst, count - sent));
    if (!queue.Acquire(burst, 0, size)) continue;
    for (uint16_t i = 0; i < size; ++i) {
      const uint64_t n = first + sent + i;
      const std::vector<uint8_t> frame = TestFrame(n);
      std::ranges::copy(frame, burst.data[i]);
      burst.length[i] = static_cast<uint16_t>(frame.size());
      burst.due_ps[i] = static_cast<int64_t>(n) * 1'000'000 + 999;
    }
    uint16_t done = 0;
    while (done < size && queue.status().ok()) done += queue.Send(burst, done, size);
    queue.Release(burst, done, size);
    sent += done;
  }
  return sent;
}

// A directory of the running test's own, removed with what is in it.
class ScratchDirectory {
 public:
  ScratchDirectory()
      : path_(std::filesystem::temp_directory_path() /
              absl::StrCat("spate-", getpid(), "-",
                           ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::create_directories(path_);
  }
  ~ScratchDirectory() { std::filesystem::remove_all(path_); }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  std::string File(const std::string& name) const { return path_ / name; }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      names.push_back(entry.path().filename());
    }
    std::ranges::sort(names);
    return names;
  }

 private:
  const std::filesystem::path path_;
};

}  // namespace spate::testing
