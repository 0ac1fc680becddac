// Which flow instance acts next: of few instances a 4-ary min-heap says it, of many a ladder.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "engine/expand/ladder.h"
#include "engine/plan/limits.h"

namespace spate::engine {

class Calendar {
 public:
  // Takes the first events in any order; at most as many may be inside at any time.
  void Reset(std::vector<Event> events) {
    many_ = events.size() >= kLeastTimers;
    if (many_) {
      ladder_.Reserve(events.size());
      for (const Event& event : events) ladder_.Add(event);
      ladder_.Start();
      return;
    }
    heap_ = std::move(events);
    for (size_t i = heap_.size(); i-- > 0;) SiftDown(i);
  }
  // Whether the instances are many enough for the ladder.
  bool many() const { return many_; }
  bool empty() const { return many_ ? ladder_.empty() : heap_.empty(); }
  const Event& top() const { return many_ ? *ladder_.First() : heap_.front(); }

  // Nothing but the top comes before this event, which need not be there.
  Event Bound() const {
    if (many_) return ladder_.Bound();
    Event least = Event::Never();
    for (size_t i = 1; i < heap_.size() && i <= kArity; ++i) least = std::min(least, heap_[i]);
    return least;
  }

  // Of many instances, for who takes them one after the other and looks ahead.
  Ladder<Event>& ladder() { return ladder_; }
  const Ladder<Event>& ladder() const { return ladder_; }

  // Moves the top's event to a later time.
  void PostponeTop(int64_t due_ps) { ReplaceTop({.due_ps = due_ps, .id = top().id}); }
  // Puts another, later event into the top's place.
  void ReplaceTop(const Event& event) {
    if (many_) {
      ladder_.ReplaceFirst(event);
    } else {
      heap_.front() = event;
      SiftDown(0);
    }
  }
  void PopTop() {
    if (many_) return ladder_.PopFirst();
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

  bool many_ = false;
  std::vector<Event> heap_;
  Ladder<Event> ladder_;
};

}  // namespace spate::engine
