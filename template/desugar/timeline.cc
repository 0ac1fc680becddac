// The timeline: in each group that it concerns, a flow before all others that waits for the times
// of its events and acts on the others. Every instance has one, so every shard knows the timeline.
#include <algorithm>

#include "base/text.h"
#include "template/desugar/program.h"

namespace spate::tmpl {

using core::OpCode;

namespace {

// "group" of "group/flow", or all of it.
std::string_view GroupOf(std::string_view name) { return name.substr(0, name.find('/')); }

std::string_view PartOf(std::string_view name) {
  const size_t slash = name.find('/');
  return slash == std::string_view::npos ? std::string_view() : name.substr(slash + 1);
}

std::string_view NameIn(const TimelineEvent& event) {
  return event.action ? event.target : event.set.empty() ? event.clock : event.set;
}

}  // namespace

bool Concerns(const TimelineEvent& event, const std::string& group) {
  return GroupOf(NameIn(event)) == group;
}

std::vector<const TimelineEvent*> ClockEvents(const Template& t, const std::string& flow) {
  std::vector<const TimelineEvent*> events;
  for (const TimelineEvent& event : t.timeline) {
    if (event.clock == flow) events.push_back(&event);
  }
  return events;
}

void Program::Control(core::Action action, uint32_t flow) {
  Emit(OpCode::kControl, names_.first_flow + flow).action = action;
}

void Program::AddEvent(const TimelineEvent& event, const std::string& group,
                       const std::string& path) {
  const std::string_view part = PartOf(NameIn(event));
  if (!event.set.empty()) {
    const auto slot = SlotOf(context_, names_, std::string(part), At(event.place, "set"));
    const auto value = LowerNumber(context_, names_, *event.to, Scope::kPacket, path);
    if (slot && value) Set(*slot, *value, OpCode::kSet, 0);
    return;
  }
  const size_t flows = names_.group ? names_.group->flows.size() : 1;
  for (uint32_t i = 0; i < flows; ++i) {
    if (names_.group) {
      const auto& [name, flow] = names_.group->flows[i];
      if (!part.empty() && name != part) continue;
      const bool starts = event.action == ControlStep::Action::kStart ||
                          event.action == ControlStep::Action::kRestart;
      if (part.empty() && starts && flow.idle) continue;
    }
    if (event.action) {
      Control(static_cast<core::Action>(*event.action), i);
    } else {
      const auto all = ClockEvents(context_.t, names_.group ? Concat(group, "/", part) : group);
      const auto number = std::find(all.begin(), all.end(), &event) - all.begin();
      Control(core::Action::kClock, i);
      out_.ops.back().operand.value = static_cast<uint64_t>(number) + 1;
    }
  }
}

void Program::BuildTimeline(const std::string& group) {
  std::vector<const TimelineEvent*> events;
  for (const TimelineEvent& event : context_.t.timeline) {
    if (Concerns(event, group)) events.push_back(&event);
  }
  std::ranges::stable_sort(events, {}, &TimelineEvent::at_s);
  Emit(OpCode::kTick);
  for (size_t i = 0; i < events.size(); ++i) {
    TimeLaw at;
    at.place = events[i]->place;
    at.parameters = {{"value", events[i]->at_s}};
    const std::string path = Concat("timeline ", group, " ", i);
    Emit(OpCode::kWaitUntil,
         AddDraw(context_, LowerTime(context_, at), core::Scope::kPacket, path));
    AddEvent(*events[i], group, path);
  }
  Emit(OpCode::kEnd);
  out_.passes = 1;
}

}  // namespace spate::tmpl
