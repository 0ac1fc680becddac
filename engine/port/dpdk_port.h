// Any DPDK device as a port, and the null port, which is DPDK's net_null: the same code path as a
// NIC, so that comparisons with other DPDK tools are honest.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/port/port.h"

namespace spate::engine {

// Both start the EAL and create or probe the device; nothing is sent before Start. A virtual
// device is made under the user's name, or under one derived from it when that is taken.
// Errors: the EAL does not start, no such driver or device, device not bound to a driver that DPDK
// can use.
// A driver that queues frames of its own can't be asked whether all have left (net_af_packet): with
// such a device the account is of what it took.
absl::StatusOr<std::unique_ptr<Port>> OpenDpdkPort(const std::string& name,
                                                   const PortOptions& options);
absl::StatusOr<std::unique_ptr<Port>> OpenNullPort(const std::string& name,
                                                   const PortOptions& options);

void SurveyDpdk(SystemAdvice& advice);
void SurveyNull(SystemAdvice& advice);

}  // namespace spate::engine
