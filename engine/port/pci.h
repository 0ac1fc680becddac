// Network devices on the PCI bus, from sysfs: nothing is touched.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace spate::engine {

struct PciDevice {
  std::string address;                  // "0000:01:00.0"
  std::string driver;                   // bound kernel driver; "": none
  int numa_node = -1;                   // -1: unknown
  std::vector<std::string> interfaces;  // of the kernel driver
};

// In the order of their addresses; empty without a PCI bus.
std::vector<PciDevice> PciNetworkDevices();

// Whether DPDK can drive the device as it is bound now: through vfio or UIO, or beside the kernel's
// driver (mlx4, mlx5: bifurcated).
bool DrivenByDpdk(const PciDevice& device);

// Why the kernel should keep the device, "" when nothing says so: one of its interfaces is the
// machine's only one, or has addresses. `interfaces`: the machine's, without the loopback;
// `addressed`: those with addresses.
std::string ReasonToKeep(const PciDevice& device, std::span<const std::string> interfaces,
                         std::span<const std::string> addressed);

// The command that hands it to DPDK.
std::string BindCommand(const PciDevice& device);

}  // namespace spate::engine
