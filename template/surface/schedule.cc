// Schedules: [{"for": "10s", "rate": "1kpps"}, {"for": "60s", "from": "1kpps", "to": "100kpps"}]
#include "base/text.h"
#include "template/codec.h"

namespace spate::tmpl {
namespace {

constexpr Key<Schedule> kScheduleKeys[] = {
    MemberKey<&Schedule::seconds, Duration>(
        {.key = "for", .doc = "how long the stretch lasts", .example = R"("10s")"}),
    MemberKey<&Schedule::rate, ScheduledRate>(
        {.key = "rate", .doc = "constant rate; \"0pps\" is a pause", .example = R"("1kpps")"}),
    MemberKey<&Schedule::from, ScheduledRate>(
        {.key = "from", .doc = "rate at the begin of a ramp", .example = R"("1kpps")"}),
    MemberKey<&Schedule::to, ScheduledRate>(
        {.key = "to", .doc = "rate at the end of the ramp", .example = R"("100kpps")"}),
    MemberKey<&Schedule::steps>({.key = "steps",
                                 .doc = "instead of one stretch: several, one after the other",
                                 .example = R"([{"for": "1s", "rate": "9kpps"}])"}),
    MemberKey<&Schedule::repeat>({.key = "repeat",
                                  .doc =
                                      "with `steps`: how often they are gone through; 0, for the "
                                      "outermost: until the end of the run",
                                  .example = "10",
                                  .fallback = "1"}),
};

void FinishSchedule(Reader& reader, const Node& node, Schedule& schedule) {
  const bool ramp = !schedule.from.empty() && !schedule.to.empty();
  const bool half = schedule.from.empty() != schedule.to.empty();
  const int forms =
      (schedule.rate.empty() ? 0 : 1) + (ramp ? 1 : 0) + (schedule.steps.empty() ? 0 : 1);
  if (half || forms != 1) {
    reader.Fail(node,
                half         ? "half a ramp"
                : forms == 0 ? "a stretch without a rate"
                             : "several forms at once",
                R"(one of "rate", "from" with "to", or "steps")", "");
  } else if (schedule.steps.empty() != (schedule.seconds > 0)) {
    reader.Fail(node, schedule.steps.empty() ? "no time to last" : "\"for\" beside \"steps\"",
                schedule.steps.empty() ? "\"for\", above 0" : "the steps' own times", "");
  } else if (schedule.steps.empty() && schedule.repeat != 1) {
    reader.Fail(node, "\"repeat\" without \"steps\"", "the steps that are repeated", "");
  }
}

}  // namespace

template <>
const ObjectSpec<Schedule>& SpecOf<Schedule>() {
  static constexpr ObjectSpec<Schedule> spec = {
      "schedule", "A stretch of a schedule, or several that are gone through in turn.",
      kScheduleKeys, FinishSchedule};
  return spec;
}

void Codec<Schedule>::Read(Reader& reader, const Node& node, Schedule& schedule) {
  if (!node.list()) {
    ReadObject(reader, node, SpecOf<Schedule>(), schedule);
    return;
  }
  schedule.place = reader.Here(node);
  if (node.list()->empty()) return reader.Fail(node, "at least one stretch");
  Codec<std::vector<Schedule>>::Read(reader, node, schedule.steps);
}

Node Codec<Schedule>::Write(const Schedule& schedule, bool full) {
  const bool list = !schedule.steps.empty() && schedule.repeat == 1;
  return list && !full ? Codec<std::vector<Schedule>>::Write(schedule.steps, full)
                       : WriteObject(schedule, SpecOf<Schedule>(), full);
}

Node Codec<Schedule>::Schema(const SchemaOptions&) {
  const Node one = ObjectNode({{"$ref", Text("#/$defs/schedule")}});
  const Node list = ObjectNode({{"type", Text("array")}, {"items", one}});
  return ObjectNode({{"anyOf", Node(Node::List{list, one})}});
}

}  // namespace spate::tmpl
