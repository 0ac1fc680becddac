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
#include "packet/checksum.h"
#include "template/template.h"

namespace spate::engine {
namespace {

constexpr uint32_t kSlots = 4'096;

// The templates that people start from are the ones worth measuring.
Plan LoadPlan(const char* name) {
  const char* root = std::getenv("SPATE_SOURCE_ROOT");
  const std::string path = std::string(root == nullptr ? "." : root) + "/" + name;
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
  const Plan plan = LoadPlan("configs/imix.json");
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
BENCHMARK_CAPTURE(BM_Expand, flood, "configs/udp-flood-1m.json");
BENCHMARK_CAPTURE(BM_Expand, imix, "configs/imix.json");
BENCHMARK_CAPTURE(BM_Expand, dns, "configs/dns.json");
BENCHMARK_CAPTURE(BM_Expand, mqtt, "configs/mqtt-sensors.json");
BENCHMARK_CAPTURE(BM_Expand, modifiers, "bench/templates/five-modifiers.json");
BENCHMARK_CAPTURE(BM_Expand, pools, "bench/templates/imix-10k.json");
BENCHMARK_CAPTURE(BM_Expand, rows, "bench/templates/zipf-rows.json");
BENCHMARK_CAPTURE(BM_Expand, chain, "bench/templates/chain-20.json");

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
  ExpanderSource source(expander, kSlots);
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
BENCHMARK_CAPTURE(BM_Compose, flood, "configs/udp-flood-1m.json");
BENCHMARK_CAPTURE(BM_Compose, imix, "configs/imix.json");
BENCHMARK_CAPTURE(BM_Compose, dns, "configs/dns.json");
BENCHMARK_CAPTURE(BM_Compose, mqtt, "configs/mqtt-sensors.json");
BENCHMARK_CAPTURE(BM_Compose, modifiers, "bench/templates/five-modifiers.json");
BENCHMARK_CAPTURE(BM_Compose, pools, "bench/templates/imix-10k.json");
BENCHMARK_CAPTURE(BM_Compose, rows, "bench/templates/zipf-rows.json");
BENCHMARK_CAPTURE(BM_Compose, chain, "bench/templates/chain-20.json");

// Bytes a second; the engine itself sums only what varies.
void BM_Checksum(benchmark::State& state) {
  const std::vector<uint8_t> data(static_cast<size_t>(state.range(0)), 0x5a);
  for (auto _ : state) benchmark::DoNotOptimize(packet::SumBytes(data.data(), data.size()));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) * state.range(0));
}
BENCHMARK(BM_Checksum)->Arg(20)->Arg(60)->Arg(1'514);

// From the file to the plan.
void BM_Compile(benchmark::State& state, const char* name) {
  for (auto _ : state) benchmark::DoNotOptimize(LoadPlan(name));
}
BENCHMARK_CAPTURE(BM_Compile, flood, "configs/udp-flood-1m.json")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_Compile, dns, "configs/dns.json")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_Compile, web, "configs/web-users.json")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_Compile, million, "bench/templates/renewal.json")
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace spate::engine

BENCHMARK_MAIN();
