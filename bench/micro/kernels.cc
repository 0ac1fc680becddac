// What one packet costs in each stage of the engine, on one core, without a port:
//   build/release/bench/bench_kernels --benchmark_repetitions=5 --benchmark_report_aggregates_only
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <vector>

#include "engine/emit/composer.h"
#include "engine/emit/source.h"
#include "engine/expand/expander.h"
#include "engine/make_plan.h"
#include "engine/plan/law.h"
#include "engine/ring/ring.h"
#include "template/template.h"

namespace spate::engine {
namespace {

constexpr uint32_t kSlots = 4'096;

// The templates that people start from are the ones worth measuring.
Plan LoadPlan(const char* name) {
  const char* root = std::getenv("SPATE_SOURCE_ROOT");
  const std::string path = std::string(root == nullptr ? "." : root) + "/configs/" + name;
  absl::StatusOr<tmpl::Template> read = tmpl::ReadFile(path);
  absl::StatusOr<core::Scenario> scenario = read.ok() ? tmpl::Compile(*read) : read.status();
  absl::StatusOr<Plan> plan = scenario.ok() ? MakePlan(*scenario) : scenario.status();
  if (!plan.ok()) {
    fprintf(stderr, "%s\n", std::string(plan.status().message()).c_str());
    std::exit(1);
  }
  return *std::move(plan);
}

void PerPacket(benchmark::State& state, uint64_t packets) {
  state.SetItemsProcessed(static_cast<int64_t>(packets));
}

void BM_Draw(benchmark::State& state) {
  uint64_t n = 0;
  for (auto _ : state) benchmark::DoNotOptimize(Draw(42, n++));
  PerPacket(state, n);
}
BENCHMARK(BM_Draw);

void BM_DrawAlias(benchmark::State& state) {
  const Plan plan = LoadPlan("imix.json");
  const DrawPlan& draw = plan.draws[plan.messages[0].size_draw];
  uint64_t n = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(Outcome(draw.law, plan.words.data(), n, Draw(42, n)));
    ++n;
  }
  PerPacket(state, n);
}
BENCHMARK(BM_DrawAlias);

void BM_Expand(benchmark::State& state, const char* name) {
  const Plan plan = LoadPlan(name);
  Expander expander(plan, Shard{.runs = true});
  const auto slots = std::make_unique<Slot[]>(kSlots);
  for (auto _ : state) {
    Lane lane{.slots = slots.get(), .used = 0, .capacity = kSlots};
    expander.Expand({&lane, 1});
    benchmark::ClobberMemory();
  }
  PerPacket(state, expander.packets());
}
BENCHMARK_CAPTURE(BM_Expand, flood, "udp-flood-1m.json");
BENCHMARK_CAPTURE(BM_Expand, imix, "imix.json");
BENCHMARK_CAPTURE(BM_Expand, dns, "dns.json");
BENCHMARK_CAPTURE(BM_Expand, mqtt, "mqtt-sensors.json");

void BM_Ring(benchmark::State& state) {
  DescriptorRing ring(kSlots);
  Slot in[kBurst] = {}, out[kBurst];
  uint64_t packets = 0;
  for (auto _ : state) {
    ring.Push(in);
    packets += ring.Pop(out);
    benchmark::ClobberMemory();
  }
  PerPacket(state, packets);
}
BENCHMARK(BM_Ring);

void BM_Compose(benchmark::State& state, const char* name) {
  const Plan plan = LoadPlan(name);
  Expander expander(plan, Shard{.runs = true});
  ExpanderSource source(expander);
  Inbox inbox(plan, source);
  inbox.Refill();
  std::vector<Batch> batches(4);
  for (Batch& batch : batches) inbox.Take(batch, kBurst);
  const size_t stride = (plan.max_frame + 127) / 64 * 64;
  const auto frames = std::make_unique<uint8_t[]>(stride * kBurst);
  Burst burst;
  for (size_t i = 0; i < kBurst; ++i) burst.data[i] = frames.get() + i * stride;
  Composer composer(plan);
  uint64_t packets = 0;
  size_t at = 0;
  for (auto _ : state) {
    composer.Compose(batches[at], burst);
    packets += batches[at].size();
    at = (at + 1) % batches.size();
    benchmark::ClobberMemory();
  }
  PerPacket(state, packets);
}
BENCHMARK_CAPTURE(BM_Compose, flood, "udp-flood-1m.json");
BENCHMARK_CAPTURE(BM_Compose, imix, "imix.json");
BENCHMARK_CAPTURE(BM_Compose, dns, "dns.json");
BENCHMARK_CAPTURE(BM_Compose, mqtt, "mqtt-sensors.json");

}  // namespace
}  // namespace spate::engine

BENCHMARK_MAIN();
