// Records that the hot path writes: fixed size, no allocation, one writer.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace spate::measure {

// Counts of nanoseconds in bins of 1/16 octave (HdrHistogram's layout with 4 sub-bucket bits:
// values are exact to 6 %). Negative values count as 0.
class Histogram {
 public:
  void Add(int64_t ns, uint64_t times = 1) {
    bins_[Bin(ns)] += times;
    count_ += times;
    if (ns > max_) max_ = ns;
  }
  void Merge(const Histogram& o) {
    for (size_t i = 0; i < bins_.size(); ++i) bins_[i] += o.bins_[i];
    count_ += o.count_;
    if (o.max_ > max_) max_ = o.max_;
  }
  uint64_t count() const { return count_; }
  int64_t max() const { return max_; }
  // Upper edge of the bin that holds the `q`-th of all values (0 ≤ q ≤ 1); 0 when empty.
  int64_t Quantile(double q) const {
    if (count_ == 0) return 0;
    const uint64_t rank = static_cast<uint64_t>(q * static_cast<double>(count_ - 1)) + 1;
    uint64_t seen = 0;
    for (size_t i = 0; i < bins_.size(); ++i) {
      seen += bins_[i];
      if (seen >= rank) return UpperEdge(i) < max_ ? UpperEdge(i) : max_;
    }
    return max_;
  }

 private:
  static constexpr unsigned kSub = 4;
  static constexpr size_t Bin(int64_t ns) {
    if (ns < (1 << (kSub + 1))) return ns < 0 ? 0 : static_cast<size_t>(ns);
    const uint64_t v = static_cast<uint64_t>(ns);
    const unsigned octave = static_cast<unsigned>(std::bit_width(v)) - 1 - kSub;
    return (static_cast<size_t>(octave) << kSub) + static_cast<size_t>(v >> octave);
  }
  static constexpr int64_t UpperEdge(size_t bin) {
    if (bin < (2u << kSub)) return static_cast<int64_t>(bin);
    const unsigned octave = static_cast<unsigned>(bin >> kSub) - 1;
    const uint64_t mantissa = (bin & ((1u << kSub) - 1)) + (1u << kSub);
    return static_cast<int64_t>(((mantissa + 1) << octave) - 1);
  }

  std::array<uint64_t, (64 - kSub) << kSub> bins_{};
  uint64_t count_ = 0;
  int64_t max_ = 0;
};

// Times in which an lcore did not run: an interrupt, another thread on its CPU, a hypervisor.
struct Interruptions {
  uint64_t count = 0;
  int64_t total_ns = 0, longest_ns = 0;
  Histogram lateness_ns;  // of the packets that they delayed

  void Add(int64_t ns) {
    ++count;
    total_ns += ns;
    if (ns > longest_ns) longest_ns = ns;
  }
  void Merge(const Interruptions& o) {
    count += o.count;
    total_ns += o.total_ns;
    if (o.longest_ns > longest_ns) longest_ns = o.longest_ns;
    lateness_ns.Merge(o.lateness_ns);
  }
};

}  // namespace spate::measure
