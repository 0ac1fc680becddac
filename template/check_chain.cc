#include <algorithm>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "base/text.h"
#include "template/check.h"
#include "template/surface/laws.h"

namespace spate::tmpl {
namespace {

constexpr std::string_view kEnd = "end";

bool NoTime(const Transition& next) {
  if (!next.after) return true;
  const auto mean = MeanSeconds(*next.after);
  return mean.ok() && *mean == 0;
}

// Whether time may pass in the state itself.
bool MayTakeTime(const ChainState& state) {
  return state.steps && std::ranges::any_of(*state.steps, [](const Step& step) {
           return !std::holds_alternative<SendStep>(step.what) &&
                  !std::holds_alternative<SetStep>(step.what);
         });
}

using States = absl::flat_hash_map<std::string, const ChainState*>;

// All states that can be reached from `from` over the transitions that `follow` takes; `from`
// itself only if a way leads back to it.
template <class Follow>
absl::flat_hash_set<std::string> Reached(const States& states, const std::string& from,
                                         const Follow& follow) {
  absl::flat_hash_set<std::string> reached;
  std::vector<std::string> open = {from};
  while (!open.empty()) {
    const auto state = states.find(open.back());
    open.pop_back();
    if (state == states.end()) continue;
    for (const Transition& next : state->second->next) {
      if (follow(next) && reached.insert(next.to).second) open.push_back(next.to);
    }
  }
  return reached;
}

// A state of a cycle that takes no time and is not cut off by the chain's length, or "". A walk
// without delay that is longer than there are states goes in circles, so states are peeled off from
// the ends of such walks.
std::string TimelessCycle(const ChainStep& chain) {
  absl::flat_hash_map<std::string, std::vector<std::string>> from;
  absl::flat_hash_map<std::string, size_t> ways;
  std::vector<std::string> ends;
  for (const auto& [name, state] : chain.states) {
    size_t& count = ways[name];
    const bool counted = chain.length && !state.Silent();
    for (const Transition& next : state.next) {
      if (counted || MayTakeTime(state)) break;
      if (next.weight <= 0 || next.to == kEnd || !NoTime(next)) continue;
      from[next.to].push_back(name);
      ++count;
    }
    if (count == 0) ends.push_back(name);
  }
  while (!ends.empty()) {
    const std::string end = ends.back();
    ends.pop_back();
    for (const std::string& state : from[end]) {
      if (--ways[state] == 0) ends.push_back(state);
    }
  }
  for (const auto& [name, state] : chain.states) {
    if (ways[name] > 0) return name;
  }
  return "";
}

void CheckTransitions(const States& states, const ChainState& state, std::vector<std::string> names,
                      Faults& faults) {
  names.emplace_back(kEnd);
  double total = 0;
  for (const Transition& next : state.next) {
    total += next.weight;
    if (next.to != kEnd && !states.contains(next.to)) {
      faults.Add(At(next.place, "to"), Concat("the undefined state ", Quote(next.to)), OneOf(names),
                 Nearest(next.to, names));
    }
  }
  if (!state.next.empty() && total <= 0) {
    faults.Add(At(state.place, "next"), "weights that are all 0", "at least one weight above 0");
  }
}

}  // namespace

void CheckChain(const ChainStep& chain, const Place& place, Faults& faults) {
  const std::vector<std::string> names = NamesOf(chain.states);
  States states;
  for (const auto& [name, state] : chain.states) states.emplace(name, &state);
  if (!FindNamed(chain.states, chain.start)) {
    faults.Add(At(place, "start"), Concat("the undefined state ", Quote(chain.start)),
               names.empty() ? "a state" : OneOf(names), Nearest(chain.start, names));
    return;
  }
  if (FindNamed(chain.states, kEnd)) {
    faults.Add(At(At(place, "states"), kEnd), "a state \"end\"",
               "another name: \"end\" is where a chain ends");
  }
  const auto reached =
      Reached(states, chain.start, [](const Transition& next) { return next.weight > 0; });
  for (const auto& [name, state] : chain.states) {
    CheckTransitions(states, state, names, faults);
    if (name != chain.start && !reached.contains(name)) {
      faults.Add(state.place, Concat("the state ", Quote(name), " that no transition leads to"),
                 Concat("a way to it from ", Quote(chain.start)));
    }
  }
  const std::string cycle = TimelessCycle(chain);
  if (cycle.empty()) return;
  faults.Add(FindNamed(chain.states, cycle)->place,
             Concat("a cycle through ", Quote(cycle), " that takes no time"),
             chain.length ? "a state with a message or steps, or an \"after\", on the way"
                          : "a \"length\" of the chain, or an \"after\" on the way");
}

}  // namespace spate::tmpl
