// Sends packets of a template to the null device, on one lcore that runs to completion: no more of
// spate than it takes, for bench/instructions to count.
//   bench_send TEMPLATE PACKETS [NAME=VALUE ...]
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status.h"
#include "engine/make_plan.h"
#include "engine/run/run.h"
#include "template/template.h"

namespace spate::engine {
namespace {

absl::Status SendToNull(const char* path, uint64_t packets, const tmpl::ReadOptions& read) {
  SPATE_ASSIGN_OR_RETURN(const tmpl::Template source, tmpl::ReadFile(path, read));
  SPATE_ASSIGN_OR_RETURN(const core::Scenario scenario, tmpl::Compile(source));
  PlanOptions limits;
  limits.packets = packets;
  SPATE_ASSIGN_OR_RETURN(const Plan plan, MakePlan(scenario, limits));
  SPATE_ASSIGN_OR_RETURN(const std::unique_ptr<Port> port, OpenPort("null"));
  RunOptions options;
  options.mode = Mode::kRunToCompletion;
  options.unpaced = true;
  const std::atomic<bool> never{false};
  SPATE_ASSIGN_OR_RETURN(const RunResult result, RunOn(plan, options, *port, never));
  if (result.sent == packets) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(path, ": sent ", result.sent, " of ", packets));
}

}  // namespace
}  // namespace spate::engine

int main(int argc, char** argv) {
  uint64_t packets = 0;
  if (argc < 3 || !absl::SimpleAtoi(argv[2], &packets)) {
    fprintf(stderr, "usage: bench_send TEMPLATE PACKETS [NAME=VALUE ...]\n");
    return 2;
  }
  spate::tmpl::ReadOptions read;
  for (int i = 3; i < argc; ++i) {
    read.set.push_back(absl::StrSplit(argv[i], absl::MaxSplits('=', 1)));
  }
  const absl::Status sent = spate::engine::SendToNull(argv[1], packets, read);
  if (sent.ok()) return 0;
  fprintf(stderr, "bench_send: %s\n", std::string(sent.message()).c_str());
  return 1;
}
