// Order across emission lcores where it matters: on ports with virtual time (a file has one order),
// over all ports when a conversation goes by several of them, and for the last packets before a
// packet limit. Each lane publishes the key of the first packet that it has not sent; a packet may
// go when its key is below all other lanes' keys.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>

#include "engine/ring/atomic_key.h"
#include "engine/ring/descriptor.h"

namespace spate::engine {

class Sequencer {
 public:
  Sequencer(uint32_t lanes, uint32_t per_port) : marks_(lanes), per_port_(per_port) {}

  uint32_t lanes() const { return static_cast<uint32_t>(marks_.size()); }

  // Lane `lane` will send nothing before `key` any more.
  void Publish(uint32_t lane, OrderKey key) { marks_[lane].Store(key); }

  // Packets of `lane` with keys below this come before all of the lanes [begin, end). What one
  // instance sends at one instant by two ports has one key: the lower lane goes first. To a port it
  // sends by one lane, so another one that has come as far as its key has nothing of that key; to
  // wait for it would be to wait for ever, where a burst at one instant fills the ring.
  OrderKey Limit(uint32_t lane, uint32_t begin, uint32_t end) const {
    OrderKey least = OrderKey::Max();
    for (uint32_t other = begin; other < end; ++other) {
      if (other == lane) continue;
      OrderKey mark = marks_[other].Load();
      const bool same_port = other / per_port_ == lane / per_port_;
      if ((other > lane || same_port) && mark != OrderKey::Max()) ++mark.rank;
      least = std::min(least, mark);
    }
    return least;
  }

 private:
  std::deque<AtomicKey> marks_;
  uint32_t per_port_;  // lanes of each port, one port's behind those of another
};

}  // namespace spate::engine
