// Frame buffers of a transmit queue that has no memory of a device to compose into: few, aligned to
// cache lines, handed out last in, first out, so that they stay in the CPU's cache.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#include "engine/port/port.h"

namespace spate::engine {

// The least odd number of cache lines that hold so many bytes, in bytes: frames that are so far
// apart share the sets of the first cache evenly.
constexpr size_t OddLines(size_t bytes) {
  constexpr size_t kLine = 64;
  return ((bytes + kLine - 1) / kLine | 1) * kLine;
}

class FrameSlots {
 public:
  // `count` frames with room for `max_frame` bytes and up to the next multiple of 64.
  FrameSlots(uint32_t count, uint32_t max_frame) {
    const size_t stride = OddLines(max_frame);
    memory_.reset(static_cast<uint8_t*>(std::aligned_alloc(kAlignment, stride * count)));
    if (memory_ == nullptr) throw std::bad_alloc();
    free_.reserve(count);
    for (size_t i = count; i-- > 0;) free_.push_back(memory_.get() + i * stride);
  }

  // As TxQueue's functions of these names.
  bool Acquire(Burst& burst, uint16_t begin, uint16_t end) {
    if (free_.size() < static_cast<size_t>(end - begin)) return false;
    for (uint16_t i = begin; i < end; ++i) {
      burst.data[i] = free_.back();
      burst.handle[i] = free_.back();
      free_.pop_back();
    }
    return true;
  }
  void Release(const Burst& burst, uint16_t begin, uint16_t end) {
    for (uint16_t i = end; i-- > begin;) free_.push_back(static_cast<uint8_t*>(burst.handle[i]));
  }

 private:
  static constexpr size_t kAlignment = 64;
  struct Free {
    void operator()(uint8_t* memory) const { std::free(memory); }
  };

  std::unique_ptr<uint8_t, Free> memory_;
  std::vector<uint8_t*> free_;  // never grows beyond what it reserved
};

}  // namespace spate::engine
