#include "engine/port/frame_pool.h"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_mbuf_pool_ops.h>
#include <rte_memzone.h>

namespace spate::engine {
namespace {

void FreeZone(rte_mempool_memhdr*, void* zone) {
  rte_memzone_free(static_cast<const rte_memzone*>(zone));
}

// Puts all frames into one zone, one behind the other. Returns 0 or a negative error.
int Populate(rte_mempool* pool, int socket) {
  const size_t bytes =
      size_t{pool->size} * (pool->header_size + size_t{pool->elt_size} + pool->trailer_size);
  const rte_memzone* const zone =
      rte_memzone_reserve(pool->name, bytes, socket, RTE_MEMZONE_IOVA_CONTIG);
  if (zone == nullptr) return -rte_errno;
  const int populated = rte_mempool_populate_iova(
      pool, static_cast<char*>(zone->addr), zone->iova, zone->len, FreeZone,
      const_cast<rte_memzone*>(zone));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  if (populated <= 0) rte_memzone_free(zone);
  if (populated == 0) return -ENOBUFS;
  return populated < 0 ? populated : 0;
}

// Where pages are small DPDK lets no frame cross one: frames of 1.5 KB begin at two places of each
// page, longer ones at one, and a burst of them fights for a few sets of the first cache. What is
// contiguous for us is so for a device too there, and this flag says only that it need not be.
FramePool MakeAcrossPages(const std::string& name, uint32_t frames, uint16_t room, int socket) {
  FramePool pool(rte_mempool_create_empty(name.c_str(), frames, sizeof(rte_mbuf) + room, 0,
                                          sizeof(rte_pktmbuf_pool_private), socket,
                                          RTE_MEMPOOL_F_NO_IOVA_CONTIG));
  if (pool == nullptr) return nullptr;
  int error = rte_mempool_set_ops_byname(pool.get(), rte_mbuf_best_mempool_ops(), nullptr);
  if (error == 0) {
    rte_pktmbuf_pool_private shared{};
    shared.mbuf_data_room_size = room;
    rte_pktmbuf_pool_init(pool.get(), &shared);
    error = Populate(pool.get(), socket);
  }
  if (error != 0) {
    rte_errno = -error;
    return nullptr;
  }
  rte_mempool_obj_iter(pool.get(), rte_pktmbuf_init, nullptr);
  return pool;
}

}  // namespace

FramePool MakeFramePool(const std::string& name, uint32_t frames, uint16_t room, int socket) {
  if (rte_eal_has_hugepages() == 0) return MakeAcrossPages(name, frames, room, socket);
  return FramePool(rte_pktmbuf_pool_create(name.c_str(), frames, 0, 0, room, socket));
}

}  // namespace spate::engine
