// The memory of a device's frames.
#pragma once

#include <rte_mempool.h>

#include <cstdint>
#include <memory>
#include <string>

namespace spate::engine {

struct FramePoolFree {
  void operator()(rte_mempool* pool) const { rte_mempool_free(pool); }
};
using FramePool = std::unique_ptr<rte_mempool, FramePoolFree>;

// `frames` mbufs with `room` bytes each, headroom included, on NUMA node `socket` (SOCKET_ID_ANY:
// on any). They lie close together, an odd number of cache lines apart, so that those of a burst
// share the sets of the first cache evenly. nullptr: rte_errno says why.
FramePool MakeFramePool(const std::string& name, uint32_t frames, uint16_t room, int socket);

}  // namespace spate::engine
