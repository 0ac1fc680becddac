#include "cli/plan_watch.h"

#include <utility>

namespace spate::cli {

PlanWatch::PlanWatch(FileWatch watch, Make make)
    : watch_(std::move(watch)), make_(std::move(make)), thread_([this] { Work(); }) {}

PlanWatch::~PlanWatch() {
  watch_.Stop();
  thread_.join();
}

void PlanWatch::Work() {
  while (watch_.Wait()) {
    Recompiled made = make_();
    if (!made.files.empty()) watch_.Set(made.files);
    const std::lock_guard lock(mutex_);
    made_ = std::move(made);
  }
}

std::optional<Recompiled> PlanWatch::Take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(made_, std::nullopt);
}

}  // namespace spate::cli
