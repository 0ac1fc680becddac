// The machine's CPUs as sysfs tells of them, and which of them a run's lcores get.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace spate::engine {

struct Cpu {
  int id = 0;
  int node = 0;  // NUMA
  int core = 0;  // the lowest CPU of its core: SMT siblings share it
  bool isolated = false;

  friend bool operator==(const Cpu&, const Cpu&) = default;
};

// Those that are online, by number. `sysfs`: where it is mounted.
std::vector<Cpu> ReadCpus(const std::filesystem::path& sysfs = "/sys");

// CPUs of the calling thread's mask.
std::vector<int> MaskedCpus();

// Whether this process may put a thread there: cpusets forbid, the mask does not.
bool CanBind(int cpu);

// Of `online` those that lcores may be put on without being named: `mask`, and isolated CPUs. The
// kernel leaves those out of every mask, so a mask of all others is one that nobody has narrowed.
std::vector<Cpu> CpusForLcores(const std::vector<Cpu>& online, const std::vector<int>& mask);

size_t CountCores(const std::vector<Cpu>& cpus);

// Deals CPUs to lcores, the best first.
class CpuPool {
 public:
  // At least one CPU.
  explicit CpuPool(std::vector<Cpu> cpus) : cpus_(std::move(cpus)) {}

  // The best that is left: on NUMA node `node` (-1: any), then on a core that no lcore has yet,
  // then isolated, then not on the core of CPU 0, which the kernel keeps busy. When none is left
  // all are dealt again.
  int Take(int node);

 private:
  bool CoreTaken(int core) const;

  std::vector<Cpu> cpus_;   // that are left
  std::vector<Cpu> taken_;  // and the others
};

// "0-3,8" as numbers; what is no list is none.
std::vector<int> ParseCpuRanges(std::string_view list);
// The other way round.
std::string CpuRanges(const std::vector<int>& cpus);

}  // namespace spate::engine
