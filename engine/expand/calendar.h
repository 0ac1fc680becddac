// Which flow instance acts next: a 4-ary min-heap over (due time, instance id). Ids rise with flow
// and instance, so equal times come out in the total order of the trace.
#pragma once

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace spate::engine {

struct Event {
  int64_t due_ps = 0;
  uint32_t id = 0;

  friend constexpr auto operator<=>(const Event&, const Event&) = default;
  static constexpr Event Never() { return {INT64_MAX, UINT32_MAX}; }
};

class Calendar {
 public:
  // Takes the first events in any order; at most as many may be inside at any time.
  void Reset(std::vector<Event> events) {
    heap_ = std::move(events);
    for (size_t i = heap_.size(); i-- > 0;) SiftDown(i);
  }
  bool empty() const { return heap_.empty(); }
  const Event& top() const { return heap_.front(); }

  // The least event besides the top.
  Event Second() const {
    Event least = Event::Never();
    for (size_t i = 1; i < heap_.size() && i <= kArity; ++i) least = std::min(least, heap_[i]);
    return least;
  }

  // Moves the top's event to a later time.
  void PostponeTop(int64_t due_ps) {
    heap_.front().due_ps = due_ps;
    SiftDown(0);
  }
  // Puts another, later event into the top's place.
  void ReplaceTop(const Event& event) {
    heap_.front() = event;
    SiftDown(0);
  }
  void PopTop() {
    heap_.front() = heap_.back();
    heap_.pop_back();
    if (!heap_.empty()) SiftDown(0);
  }

 private:
  static constexpr size_t kArity = 4;

  void SiftDown(size_t at) {
    const Event moving = heap_[at];
    for (;;) {
      const size_t first = at * kArity + 1;
      if (first >= heap_.size()) break;
      const size_t end = std::min(first + kArity, heap_.size());
      size_t least = first;
      for (size_t i = first + 1; i < end; ++i) {
        if (heap_[i] < heap_[least]) least = i;
      }
      if (!(heap_[least] < moving)) break;
      heap_[at] = heap_[least];
      at = least;
    }
    heap_[at] = moving;
  }

  std::vector<Event> heap_;
};

}  // namespace spate::engine
