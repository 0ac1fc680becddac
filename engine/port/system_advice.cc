#include "engine/port/system_advice.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "engine/port/rights.h"

namespace spate::engine {
namespace {

namespace fs = std::filesystem;

// The first line of a file of sysfs or procfs, "" when there is none.
std::string ReadLine(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::optional<uint64_t> ReadNumber(const fs::path& path) {
  std::ifstream file(path);
  uint64_t number = 0;
  if (!(file >> number)) return std::nullopt;
  return number;
}

PortAdvice Hugepages(const char* name, const char* directory, const char* pages_for_use) {
  const fs::path pages = fs::path("/sys/kernel/mm/hugepages") / directory;
  const std::optional<uint64_t> total = ReadNumber(pages / "nr_hugepages");
  const std::optional<uint64_t> free = ReadNumber(pages / "free_hugepages");
  PortAdvice line{.name = name, .kind = "memory", .state = {}, .mend = {}};
  if (!total || !free) {
    line.state = "not offered by this CPU or kernel";
    return line;
  }
  line.usable = *free > 0;
  line.state = absl::StrCat(*free, " of ", *total, " free");
  // Every port works without them, NICs faster with.
  if (!line.usable) {
    line.mend = absl::StrCat("echo ", pages_for_use, " > ", (pages / "nr_hugepages").string());
  }
  return line;
}

PortAdvice CapabilityAdvice(const char* name, Right right, const char* use) {
  const bool there = HasRight(right);
  return {.name = name,
          .kind = "right",
          .usable = there,
          .state = absl::StrCat(there ? "yes" : "no", ", ", use),
          .mend = there ? "" : GrantCommand(right)};
}

PortAdvice Vfio() {
  std::error_code error;
  const bool loaded = fs::exists("/sys/module/vfio_pci", error);
  return {.name = "vfio-pci",
          .kind = "driver",
          .usable = loaded,
          .state = loaded ? "loaded" : "not loaded; for DPDK on a NIC",
          .mend = loaded ? "" : "modprobe vfio-pci"};
}

PortAdvice Cpus() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  sched_getaffinity(0, sizeof(allowed), &allowed);
  const std::string isolated = ReadLine("/sys/devices/system/cpu/isolated");
  return {.name = "lcores",
          .kind = "cpu",
          .usable = true,
          .state = absl::StrCat(CPU_COUNT(&allowed), " CPUs allowed, ",
                                isolated.empty() ? "none isolated" : "isolated: " + isolated),
          .mend = isolated.empty() ? "boot with isolcpus=LIST nohz_full=LIST rcu_nocbs=LIST, then "
                                     "run with --lcores LIST"
                                   : ""};
}

PortAdvice Governor() {
  const std::string governor = ReadLine("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  const bool fine = governor.empty() || governor == "performance";
  return {.name = "governor",
          .kind = "cpu",
          .usable = fine,
          .state = governor.empty() ? "not under this kernel's control" : governor,
          .mend = fine ? "" : "cpupower frequency-set -g performance"};
}

PortAdvice LockedMemory() {
  rlimit limit{};
  getrlimit(RLIMIT_MEMLOCK, &limit);
  const bool unlimited = limit.rlim_cur == RLIM_INFINITY || HasRight(Right::kIpcLock);
  return {.name = "locked memory",
          .kind = "limit",
          .usable = unlimited,
          .state = unlimited ? "unlimited"
                             : absl::StrCat(limit.rlim_cur >> 10,
                                            " KiB; a NIC behind vfio-pci "
                                            "needs all its memory locked"),
          .mend = unlimited ? "" : "ulimit -l unlimited"};
}

}  // namespace

void SurveySystem(SystemAdvice& advice) {
  advice.system = {
      Hugepages("hugepages 2 MiB", "hugepages-2048kB", "512"),
      Hugepages("hugepages 1 GiB", "hugepages-1048576kB", "1"),
      CapabilityAdvice("CAP_NET_RAW", Right::kNetRaw, "for kernel interfaces"),
      CapabilityAdvice("CAP_SYS_ADMIN", Right::kSysAdmin,
                       "for physical addresses of NICs without IOMMU"),
      LockedMemory(),
      Vfio(),
      Cpus(),
      Governor(),
  };
}

}  // namespace spate::engine
