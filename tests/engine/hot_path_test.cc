// Between the first packet and the last nothing is allocated, whatever is sent and in whatever mode
// (architecture, invariant 2). A program of its own: it stands in for malloc.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/make_plan.h"
#include "engine/run/run.h"
#include "template/template.h"

namespace {

std::atomic<bool> g_armed{false};
std::atomic<bool> g_lanes_only{false};  // other threads may allocate
std::atomic<uint64_t> g_allocations{0};
thread_local bool is_lane = false;
thread_local bool is_test = false;  // the thread that starts the others and waits for them

[[maybe_unused]] void Count() {
  if (!g_armed.load(std::memory_order_relaxed)) return;
  const bool may = is_test || g_lanes_only.load(std::memory_order_relaxed);
  if (is_lane || !may) g_allocations.fetch_add(1);
}

}  // namespace

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SPATE_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SPATE_SANITIZED
#endif
#endif

#ifndef SPATE_SANITIZED
// glibc's own names of what stands behind malloc; operator new comes through here, too.
extern "C" {
void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);

void* malloc(size_t bytes) {
  Count();
  return __libc_malloc(bytes);
}
void* calloc(size_t count, size_t bytes) {
  Count();
  return __libc_calloc(count, bytes);
}
void* realloc(void* old, size_t bytes) {
  Count();
  return __libc_realloc(old, bytes);
}
void* aligned_alloc(size_t alignment, size_t bytes) {
  Count();
  return __libc_memalign(alignment, bytes);
}
}
#endif

namespace spate::engine {
namespace {

constexpr uint64_t kPackets = 20'000;

// A queue that counts allocations from the second burst of each plan on (the first one registers
// the thread with DPDK) to the end.
class WatchedQueue final : public TxQueue {
 public:
  explicit WatchedQueue(std::unique_ptr<TxQueue> queue) : queue_(std::move(queue)) {}
  bool Acquire(Burst& burst, uint16_t begin, uint16_t end) override {
    return queue_->Acquire(burst, begin, end);
  }
  uint16_t Send(Burst& burst, uint16_t begin, uint16_t end) override {
    return Watch(queue_->Send(burst, begin, end));
  }
  bool Keep(Burst& burst, uint16_t count) override { return queue_->Keep(burst, count); }
  uint16_t Resend(Burst& burst, uint16_t begin, uint16_t end) override {
    return Watch(queue_->Resend(burst, begin, end));
  }
  void Release(Burst& burst, uint16_t begin, uint16_t end) override {
    queue_->Release(burst, begin, end);
  }
  void NextPlan(int64_t begin_ps) override {
    g_armed = false;
    sent_ = 0;
    queue_->NextPlan(begin_ps);
  }
  absl::Status Finish() override {
    g_armed = false;
    return queue_->Finish();
  }

 private:
  uint16_t Watch(uint16_t sent) {
    is_lane = true;
    sent_ += sent;
    g_armed = sent_ < kPackets - kBurst;
    return sent;
  }

  const std::unique_ptr<TxQueue> queue_;
  uint64_t sent_ = 0;
};

class WatchedPort final : public Port {
 public:
  explicit WatchedPort(std::unique_ptr<Port> port) : port_(std::move(port)) {}
  std::string_view name() const override { return port_->name(); }
  std::string_view kind() const override { return port_->kind(); }
  uint32_t max_frame() const override { return port_->max_frame(); }
  bool keeps_frames() const override { return port_->keeps_frames(); }
  absl::Status Start(uint32_t queues) override { return port_->Start(queues); }
  absl::Status Close(bool keep) override { return port_->Close(keep); }
  absl::StatusOr<std::unique_ptr<TxQueue>> OpenQueue(uint32_t queue, uint32_t room) override {
    auto opened = port_->OpenQueue(queue, room);
    if (!opened.ok()) return opened.status();
    return std::make_unique<WatchedQueue>(*std::move(opened));
  }

 private:
  const std::unique_ptr<Port> port_;
};

absl::StatusOr<Plan> CompiledPlan(const std::string& path) {
  auto read = tmpl::ReadFile(path);
  if (!read.ok()) return read.status();
  auto scenario = tmpl::Compile(*read);
  if (!scenario.ok()) return scenario.status();
  PlanOptions options;
  options.packets = kPackets;
  return MakePlan(*scenario, options);
}

uint64_t AllocationsOf(const Plan& plan, Mode mode) {
  auto port = OpenPort("null");
  EXPECT_TRUE(port.ok()) << port.status();
  if (!port.ok()) return 0;
  WatchedPort watched(*std::move(port));
  RunOptions options;
  options.mode = mode;
  options.unpaced = true;
  g_allocations = 0;
  is_test = true;
  const std::atomic<bool> never{false};
  const auto result = RunOn(plan, options, watched, never);
  g_armed = false;
  EXPECT_TRUE(result.ok()) << result.status();
  if (result.ok()) {
    EXPECT_GT(result->sent, kPackets / 20);
  }
  return g_allocations;
}

TEST(HotPath, AllocatesNothing) {
#ifdef SPATE_SANITIZED
  GTEST_SKIP() << "a sanitizer has a malloc of its own";
#endif
  const char* const root = std::getenv("SPATE_SOURCE_ROOT");
  ASSERT_NE(root, nullptr);
  size_t plans = 0;
  for (const auto& entry : std::filesystem::directory_iterator(absl::StrCat(root, "/configs"))) {
    if (entry.path().extension() != ".json") continue;
    SCOPED_TRACE(entry.path().string());
    const auto plan = CompiledPlan(entry.path().string());
    ASSERT_TRUE(plan.ok()) << plan.status();
    if (plan->link != packet::LinkType::kEthernet) continue;
    ++plans;
    EXPECT_EQ(AllocationsOf(*plan, Mode::kRunToCompletion), 0u);
    EXPECT_EQ(AllocationsOf(*plan, Mode::kPipeline), 0u);
  }
  EXPECT_GT(plans, 5u);
}

// The thread that waits for the end of the run settles the old plan's account meanwhile.
uint64_t AllocationsOfNewPlan(const Plan& first, const Plan& second, Mode mode) {
  auto port = OpenPort("null");
  EXPECT_TRUE(port.ok()) << port.status();
  if (!port.ok()) return 0;
  WatchedPort watched(*std::move(port));
  RunOptions options;
  options.mode = mode;
  options.unpaced = true;
  options.frame_room = 1'514;
  bool given = false, taken = false;
  options.replacement = [&]() -> std::optional<Replacement> {
    if (std::exchange(given, true)) return std::nullopt;
    return Replacement{.plan = std::make_unique<Plan>(second),
                       .port_of = std::vector<uint32_t>(second.ports.size(), 0)};
  };
  options.replaced = [&](const absl::StatusOr<measure::Swap>& swap) { taken = swap.ok(); };
  g_allocations = 0;
  g_lanes_only = true;
  const std::atomic<bool> never{false};
  const auto result = RunOn(first, options, watched, never);
  g_armed = g_lanes_only = false;
  EXPECT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(taken);
  return g_allocations;
}

TEST(HotPath, AllocatesNothingForANewPlan) {
#ifdef SPATE_SANITIZED
  GTEST_SKIP() << "a sanitizer has a malloc of its own";
#endif
  const char* const root = std::getenv("SPATE_SOURCE_ROOT");
  ASSERT_NE(root, nullptr);
  const auto plan_of = [&](const char* name) {
    return CompiledPlan(absl::StrCat(root, "/configs/", name));
  };
  auto first = plan_of("udp-flood-1m.json");
  const auto second = plan_of("dns.json");
  ASSERT_TRUE(first.ok() && second.ok()) << first.status() << second.status();
  first->packets = UINT64_MAX;
  EXPECT_EQ(AllocationsOfNewPlan(*first, *second, Mode::kRunToCompletion), 0u);
  EXPECT_EQ(AllocationsOfNewPlan(*first, *second, Mode::kPipeline), 0u);
}

}  // namespace
}  // namespace spate::engine
