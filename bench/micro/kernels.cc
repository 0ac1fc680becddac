// What one packet costs in each stage of the engine, on one core, without a port:
//   build/release/bench/bench_kernels --benchmark_repetitions=5 --benchmark_report_aggregates_only
#include <benchmark/benchmark.h>
#include <sched.h>
#include <x86intrin.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/huge_array.h"
#include "base/random.h"
#include "engine/emit/composer.h"
#include "engine/emit/lane_clock.h"
#include "engine/emit/source.h"
#include "engine/expand/expander.h"
#include "engine/expand/ladder.h"
#include "engine/make_plan.h"
#include "engine/plan/law.h"
#include "engine/ring/ring.h"
#include "measure/records.h"
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

// The bare minimum of stages, next to which docs/performance.md sets what they take: no plan, no
// frames, no device. Cycles are those of the TSC.
constexpr size_t kBoundBurst = 64;

// Counts the TSC's cycles an item of a benchmark.
class BoundMeter {
 public:
  BoundMeter(benchmark::State& state, uint64_t per_round) : state_(state), per_round_(per_round) {}
  ~BoundMeter() {
    const auto items = static_cast<double>(static_cast<uint64_t>(state_.iterations()) * per_round_);
    state_.counters["cycles"] = static_cast<double>(__rdtsc() - began_) / items;
  }
  BoundMeter(const BoundMeter&) = delete;
  BoundMeter& operator=(const BoundMeter&) = delete;

 private:
  benchmark::State& state_;
  const uint64_t per_round_;
  const uint64_t began_ = __rdtsc();
};

// What an IMIX of 10 000 flows draws for each packet: from its place in the stream the bits of the
// size and those of the flow; `look_up`: and the flow's port in a table of as many words.
void BM_BoundDraws(benchmark::State& state, bool look_up) {
  constexpr uint64_t kFlows = 10'000;
  const std::vector<uint64_t> ports(kFlows, 9);
  std::array<uint64_t, kBoundBurst> bits, sizes, flows, values;
  uint64_t packet = 0;
  const BoundMeter meter(state, kBoundBurst);
  for (auto _ : state) {
    for (size_t i = 0; i < kBoundBurst; ++i) bits[i] = PlaceIn(42, packet + i);
    benchmark::ClobberMemory();
    for (size_t i = 0; i < kBoundBurst; ++i) sizes[i] = Mix(bits[i] + 1);
    for (size_t i = 0; i < kBoundBurst; ++i) flows[i] = Mix(bits[i] + 2);
    benchmark::DoNotOptimize(sizes.data());
    benchmark::DoNotOptimize(flows.data());
    benchmark::ClobberMemory();
    if (look_up) {
      for (size_t i = 0; i < kBoundBurst; ++i) values[i] = ports[(flows[i] >> 32) * kFlows >> 32];
      benchmark::DoNotOptimize(values.data());
      benchmark::ClobberMemory();
    }
    packet += kBoundBurst;
  }
}
BENCHMARK_CAPTURE(BM_BoundDraws, bits, false);
BENCHMARK_CAPTURE(BM_BoundDraws, bits_and_table, true);

// Records of so many clocks go through memory once: each is read in order and appended to one of
// 1 024 buckets, which is all that a calendar in buckets does at the least, without its sort.
void BM_BoundBuckets(benchmark::State& state) {
  constexpr size_t kBuckets = 1'024;
  const auto count = static_cast<size_t>(state.range(0));
  const size_t room = 2 * count / kBuckets;
  HugeArray<Timer> from(count), to(room * kBuckets);
  for (size_t i = 0; i < count; ++i) from[i] = {.id = static_cast<uint32_t>(i)};
  std::vector<uint32_t> used(kBuckets);
  const BoundMeter meter(state, count);
  for (auto _ : state) {
    std::fill(used.begin(), used.end(), 0u);
    for (size_t i = 0; i < count; ++i) {
      const size_t bucket = Mix(i) % kBuckets;
      to[bucket * room + used[bucket]++] = from[i];
    }
    benchmark::ClobberMemory();
  }
}
BENCHMARK(BM_BoundBuckets)->Arg(1'000'000)->Arg(10'000'000)->Unit(benchmark::kMillisecond);

// The ladder with the draw of exponential gaps, without packets: so many clocks of a second each.
void BM_BoundLadder(benchmark::State& state) {
  constexpr size_t kQuantiles = 1'025, kEvents = 4'096;
  constexpr double kSecond = 1e12;
  constexpr uint64_t kKeys = 42;
  const auto count = static_cast<uint32_t>(state.range(0));
  std::vector<uint64_t> quantiles;
  for (size_t i = 0; i < kQuantiles; ++i) {
    const double share = std::min(static_cast<double>(i), kQuantiles - 1.5) / (kQuantiles - 1);
    quantiles.push_back(static_cast<uint64_t>(-std::log1p(-share) * kSecond));
  }
  const auto gap = [&](uint64_t key, uint64_t n) {
    return static_cast<int64_t>(
        Interpolated(quantiles.data(), kQuantiles, LawPlan::kWhole, Mix(Draw(key, n) + 1)));
  };
  Ladder<Timer> ladder;
  ladder.Reserve(count);
  for (uint32_t n = 0; n < count; ++n) {
    ladder.Add({.due_ps = gap(n, 0), .id = n, .packets = 1});
  }
  ladder.Start();
  const BoundMeter meter(state, kEvents);
  for (auto _ : state) {
    for (size_t event = 0; event < kEvents; ++event) {
      const Timer timer = *ladder.First();
      ladder.Pop();
      ladder.Push({.due_ps = timer.due_ps + gap(PartKey(kKeys, timer.id), timer.packets),
                   .id = timer.id,
                   .packets = timer.packets + 1});
      ladder.Advance();
    }
  }
}
BENCHMARK(BM_BoundLadder)->Arg(1'000'000)->Arg(10'000'000)->Unit(benchmark::kMicrosecond);

// How late packets of so many a second leave a lane that does nothing but read the clock: the
// machine's own part of every lateness (timer ticks, the hypervisor, neighbours).
void BM_BoundLateness(benchmark::State& state) {
  const double hz = CalibrateTsc().hz;
  const double gap = hz / static_cast<double>(state.range(0));
  measure::Histogram lateness_ns;
  double due = gap;
  const uint64_t began = __rdtsc();
  for (auto _ : state) {
    const auto now = static_cast<double>(__rdtsc() - began);
    for (; due <= now; due += gap) lateness_ns.Add(static_cast<int64_t>((now - due) * 1e9 / hz));
  }
  state.counters["p50_ns"] = static_cast<double>(lateness_ns.Quantile(0.5));
  state.counters["p99_ns"] = static_cast<double>(lateness_ns.Quantile(0.99));
}
BENCHMARK(BM_BoundLateness)->Arg(1'000'000)->Arg(14'880'000)->MinTime(10);

// How long a cache line takes to another CPU and back, which is what a ring between two lcores has
// to hide. Where a hypervisor moves virtual CPUs about it is one time now and another one then.
void BM_BoundRoundTrip(benchmark::State& state) {
  cpu_set_t allowed;
  sched_getaffinity(0, sizeof allowed, &allowed);
  if (CPU_COUNT(&allowed) < 2) return state.SkipWithError("needs two CPUs");
  int cpu = 0;
  const auto pin_to_next = [&] {
    while (!CPU_ISSET(cpu, &allowed)) ++cpu;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu++, &one);
    sched_setaffinity(0, sizeof one, &one);
  };
  struct alignas(128) Line {
    std::atomic<uint64_t> number{0};
  } there, back;
  constexpr uint64_t kEnd = UINT64_MAX;
  pin_to_next();
  std::thread echo([&] {
    pin_to_next();
    for (uint64_t seen = 0; seen != kEnd;) {
      seen = there.number.load(std::memory_order_acquire);
      back.number.store(seen, std::memory_order_release);
    }
  });
  const double ns_per_cycle = 1e9 / CalibrateTsc().hz;
  measure::Histogram ns;
  uint64_t number = 0;
  for (auto _ : state) {
    const uint64_t began = __rdtsc();
    there.number.store(++number, std::memory_order_release);
    while (back.number.load(std::memory_order_acquire) != number) {
    }
    ns.Add(static_cast<int64_t>(static_cast<double>(__rdtsc() - began) * ns_per_cycle));
  }
  there.number.store(kEnd, std::memory_order_release);
  echo.join();
  sched_setaffinity(0, sizeof allowed, &allowed);
  for (const int percent : {5, 50, 95}) {
    state.counters["p" + std::to_string(percent) + "_ns"] =
        static_cast<double>(ns.Quantile(percent / 100.0));
  }
}
BENCHMARK(BM_BoundRoundTrip)->MinTime(5);

}  // namespace
}  // namespace spate::engine

BENCHMARK_MAIN();
