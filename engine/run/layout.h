// Which threads a run has and on which CPUs.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/plan/mode.h"
#include "engine/run/run.h"

namespace spate::engine {

struct Layout {
  Mode mode = Mode::kRunToCompletion;
  int generation = 0;  // lcores that only expand; 0: emission lcores run to completion
  int emission = 1;    // of each port
  int ports = 1;
  bool shared_cpus = false;        // more threads than CPUs: no pinning, idle threads yield
  std::vector<int> emission_cpus;  // port by port
  std::vector<int> generation_cpus;
  int receive_cpu = -1;  // of the lcore that receives; -1: none does
};

// `nodes`: NUMA nodes of the ports (Port::numa_node). `receives`: an lcore does.
// `why_not_prefilled`: "" when frames can be sent again as they are. Errors: a mode that cannot be,
// a CPU that the process may not use, more lcores asked for than descriptors can name.
absl::StatusOr<Layout> PlanLayout(const RunOptions& options, const std::vector<int>& nodes,
                                  bool receives, const std::string& why_not_prefilled);

// Binds the calling thread to `cpu` and names it, for top and gdb.
void EnterLcore(int cpu, const char* role);

}  // namespace spate::engine
