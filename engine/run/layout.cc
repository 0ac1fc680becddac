#include "engine/run/layout.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace spate::engine {
namespace {

constexpr int kMaxLcores = 256;

}  // namespace

std::vector<int> AllowedCpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cpus;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return {0};
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  }
  return cpus;
}

absl::StatusOr<Layout> PlanLayout(const RunOptions& options, size_t ports, bool receives) {
  const std::vector<int> allowed = AllowedCpus();
  std::vector<int> cpus = options.lcores.empty() ? allowed : options.lcores;
  for (int cpu : cpus) {
    if (std::ranges::find(allowed, cpu) == allowed.end()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "lcore ", cpu, " is not available; this process may use ", absl::StrJoin(allowed, ",")));
    }
  }
  Layout layout;
  layout.ports = static_cast<int>(ports);
  // A lane of its own for generation pays once a CPU is left for the rest of the system.
  const bool spare = cpus.size() >= ports + receives + 2;
  layout.generation =
      options.generation_lcores == RunOptions::kAuto ? (spare ? 1 : 0) : options.generation_lcores;
  layout.emission = options.emission_lcores == RunOptions::kAuto ? 1 : options.emission_lcores;
  const int64_t emission = int64_t{layout.emission} * layout.ports;
  if (layout.generation < 0 || layout.emission < 1 || layout.generation + emission > kMaxLcores) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a run needs 1 to ", kMaxLcores, " lcores, at least one for emission on each port; asked ",
        "for ", layout.generation, " generation and ", emission, " emission lcores"));
  }
  const auto threads = static_cast<size_t>(layout.generation + emission);
  layout.shared_cpus = threads + receives > cpus.size();
  if (receives) layout.receive_cpu = cpus[threads % cpus.size()];
  for (size_t i = 0; i < threads; ++i) {
    auto& list = i < static_cast<size_t>(emission) ? layout.emission_cpus : layout.generation_cpus;
    list.push_back(cpus[i % cpus.size()]);
  }
  return layout;
}

void EnterLcore(int cpu, const char* role) {
  pthread_setname_np(pthread_self(), role);
  if (cpu < 0) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

}  // namespace spate::engine
