// Names of DPDK devices as users write them: PCI addresses, device strings, and short forms of
// virtual devices ("memif:/run/spate.sock").
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/port/port.h"

namespace spate::engine {

// "net_…" with optional ",key=value…": a virtual device.
bool IsVirtualDevice(std::string_view name);

// "0000:01:00.0" or "01:00.0", with optional ",key=value…".
bool IsPciDevice(std::string_view name);

// Devices that join two processes, or a process and the kernel or a guest.
enum class ShortForm {
  kMemif,   // memif:PATH[,role=server|client][,queues=N][,…]
  kVhost,   // vhost:PATH[,queues=N][,…]   the side of a host
  kVirtio,  // virtio:PATH[,queues=N][,…]  the side of a guest
  kTap,     // tap:NAME[,…]                an interface that the kernel makes
};

bool IsShortForm(ShortForm form, std::string_view name);
// "memif", "vhost", "virtio", "tap", or "dpdk" for what is no short form.
std::string_view KindOfDevice(std::string_view name);
// What `spate ports` says of a short form.
PortAdvice AdviceOf(ShortForm form);

// What a name says to DPDK.
struct DeviceName {
  std::string bus;        // "pci" or "vdev"
  std::string device;     // "net_memif"
  std::string arguments;  // "socket=/run/spate.sock,role=client"
  uint32_t queues = 1;    // of each direction, for devices whose two sides must agree on them
  bool peer = false;      // joined to a peer, which has to come
};

// Of any name that the functions above accept. A memif is a client where somebody listens at the
// path and a server elsewhere; what a server left behind at its end is removed.
// Errors: a path that is missing or no socket, a number of queues that is none.
absl::StatusOr<DeviceName> ReadDeviceName(const std::string& name);

}  // namespace spate::engine
