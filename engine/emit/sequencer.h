// Order across emission lcores where it matters: on ports with virtual time (a file has one order),
// and for the last packets before a packet limit. Each lane publishes the key of the first packet
// that it has not sent; a packet may go when its key is below all other lanes' keys.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>

#include "engine/ring/atomic_key.h"
#include "engine/ring/descriptor.h"

namespace spate::engine {

class Sequencer {
 public:
  explicit Sequencer(uint32_t lanes) : marks_(lanes) {}

  uint32_t lanes() const { return static_cast<uint32_t>(marks_.size()); }

  // Lane `lane` will send nothing before `key` any more.
  void Publish(uint32_t lane, OrderKey key) { marks_[lane].Store(key); }

  // Packets of `lane` with keys below this may go.
  OrderKey Limit(uint32_t lane) const {
    OrderKey least = OrderKey::Max();
    for (uint32_t other = 0; other < marks_.size(); ++other) {
      if (other != lane) least = std::min(least, marks_[other].Load());
    }
    return least;
  }

 private:
  std::deque<AtomicKey> marks_;
};

}  // namespace spate::engine
