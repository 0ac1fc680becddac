#include "engine/port/pci.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace spate::engine {
namespace {

namespace fs = std::filesystem;

constexpr char kDevices[] = "/sys/bus/pci/devices";
constexpr std::string_view kNetworkClass = "0x02";  // base class 02h: network controller

std::string ReadWord(const fs::path& path) {
  std::ifstream file(path);
  std::string word;
  file >> word;
  return word;
}

void AddInterfaces(const fs::path& directory, PciDevice& device) {
  std::error_code error;
  fs::directory_iterator it(directory / "net", error);
  for (const fs::directory_iterator end; !error && it != end; it.increment(error)) {
    device.interfaces.push_back(it->path().filename());
  }
}

PciDevice ReadDevice(const fs::path& directory) {
  std::error_code error;
  PciDevice device{.address = directory.filename(), .driver = {}, .interfaces = {}};
  device.driver = fs::read_symlink(directory / "driver", error).filename();
  const std::string node = ReadWord(directory / "numa_node");
  if (int number; absl::SimpleAtoi(node, &number) && number >= 0) device.numa_node = number;
  AddInterfaces(directory, device);
  // virtio devices have their interfaces one level below.
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    if (it->path().filename().string().starts_with("virtio")) AddInterfaces(it->path(), device);
  }
  return device;
}

}  // namespace

std::vector<PciDevice> PciNetworkDevices() {
  std::vector<PciDevice> devices;
  std::error_code error;
  for (fs::directory_iterator it(kDevices, error), end; !error && it != end; it.increment(error)) {
    if (ReadWord(it->path() / "class").starts_with(kNetworkClass)) {
      devices.push_back(ReadDevice(it->path()));
    }
  }
  std::ranges::sort(devices, {}, &PciDevice::address);
  return devices;
}

bool DrivenByDpdk(const PciDevice& device) {
  constexpr std::array<std::string_view, 5> kDrivers = {"vfio-pci", "igb_uio", "uio_pci_generic",
                                                        "mlx4_core", "mlx5_core"};
  return std::ranges::find(kDrivers, device.driver) != kDrivers.end();
}

std::string ReasonToKeep(const PciDevice& device, std::span<const std::string> interfaces,
                         std::span<const std::string> addressed) {
  for (const std::string& name : device.interfaces) {
    if (interfaces.size() == 1 && interfaces.front() == name) {
      return absl::StrCat(name, " is the machine's only interface");
    }
    if (std::ranges::find(addressed, name) != addressed.end()) {
      return absl::StrCat(name, " has addresses");
    }
  }
  return "";
}

std::string BindCommand(const PciDevice& device) {
  return absl::StrCat("modprobe vfio-pci && dpdk-devbind.py -b vfio-pci ", device.address);
}

}  // namespace spate::engine
