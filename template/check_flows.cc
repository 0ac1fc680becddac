// Relations between the flows of a group: whom they start, and what they share.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "base/text.h"
#include "template/check.h"
#include "template/limits.h"
#include "template/surface/laws.h"
#include "template/surface/nested.h"

namespace spate::tmpl {
namespace {

std::string_view VerbOf(ControlStep::Action action) {
  constexpr std::string_view kVerbs[] = {"start", "pause", "stop", "restart"};
  return kVerbs[static_cast<size_t>(action)];
}

using CheckFlowsAction = ControlStep::Action;

// By name, the flows that some step starts or stops.
struct Acted {
  std::set<std::string> started, stopped;

  void Add(CheckFlowsAction action, const std::string& flow) {
    if (action == CheckFlowsAction::kStart || action == CheckFlowsAction::kRestart)
      started.insert(flow);
    if (action == CheckFlowsAction::kStop) stopped.insert(flow);
  }
};

void CheckSibling(const std::string& name, const Named<Flow>& siblings, const Place& place,
                  Faults& faults) {
  if (FindNamed(siblings, name)) return;
  const std::vector<std::string> names = NamesOf(siblings);
  faults.Add(place, Concat("the undefined flow ", Quote(name)),
             names.empty() ? "a flow of the same group, and this flow has no group"
                           : Concat("a flow of the same group: ", OneOf(names)),
             Nearest(name, names));
}

// Reports flows that do not exist; notes what happens to the others.
void CheckNames(const Flow& flow, const Named<Flow>& siblings, Acted& acted, Faults& faults) {
  ForEachStep(flow.steps, [&](const Step& step) {
    if (const auto* control = std::get_if<ControlStep>(&step.what)) {
      acted.Add(control->action, control->flow);
      CheckSibling(control->flow, siblings, At(step.place, VerbOf(control->action)), faults);
    } else if (const auto* join = std::get_if<JoinStep>(&step.what)) {
      for (const std::string& name : join->flows) {
        CheckSibling(name, siblings, At(step.place, "join"), faults);
      }
    }
  });
}

bool Ends(const std::string& name, const Flow& flow, const Acted& acted) {
  const bool paused = flow.burst && flow.burst->pause;
  const bool listed = flow.clock.kind == Clock::Kind::kAt || flow.clock.kind == Clock::Kind::kAges;
  return flow.passes || listed || (flow.clock.kind == Clock::Kind::kOnce && !paused) ||
         acted.stopped.contains(name);
}

// Joins that are never over.
void CheckJoins(const std::string& own, const Flow& flow, const Named<Flow>& siblings,
                const Acted& acted, Faults& faults) {
  ForEachStep(flow.steps, [&](const Step& step) {
    const auto* join = std::get_if<JoinStep>(&step.what);
    if (!join) return;
    size_t end = 0;
    std::string endless;
    for (const std::string& name : join->flows) {
      const Flow* sibling = FindNamed(siblings, name);
      const bool ends = sibling && name != own && Ends(name, *sibling, acted);
      if (!ends) endless = name;
      end += ends;
    }
    if (end >= join->count.value_or(static_cast<uint32_t>(join->flows.size()))) return;
    faults.Add(At(step.place, "join"),
               Concat("the flow ", Quote(endless),
                      endless == own ? ", which would wait for itself" : ", which never ends"),
               "a flow with \"passes\" or without a clock, or a step that stops it");
  });
}

void CheckVariables(const Group& group, Faults& faults) {
  for (const auto& [name, law] : group.variables) {
    if (law.per == Scope::kPacket || law.per == Scope::kPass) {
      faults.Add(law.place, Concat("\"per\" of the shared variable ", Quote(name)),
                 "\"instance\" or \"run\": it is set once, when the instance begins");
    }
    for (const auto& [flow_name, flow] : group.flows) {
      if (!FindNamed(flow.variables, name)) continue;
      faults.Add(flow.place, Concat("the variable ", Quote(name), " in flow ", Quote(flow_name)),
                 "another name: the group shares a variable of that name");
    }
  }
}

// What the timeline names: "group/part", "group", "flow".
struct Target {
  std::string group, part;
};

Target TargetOf(const std::string& name) {
  const size_t slash = name.find('/');
  if (slash == std::string::npos) return {name, ""};
  return {name.substr(0, slash), name.substr(slash + 1)};
}

std::string_view KeyOf(const TimelineEvent& event) {
  return event.action ? VerbOf(*event.action) : event.set.empty() ? "clock" : "set";
}

void CheckPart(const TimelineEvent& event, const Group& group, const Target& target,
               Faults& faults) {
  const Place place = At(event.place, KeyOf(event));
  const std::vector<std::string> parts =
      event.set.empty() ? NamesOf(group.flows) : NamesOf(group.variables);
  if (target.part.empty() && event.action) return;
  const auto found = std::find(parts.begin(), parts.end(), target.part);
  if (found == parts.end()) {
    faults.Add(place,
               Concat("no ", event.set.empty() ? "flow " : "variable ", Quote(target.part), " in ",
                      Quote(target.group)),
               parts.empty() ? "a group that has some" : OneOf(parts), Nearest(target.part, parts));
    return;
  }
  if (event.clock.empty()) return;
  const Flow& flow = *FindNamed(group.flows, target.part);
  if (flow.clock.kind == Clock::Kind::kOnce) {
    faults.Add(place, Concat("the flow ", Quote(target.part), ", which has no clock"),
               "a flow that has one");
  }
}

void CheckEvent(const Template& t, const TimelineEvent& event, Faults& faults) {
  const std::string& name = event.action        ? event.target
                            : event.set.empty() ? event.clock
                                                : event.set;
  const Target target = TargetOf(name);
  if (const Group* group = FindNamed(t.groups, target.group)) {
    return CheckPart(event, *group, target, faults);
  }
  const Flow* flow = FindNamed(t.flows, name);
  if (flow && event.set.empty() && (event.action || flow->clock.kind != Clock::Kind::kOnce)) {
    return;
  }
  std::vector<std::string> names = NamesOf(t.groups);
  for (const std::string& top : NamesOf(t.flows)) names.push_back(top);
  faults.Add(At(event.place, KeyOf(event)),
             flow
                 ? Concat("the flow ", Quote(name), event.set.empty() ? ", which has no clock" : "")
                 : Concat("the undefined name ", Quote(name)),
             event.set.empty() ? Concat("a flow or group: ", OneOf(names))
                               : "a variable that a group shares, as group/variable",
             Nearest(target.group, names));
}

void CheckPopulation(const Group& group, Faults& faults) {
  if (group.arrive && group.arrive->kind == Arrival::Kind::kAt &&
      group.arrive->times.size() != group.count) {
    faults.Add(group.arrive->place, Concat(group.arrive->times.size(), " times"),
               Concat(group.count, ": one per instance (\"count\")"));
  }
  if (group.lifetime) {
    const auto mean = MeanSeconds(*group.lifetime);
    if (mean.ok() && *mean <= 0) {
      faults.Add(At(group.place, "lifetime"), "a life that takes no time", "a time above 0");
    }
  }
  if (group.flows.size() > kMaxJoined) {
    faults.Add(group.place, Concat(group.flows.size(), " flows in a group"),
               Concat("at most ", kMaxJoined));
  }
}

// Flows that nothing starts although they wait for it.
void CheckIdle(const Template& t, const std::string& group_name, const Group& group,
               const Acted& acted, Faults& faults) {
  for (const auto& [name, flow] : group.flows) {
    const bool by_time = std::ranges::any_of(t.timeline, [&](const TimelineEvent& event) {
      return event.action && event.target == Concat(group_name, "/", name);
    });
    if (!flow.idle || acted.started.contains(name) || by_time) continue;
    faults.Add(At(flow.place, "idle"), Concat("the idle flow ", Quote(name)),
               "a step of another flow of the group that starts it");
  }
}

}  // namespace

void CheckRelations(const Template& t, Faults& faults) {
  for (const auto& [group_name, group] : t.groups) {
    Acted acted;
    for (const auto& [name, flow] : group.flows) CheckNames(flow, group.flows, acted, faults);
    for (const auto& [name, flow] : group.flows) {
      CheckJoins(name, flow, group.flows, acted, faults);
    }
    CheckIdle(t, group_name, group, acted, faults);
    CheckVariables(group, faults);
    CheckPopulation(group, faults);
  }
  for (const auto& [name, flow] : t.flows) {
    Acted acted;
    CheckNames(flow, {}, acted, faults);
    if (flow.idle) {
      faults.Add(At(flow.place, "idle"), Concat("the idle flow ", Quote(name)),
                 "a flow of a group: nothing can start a flow at top level");
    }
  }
  for (const TimelineEvent& event : t.timeline) CheckEvent(t, event, faults);
}

}  // namespace spate::tmpl
