// Due times as a file's stamps: what the observer's clock shows.
#pragma once

#include <cstdint>

#include "template/core.h"

namespace spate::engine {

class Stamper {
 public:
  explicit Stamper(const core::View& view) : view_(view) {}

  // Of packets in the order of the trace.
  int64_t operator()(int64_t due_ps) {
    if (!started_) origin_ps_ = view_.from_first ? due_ps : 0;
    started_ = true;
    const int64_t seen = due_ps - origin_ps_;
    return view_.resolution.count > 0 ? seen - seen % view_.resolution.count : seen;
  }

 private:
  core::View view_;
  bool started_ = false;
  int64_t origin_ps_ = 0;
};

}  // namespace spate::engine
