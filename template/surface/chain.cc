// {"chain": {"start": "a", "length": 20, "states": {"a": {"send": "m", "next": [{"to": "a"}]}}}}
#include "template/surface/verb.h"

namespace spate::tmpl {
namespace {

constexpr Key<Transition> kTransitionKeys[] = {
    MemberKey<&Transition::to>(
        {.key = "to", .doc = "a state, or \"end\"", .example = R"("query")", .required = true}),
    MemberKey<&Transition::weight, Weight>(
        {.key = "weight", .doc = "relative frequency", .example = "0.9", .fallback = "1"}),
    MemberKey<&Transition::after>({.key = "after",
                                   .doc = "delay before the next state; absent: none",
                                   .example = R"({"exponential": {"mean": "5ms"}})"}),
};

constexpr Key<ChainState> kStateKeys[] = {
    MemberKey<&ChainState::send, MessageName>(
        {.key = "send",
         .doc = "the state's message; several states may send the same one",
         .example = R"("query")"}),
    MemberKey<&ChainState::steps>(
        {.key = "steps",
         .doc = "what is done in the state instead, such as what a conversation's sides say; with "
                "neither, the state only waits",
         .example = R"([{"client": "300B"}, {"server": "2kB"}])"}),
    MemberKey<&ChainState::next>({.key = "next",
                                  .doc = "where it goes from here; absent: the chain ends",
                                  .example = R"([{"to": "query", "after": "1ms"}])"}),
};

void FinishState(Reader& reader, const Node& node, ChainState& state) {
  if (state.send.empty() || !state.steps) return;
  reader.Fail(node, "\"send\" beside \"steps\"", "one of them", "");
}

constexpr Key<ChainStep> kChainKeys[] = {
    MemberKey<&ChainStep::start>(
        {.key = "start", .doc = "the first state", .example = R"("query")", .required = true}),
    MemberKey<&ChainStep::length>({.key = "length",
                                   .doc = "states with a message or steps until it ends, "
                                          "drawn once per run of the chain; absent: until a "
                                          "transition leads to \"end\"",
                                   .example = R"({"random": {"min": 5, "max": 20}})"}),
    MemberKey<&ChainStep::states>(
        {.key = "states",
         .doc = "the states by name",
         .example = R"({"query": {"send": "query", "next": [{"to": "query", "after": "1ms"}]}})",
         .required = true}),
    MemberKey<&ChainStep::balanced, Strata>(
        {.key = "balanced",
         .doc = "deal choices and delays in a random order instead of drawing independently",
         .example = "64"}),
};

}  // namespace

template <>
const ObjectSpec<Transition>& SpecOf<Transition>() {
  static constexpr ObjectSpec<Transition> spec = {"transition", "A way from a state to the next.",
                                                  kTransitionKeys};
  return spec;
}

template <>
const ObjectSpec<ChainState>& SpecOf<ChainState>() {
  static constexpr ObjectSpec<ChainState> spec = {
      "state",
      "A state of a chain: its message is sent or its steps are done, then a transition taken.",
      kStateKeys, FinishState};
  return spec;
}

template <>
const ObjectSpec<ChainStep>& SpecOf<ChainStep>() {
  static constexpr ObjectSpec<ChainStep> spec = {"chain", "A semi-Markov chain of messages.",
                                                 kChainKeys};
  return spec;
}

Key<Step> ChainKey() {
  return VerbKey<ChainStep>(
      {.key = "chain",
       .doc = "a semi-Markov chain of messages",
       .example =
           R"({"start": "q", "length": 9, "states": {"q": {"send": "query", "next": [{"to": "q", "after": "1ms"}]}}})"});
}

}  // namespace spate::tmpl
