// {"arrive": {"poisson": "5pps"}}, {"arrive": {"at": ["0s", "10s"]}}
#include "template/codec.h"

namespace spate::tmpl {
namespace {

using ArrivalKind = Arrival::Kind;

template <ArrivalKind kind>
constexpr Key<Arrival> ArrivalRateKey(KeyInfo info) {
  Key<Arrival> key = MemberKey<&Arrival::rate, RateText>(info);
  key.read = [](Reader& reader, const Node& node, Arrival& arrival, const KeyInfo&) {
    arrival.kind = kind;
    RateText::Read(reader, node, arrival.rate);
  };
  key.write = [](const Arrival& arrival, const KeyInfo&, bool full) {
    return arrival.kind == kind ? RateText::Write(arrival.rate, full) : Node();
  };
  return key;
}

constexpr Key<Arrival> ArrivalEveryKey(KeyInfo info) {
  Key<Arrival> key = MemberKey<&Arrival::every>(info);
  key.read = [](Reader& reader, const Node& node, Arrival& arrival, const KeyInfo&) {
    arrival.kind = ArrivalKind::kEvery;
    Codec<TimeLaw>::Read(reader, node, arrival.every.emplace());
  };
  return key;
}

constexpr Key<Arrival> AtKey(KeyInfo info) {
  Key<Arrival> key = MemberKey<&Arrival::times, ListOf<Duration>>(info);
  key.read = [](Reader& reader, const Node& node, Arrival& arrival, const KeyInfo&) {
    arrival.kind = ArrivalKind::kAt;
    ListOf<Duration>::Read(reader, node, arrival.times);
    if (arrival.times.empty()) reader.Fail(node, "at least one time");
  };
  return key;
}

constexpr Key<Arrival> kArrivalKeys[] = {
    ArrivalRateKey<ArrivalKind::kRate>(
        {.key = "rate",
         .doc = "evenly, so many instances a second; the first one at once",
         .example = R"("10pps")",
         .choice = true}),
    ArrivalRateKey<ArrivalKind::kPoisson>(
        {.key = "poisson",
         .doc = "at random, so many instances a second on average",
         .example = R"("10pps")",
         .choice = true}),
    ArrivalEveryKey({.key = "every",
                     .doc = "time from one instance to the next",
                     .example = R"({"lognormal": {"median": "2s", "sigma": 1}})",
                     .choice = true}),
    AtKey({.key = "at",
           .doc = "one time of the run per instance",
           .example = R"(["0s", "10s", "15s"])",
           .choice = true}),
};

}  // namespace

template <>
const ObjectSpec<Arrival>& SpecOf<Arrival>() {
  static constexpr ObjectSpec<Arrival> spec = {"arrive", "When the instances of a group come.",
                                               kArrivalKeys, nullptr, true};
  return spec;
}

}  // namespace spate::tmpl
