#include "engine/run/layout.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "base/text.h"
#include "engine/port/cpus.h"

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

// Those that were named, or those that this process may use.
absl::StatusOr<std::vector<Cpu>> CpusOf(const RunOptions& options) {
  const std::vector<Cpu> online = ReadCpus();
  const std::vector<int> mask = MaskedCpus();
  if (options.lcores.empty()) return CpusForLcores(online, mask);
  std::vector<Cpu> cpus;
  for (const int id : options.lcores) {
    if (!CanBind(id)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "lcore ", id, " is not available; this process may use ", absl::StrJoin(mask, ",")));
    }
    const auto known = std::ranges::find(online, id, &Cpu::id);
    cpus.push_back(known == online.end() ? Cpu{.id = id, .core = id} : *known);
  }
  return cpus;
}

}  // namespace

absl::StatusOr<Layout> PlanLayout(const RunOptions& options, const std::vector<int>& nodes,
                                  bool receives, const std::string& why_not_prefilled) {
  SPATE_ASSIGN_OR_RETURN(const std::vector<Cpu> cpus, CpusOf(options));
  Layout layout;
  layout.ports = static_cast<int>(nodes.size());
  // A lane of its own for generation pays once a core is left for the rest of the system.
  const bool spare = CountCores(cpus) >= nodes.size() + receives + 2;
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
  // CPUs that were named are taken as they stand.
  CpuPool pool(cpus);
  auto take = [&, next = size_t{0}](int node) mutable {
    return options.lcores.empty() ? pool.Take(node)
                                  : options.lcores[next++ % options.lcores.size()];
  };
  for (const int node : nodes) {
    for (int i = 0; i < layout.emission; ++i) layout.emission_cpus.push_back(take(node));
  }
  for (int i = 0; i < layout.generation; ++i) {
    layout.generation_cpus.push_back(take(nodes[static_cast<size_t>(i) % nodes.size()]));
  }
  if (receives) layout.receive_cpu = take(nodes.front());
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
