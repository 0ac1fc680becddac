#include "engine/port/dpdk_device.h"

#include <rte_dev.h>
#include <rte_errno.h>

#include <cerrno>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "base/text.h"
#include "engine/port/eal.h"

namespace spate::engine {

absl::Status DpdkError(std::string_view port, std::string_view what, int code) {
  // Many drivers return a bare -1; what they log says more.
  const std::string log = TakeEalMessage();
  const std::string reason = log.empty() ? rte_strerror(std::abs(code)) : log;
  return absl::FailedPreconditionError(
      absl::StrCat("port ", AsAbsl(port), ": ", AsAbsl(what), ": ", reason));
}

absl::StatusOr<DpdkDevice> DpdkDevice::Probe(const std::string& port, const char* bus,
                                             const std::string& name,
                                             const std::string& arguments) {
  TakeEalMessage();  // what was said before is not about this device
  const int error = rte_eal_hotplug_add(bus, name.c_str(), arguments.c_str());
  if (error == -EFAULT) {
    return absl::NotFoundError(absl::StrCat("port ", port, ": no DPDK driver for ", name,
                                            "; is its library (librte-net-…) installed?"));
  }
  if (error != 0) return DpdkError(port, "DPDK cannot open device " + name, error);
  uint16_t id = 0;
  if (rte_eth_dev_get_port_by_name(name.c_str(), &id) != 0) {
    rte_eal_hotplug_remove(bus, name.c_str());
    return absl::FailedPreconditionError(
        absl::StrCat("port ", port, ": ", name, " is not a network device"));
  }
  return DpdkDevice(id);
}

DpdkDevice::~DpdkDevice() {
  if (id_ == RTE_MAX_ETHPORTS) return;
  rte_eth_dev_info info;
  const bool known = rte_eth_dev_info_get(id_, &info) == 0;
  rte_eth_dev_stop(id_);
  rte_eth_dev_close(id_);
  if (known) rte_dev_remove(info.device);
}

std::string UnusedDeviceName(const std::string& wanted) {
  std::string name = wanted;
  uint16_t id = 0;
  for (int n = 1; rte_eth_dev_get_port_by_name(name.c_str(), &id) == 0; ++n) {
    name = absl::StrCat(wanted, "_", n);
  }
  return name;
}

}  // namespace spate::engine
