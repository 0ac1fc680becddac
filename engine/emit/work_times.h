// How long a lane works from one departure to the next. A preemption shows as a stretch of work
// that is much longer than others; but so does what a lane does once in a while, such as making a
// few hundred packets at once. What tells them apart is how often it happens.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace spate::engine {

class WorkTimes {
 public:
  // Shorter stretches are always the lane's own work.
  static constexpr int64_t kLeastPs = 5'000'000;
  // One in so many stretches, and its like is none of the lane's habits: CPUs are interrupted some
  // hundred times a second, lanes that keep a rate work some 10'000 to millions of times.
  static constexpr uint64_t kRare = 1000;

  // Counts a stretch of work. True if it is long, and so long are so few that the lane did not run.
  bool Interrupted(int64_t ps) {
    ++stretches_;
    if (ps <= kLeastPs) [[likely]]
      return false;
    const size_t octave = std::bit_width(static_cast<uint64_t>(ps / kLeastPs));
    ++long_[octave];
    uint64_t alike = 0;
    for (size_t i = octave; i < long_.size(); ++i) alike += long_[i];
    return alike * kRare < stretches_;
  }

 private:
  uint64_t stretches_ = 0;
  std::array<uint64_t, 65> long_ = {};  // by how many bits `ps` / kLeastPs takes
};

}  // namespace spate::engine
