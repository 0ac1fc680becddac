// {"timeline": [{"at": "30s", "stop": "web/page"}, {"at": "30s", "set": "web/mode", "to": 2}]}
#include "template/codec.h"

namespace spate::tmpl {
namespace {

using TimelineAction = ControlStep::Action;

template <TimelineAction action>
constexpr Key<TimelineEvent> TimelineActionKey(KeyInfo info) {
  Key<TimelineEvent> key = MemberKey<&TimelineEvent::target>(info);
  key.read = [](Reader& reader, const Node& node, TimelineEvent& event, const KeyInfo&) {
    event.action = action;
    Codec<std::string>::Read(reader, node, event.target);
  };
  key.write = [](const TimelineEvent& event, const KeyInfo&, bool full) {
    return event.action == action ? Codec<std::string>::Write(event.target, full) : Node();
  };
  return key;
}

constexpr Key<TimelineEvent> kTimelineKeys[] = {
    MemberKey<&TimelineEvent::at_s, Duration>(
        {.key = "at", .doc = "time of the run", .example = R"("30s")", .required = true}),
    TimelineActionKey<TimelineAction::kStart>(
        {.key = "start",
         .doc = "this flow (or all flows of this group) begins, or goes on "
                "if it is paused",
         .example = R"("sensors/alarm")",
         .choice = true}),
    TimelineActionKey<TimelineAction::kPause>({.key = "pause",
                                               .doc = "time stands still for this flow or group",
                                               .example = R"("sensors")",
                                               .choice = true}),
    TimelineActionKey<TimelineAction::kStop>({.key = "stop",
                                              .doc = "this flow or group ends",
                                              .example = R"("sensors/telemetry")",
                                              .choice = true}),
    TimelineActionKey<TimelineAction::kRestart>(
        {.key = "restart",
         .doc = "this flow (or all flows of this group) begins anew",
         .example = R"("sensors/telemetry")",
         .choice = true}),
    MemberKey<&TimelineEvent::set>({.key = "set",
                                    .doc = "a variable that a group shares, as group/variable",
                                    .example = R"("sensors/mode")",
                                    .choice = true}),
    MemberKey<&TimelineEvent::clock>({.key = "clock",
                                      .doc = "the flow whose passes begin by another clock",
                                      .example = R"("web/page")",
                                      .choice = true}),
    MemberKey<&TimelineEvent::to>(
        {.key = "to", .doc = "with `set`: the new value, drawn per instance", .example = "2"}),
    MemberKey<&TimelineEvent::rate, RateText>(
        {.key = "rate", .doc = "with `clock`: as in a flow", .example = R"("2kpps")"}),
    MemberKey<&TimelineEvent::poisson, RateText>(
        {.key = "poisson", .doc = "with `clock`: as in a flow", .example = R"("200pps")"}),
    MemberKey<&TimelineEvent::every>(
        {.key = "every", .doc = "with `clock`: as in a flow", .example = R"("100ms")"}),
};

void FinishTimeline(Reader& reader, const Node& node, TimelineEvent& event) {
  const int clocks = !event.rate.empty() + !event.poisson.empty() + event.every.has_value();
  if (event.set.empty() == event.to.has_value()) {
    reader.Fail(node, event.to ? "\"to\" without \"set\"" : "\"set\" without \"to\"",
                "both together", "");
  }
  if (clocks != (event.clock.empty() ? 0 : 1)) {
    reader.Fail(node, event.clock.empty() ? "a clock without \"clock\"" : "no or several clocks",
                "\"clock\" with one of \"rate\", \"poisson\" or \"every\"", "");
  }
}

}  // namespace

template <>
const ObjectSpec<TimelineEvent>& SpecOf<TimelineEvent>() {
  static constexpr ObjectSpec<TimelineEvent> spec = {
      "event", "What changes at a time of the run, for all instances of a group.", kTimelineKeys,
      FinishTimeline, true};
  return spec;
}

}  // namespace spate::tmpl
