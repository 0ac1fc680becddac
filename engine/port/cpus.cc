#include "engine/port/cpus.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <system_error>
#include <thread>
#include <tuple>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/text.h"

namespace spate::engine {
namespace {

namespace fs = std::filesystem;

std::vector<int> ReadRanges(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return ParseCpuRanges(line);
}

// A CPU's directory has a link to its node; 0 where the kernel knows no NUMA.
int NodeOf(const fs::path& directory) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    int node = 0;
    if (name.starts_with("node") && absl::SimpleAtoi(name.substr(4), &node)) return node;
  }
  return 0;
}

}  // namespace

std::vector<int> ParseCpuRanges(std::string_view list) {
  std::vector<int> cpus;
  for (const auto part : absl::StrSplit(AsAbsl(list), ',', absl::SkipWhitespace())) {
    const std::pair<std::string, std::string> ends = absl::StrSplit(part, absl::MaxSplits('-', 1));
    int first = 0, last = 0;
    if (!absl::SimpleAtoi(ends.first, &first)) return {};
    last = first;
    if (!ends.second.empty() && !absl::SimpleAtoi(ends.second, &last)) return {};
    for (int cpu = first; cpu <= last && cpus.size() < CPU_SETSIZE; ++cpu) cpus.push_back(cpu);
  }
  return cpus;
}

std::string CpuRanges(const std::vector<int>& cpus) {
  std::string text;
  for (size_t i = 0; i < cpus.size();) {
    size_t end = i + 1;
    while (end < cpus.size() && cpus[end] == cpus[end - 1] + 1) ++end;
    absl::StrAppend(&text, text.empty() ? "" : ",", cpus[i]);
    if (end - i > 1) absl::StrAppend(&text, "-", cpus[end - 1]);
    i = end;
  }
  return text;
}

std::vector<Cpu> ReadCpus(const fs::path& sysfs) {
  const fs::path root = sysfs / "devices/system/cpu";
  const std::vector<int> isolated = ReadRanges(root / "isolated");
  std::vector<Cpu> cpus;
  for (const int id : ReadRanges(root / "online")) {
    const fs::path directory = root / absl::StrCat("cpu", id);
    const std::vector<int> siblings = ReadRanges(directory / "topology/thread_siblings_list");
    cpus.push_back({.id = id,
                    .node = NodeOf(directory),
                    .core = siblings.empty() ? id : siblings.front(),
                    .isolated = std::ranges::find(isolated, id) != isolated.end()});
  }
  return cpus;
}

std::vector<int> MaskedCpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return {0};
  std::vector<int> cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  }
  return cpus;
}

// By trying: a thread that does nothing else.
bool CanBind(int cpu) {
  if (cpu < 0 || cpu >= CPU_SETSIZE) return false;
  bool can = false;
  std::thread([&] {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    can = pthread_setaffinity_np(pthread_self(), sizeof set, &set) == 0;
  }).join();
  return can;
}

std::vector<Cpu> CpusForLcores(const std::vector<Cpu>& online, const std::vector<int>& mask) {
  const auto masked = [&](const Cpu& cpu) { return std::ranges::find(mask, cpu.id) != mask.end(); };
  const bool narrowed =
      std::ranges::any_of(online, [&](const Cpu& cpu) { return !cpu.isolated && !masked(cpu); });
  std::vector<Cpu> cpus;
  for (const Cpu& cpu : online) {
    if (masked(cpu) || (cpu.isolated && !narrowed)) cpus.push_back(cpu);
  }
  if (!cpus.empty()) return cpus;
  for (const int id : mask) cpus.push_back({.id = id, .core = id});  // without sysfs
  return cpus;
}

size_t CountCores(const std::vector<Cpu>& cpus) {
  std::set<int> cores;
  for (const Cpu& cpu : cpus) cores.insert(cpu.core);
  return cores.size();
}

bool CpuPool::CoreTaken(int core) const {
  return std::ranges::find(taken_, core, &Cpu::core) != taken_.end();
}

int CpuPool::Take(int node) {
  if (cpus_.empty()) std::swap(cpus_, taken_);
  const auto rank = [&](const Cpu& cpu) {
    return std::tuple(node >= 0 && cpu.node != node, CoreTaken(cpu.core), !cpu.isolated,
                      cpu.core == 0, cpu.id);
  };
  const auto best = std::ranges::min_element(cpus_, {}, rank);
  taken_.push_back(*best);
  cpus_.erase(best);
  return taken_.back().id;
}

}  // namespace spate::engine
