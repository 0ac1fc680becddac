// An EAL device, created or probed, for as long as it lives.
#pragma once

#include <rte_ethdev.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace spate::engine {

class DpdkDevice {
 public:
  // `bus`: "pci" or "vdev"; `port`: as the user named it, for errors. The EAL must be started.
  static absl::StatusOr<DpdkDevice> Probe(const std::string& port, const char* bus,
                                          const std::string& name, const std::string& arguments);
  DpdkDevice(DpdkDevice&& other) noexcept : id_(std::exchange(other.id_, RTE_MAX_ETHPORTS)) {}
  DpdkDevice& operator=(DpdkDevice&&) = delete;
  // Stops, closes and removes it.
  ~DpdkDevice();

  uint16_t id() const { return id_; }

 private:
  explicit DpdkDevice(uint16_t id) : id_(id) {}

  uint16_t id_;
};

// A device name that none has yet: several ports may be "null", and drivers recognise their devices
// by the beginning of the name.
std::string UnusedDeviceName(const std::string& wanted);

// "port P: what: reason (what DPDK logged)"; `code` is an errno of DPDK's, of either sign.
absl::Status DpdkError(std::string_view port, std::string_view what, int code);

}  // namespace spate::engine
