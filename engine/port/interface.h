// Network interfaces of the kernel, asked for by ioctl, which answers for the network namespace
// that the process is in (sysfs may show another one).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace spate::engine {

inline constexpr uint32_t kVlanBytes = 4;  // a VLAN tag, which an MTU does not count

// A driver that refuses frames may be busy or without carrier: the interface is looked at now and
// then.
inline constexpr uint32_t kRefusalsPerCheck = 1 << 12;

// Longest that a queue waits at its end for the driver to send what it took.
inline constexpr std::chrono::seconds kDrainTime(1);

struct Interface {
  std::string name;
  int index = 0;
  bool up = false;        // by its administrator
  bool running = false;   // up and has a carrier
  bool ethernet = false;  // frames start with an Ethernet header (the loopback's do)
  uint32_t mtu = 0;
  uint64_t speed_bps = 0;  // 0: unknown
  std::string driver;      // "": unknown
  int node = -1;           // NUMA node of its card; -1: none of its own
};

// NotFound: there is no such interface.
absl::StatusOr<Interface> ReadInterface(const std::string& name);

// The interface by which a port sends Ethernet frames; `port` is its name, for errors.
// Errors: no such interface (with the nearest name), one that does not carry such frames.
absl::StatusOr<Interface> FindInterface(const std::string& port, const std::string& name);

// Unavailable: it is down, or without carrier.
absl::Status CheckCarrier(const std::string& port, const Interface& interface);

// "up, 10 Gb/s, MTU 1500, driver ixgbe"
std::string StateOf(const Interface& interface);

// In the kernel's order.
std::vector<std::string> InterfaceNames();

// Those but the loopback, and those of them with IP addresses that others can reach.
struct InterfacesInUse {
  std::vector<std::string> all, addressed;
};
InterfacesInUse FindInterfacesInUse();

}  // namespace spate::engine
