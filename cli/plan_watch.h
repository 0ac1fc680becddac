// Makes a plan of a run's template each time that it is saved, on a thread of its own: whoever
// sends packets does not wait for it.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "cli/file_watch.h"
#include "cli/run_plan.h"

namespace spate::cli {

class PlanWatch {
 public:
  using Make = std::function<Recompiled()>;

  // `make` is called on the thread, after a file was saved; the files of what it made are watched
  // from then on.
  PlanWatch(FileWatch watch, Make make);
  ~PlanWatch();
  PlanWatch(const PlanWatch&) = delete;
  PlanWatch& operator=(const PlanWatch&) = delete;

  // What was made since the last call; the latest, where that was more than once.
  std::optional<Recompiled> Take();

 private:
  void Work();

  FileWatch watch_;
  const Make make_;
  std::mutex mutex_;
  std::optional<Recompiled> made_;
  std::thread thread_;
};

}  // namespace spate::cli
