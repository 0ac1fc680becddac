#include "engine/run/layout.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "base/text.h"

namespace spate::engine {
namespace {

constexpr int kMaxLcores = 256;

absl::StatusOr<Mode> ChooseMode(const RunOptions& options, const std::string& why_not_prefilled,
                                bool spare) {
  const bool can_prefill = why_not_prefilled.empty();
  const int generation = options.generation_lcores;
  const std::string mode = absl::StrCat("mode ", AsAbsl(ModeName(options.mode)));
  switch (options.mode) {
    case Mode::kAuto: {
      const bool pipeline =
          generation == RunOptions::kAuto ? spare && !can_prefill : generation > 0;
      if (pipeline) return Mode::kPipeline;
      return can_prefill ? Mode::kPrefilled : Mode::kRunToCompletion;
    }
    case Mode::kPipeline:
      if (generation != 0) return options.mode;
      return absl::InvalidArgumentError(
          absl::StrCat(mode, " needs generation lcores, 0 were asked for"));
    case Mode::kPrefilled:
      if (!can_prefill)
        return absl::InvalidArgumentError(absl::StrCat(mode, ": ", why_not_prefilled));
      break;
    case Mode::kRunToCompletion:
      break;
  }
  if (generation <= 0) return options.mode;
  return absl::InvalidArgumentError(
      absl::StrCat(mode, " has no generation lcores, ", generation, " were asked for"));
}

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

absl::StatusOr<Layout> PlanLayout(const RunOptions& options, size_t ports, bool receives,
                                  const std::string& why_not_prefilled) {
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
  SPATE_ASSIGN_OR_RETURN(layout.mode, ChooseMode(options, why_not_prefilled, spare));
  if (layout.mode == Mode::kPipeline) {
    layout.generation =
        options.generation_lcores == RunOptions::kAuto ? 1 : options.generation_lcores;
  }
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
