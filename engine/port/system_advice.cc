#include "engine/port/system_advice.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <vector>

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

PortAdvice Hugepages(const char* name, const char* directory, const char* pages_for_use,
                     const fs::path& sysfs) {
  const fs::path pages = sysfs / "kernel/mm/hugepages" / directory;
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

// All CPUs but those of the first core, which has to serve the kernel.
std::string IsolateCommand(const std::vector<Cpu>& cpus) {
  std::vector<int> list;
  for (const Cpu& cpu : cpus) {
    if (cpu.core != cpus.front().core) list.push_back(cpu.id);
  }
  if (list.empty()) return "";
  const std::string ranges = CpuRanges(list);
  return absl::StrCat("boot with isolcpus=managed_irq,domain,", ranges, " nohz_full=", ranges,
                      " rcu_nocbs=", ranges, "; runs then choose among these by themselves");
}

PortAdvice Lcores(const std::vector<Cpu>& cpus) {
  std::vector<int> isolated;
  std::set<int> nodes;
  for (const Cpu& cpu : cpus) {
    if (cpu.isolated) isolated.push_back(cpu.id);
    nodes.insert(cpu.node);
  }
  return {.name = "lcores",
          .kind = "cpu",
          .usable = true,
          .state =
              absl::StrCat(cpus.size(), " CPUs allowed, ", CountCores(cpus), " cores, ",
                           nodes.size(), " NUMA ", nodes.size() == 1 ? "node, " : "nodes, ",
                           isolated.empty() ? "none isolated" : "isolated: " + CpuRanges(isolated)),
          .mend = isolated.empty() ? IsolateCommand(cpus) : ""};
}

PortAdvice Siblings(const std::vector<Cpu>& cpus, const fs::path& sysfs) {
  const bool shared = CountCores(cpus) < cpus.size();
  const fs::path control = sysfs / "devices/system/cpu/smt/control";
  return {.name = "SMT",
          .kind = "cpu",
          .usable = !shared,
          .state = shared ? "two CPUs a core: lcores get a core each as long as there are any"
                          : "a CPU a core",
          .mend = shared ? absl::StrCat("echo off > ", control.string()) : ""};
}

PortAdvice Governor(const std::vector<Cpu>& cpus, const fs::path& sysfs) {
  std::vector<int> slow;
  std::string governor, other;
  for (const Cpu& cpu : cpus) {
    governor = ReadLine(sysfs / absl::StrCat("devices/system/cpu/cpu", cpu.id) /
                        "cpufreq/scaling_governor");
    if (governor.empty() || governor == "performance") continue;
    slow.push_back(cpu.id);
    other = governor;
  }
  if (slow.empty()) {
    return {.name = "governor",
            .kind = "cpu",
            .usable = true,
            .state = governor.empty() ? "not under this kernel's control" : governor,
            .mend = ""};
  }
  const std::string list = CpuRanges(slow);
  return {.name = "governor",
          .kind = "cpu",
          .usable = false,
          .state = absl::StrCat(other, " on CPUs ", list),
          .mend = absl::StrCat("cpupower -c ", list, " frequency-set -g performance")};
}

// Pacing reads the TSC where it is a clock (engine/emit/lane_clock.h).
PortAdvice ClockSource(const fs::path& sysfs) {
  const std::string source =
      ReadLine(sysfs / "devices/system/clocksource/clocksource0/current_clocksource");
  const bool fine = source.empty() || source == "tsc";
  return {.name = "clock",
          .kind = "cpu",
          .usable = fine,
          .state = source.empty() ? "not told by this kernel" : source,
          .mend = fine ? "" : "boot with clocksource=tsc, if the machine's TSC is good"};
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

void SurveySystem(SystemAdvice& advice, const fs::path& sysfs, const std::vector<int>& mask) {
  const std::vector<Cpu> cpus = CpusForLcores(ReadCpus(sysfs), mask);
  advice.system = {
      Hugepages("hugepages 2 MiB", "hugepages-2048kB", "512", sysfs),
      Hugepages("hugepages 1 GiB", "hugepages-1048576kB", "1", sysfs),
      CapabilityAdvice("CAP_NET_RAW", Right::kNetRaw, "for kernel interfaces"),
      CapabilityAdvice("CAP_SYS_ADMIN", Right::kSysAdmin,
                       "for physical addresses of NICs without IOMMU"),
      LockedMemory(),
      Vfio(),
      Lcores(cpus),
      Siblings(cpus, sysfs),
      Governor(cpus, sysfs),
      ClockSource(sysfs),
  };
  for (const PortAdvice& port : advice.ports) {
    if (!port.usable || port.node < 0) continue;
    CpuPool pool(cpus);
    const int emission = pool.Take(port.node);
    advice.lcores.push_back({.port = port.name,
                             .node = port.node,
                             .emission = emission,
                             .generation = pool.Take(port.node)});
  }
}

}  // namespace spate::engine
