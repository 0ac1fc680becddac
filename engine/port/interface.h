// Network interfaces of the kernel, asked for by ioctl, which answers for the network namespace
// that the process is in (sysfs may show another one).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "packet/frame.h"

namespace spate::engine {

struct Interface {
  std::string name;
  int index = 0;
  bool up = false;        // by its administrator
  bool running = false;   // up and has a carrier
  bool ethernet = false;  // frames start with an Ethernet header (the loopback's do)
  uint32_t mtu = 0;
  uint64_t speed_bps = 0;  // 0: unknown
  std::string driver;      // "": unknown
};

// NotFound: there is no such interface.
absl::StatusOr<Interface> ReadInterface(const std::string& name);

// The interface by which a port sends frames of this kind; `port` is its name, for errors.
// Errors: no such interface (with the nearest name), one that does not carry such frames.
absl::StatusOr<Interface> FindInterface(const std::string& port, const std::string& name,
                                        packet::LinkType link);

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
