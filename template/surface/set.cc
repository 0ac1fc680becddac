// {"set": {"var": "x", "to": 5}}, {"set": {"var": "x", "add": 1, "mod": 256}}
#include <cmath>

#include "base/text.h"
#include "template/surface/verb.h"

namespace spate::tmpl {
namespace {

using How = SetStep::How;

// MemberKey, but for the way of setting that the key stands for.
template <How how, auto M, class C>
constexpr Key<SetStep> HowKey(KeyInfo info) {
  info.choice = true;
  Key<SetStep> key = MemberKey<M, C>(info);
  key.read = [](Reader& reader, const Node& node, SetStep& step, const KeyInfo&) {
    step.how = how;
    if constexpr (how == How::kSine) {
      C::Read(reader, node, (step.*M).emplace());
    } else {
      C::Read(reader, node, step.*M);
    }
  };
  key.write = [](const SetStep& step, const KeyInfo&, bool full) -> Node {
    if (step.how != how) return {};
    if constexpr (how == How::kSine) {
      return C::Write(*(step.*M), full);
    } else {
      return C::Write(step.*M, full);
    }
  };
  return key;
}

struct BeyondWords {
  static constexpr std::string_view kWords[] = {"clamp", "wrap"};
};

constexpr Key<SetStep> kSetKeys[] = {
    MemberKey<&SetStep::variable>({.key = "var",
                                   .doc = "a variable of the flow or of its group",
                                   .example = R"("seq")",
                                   .required = true}),
    HowKey<How::kTo, &SetStep::value, Codec<ValueLaw>>(
        {.key = "to", .doc = "its new value", .example = "5"}),
    HowKey<How::kAdd, &SetStep::value, Codec<ValueLaw>>(
        {.key = "add",
         .doc = "what is added to it; a law that may be below 0 makes a random walk",
         .example = R"({"random": {"min": -5, "max": 5}})"}),
    HowKey<How::kScale, &SetStep::factor, Codec<double>>(
        {.key = "scale",
         .doc = "what it is multiplied by; the product is rounded",
         .example = "1.5"}),
    HowKey<How::kSine, &SetStep::sine, Codec<Sine>>(
        {.key = "sine",
         .doc = "its new value: that of a wave at this time of the run",
         .example = R"({"mean": 100, "amplitude": 20, "period": "60s"})"}),
    MemberKey<&SetStep::modulus>(
        {.key = "mod", .doc = "the result is taken modulo this; absent: 2^64", .example = "256"}),
    MemberKey<&SetStep::min>(
        {.key = "min", .doc = "the result is no smaller than this", .example = "-40"}),
    MemberKey<&SetStep::max>(
        {.key = "max", .doc = "the result is no larger than this", .example = "125"}),
    MemberKey<&SetStep::beyond, WordOf<BeyondWords>>(
        {.key = "beyond",
         .doc =
             "what becomes of a result beyond `min` or `max`: that bound (clamp), or it comes in "
             "again at the other one (wrap)",
         .example = R"("wrap")",
         .fallback = R"("clamp")"}),
};

constexpr Key<Sine> kSineKeys[] = {
    MemberKey<&Sine::mean>(
        {.key = "mean", .doc = "in the middle", .example = "100", .required = true}),
    MemberKey<&Sine::amplitude>({.key = "amplitude",
                                 .doc = "from the middle to the top",
                                 .example = "20",
                                 .required = true}),
    MemberKey<&Sine::period_s, Duration>(
        {.key = "period", .doc = "from top to top", .example = R"("60s")", .required = true}),
    MemberKey<&Sine::phase>({.key = "phase",
                             .doc = "share of the period by which the wave is ahead; 0: the run "
                                    "begins in the middle, rising",
                             .example = "0.25",
                             .fallback = "0"}),
};

// Products and waves are signed 64-bit numbers, factors have 32 bits before the point.
constexpr double kMostFactor = 0x1p31, kMostWave = 0x1p62;
// Wrapping moves numbers by multiples of the range that are near 2^62.
constexpr uint64_t kMostRange = uint64_t{1} << 61;

void FinishSet(Reader& reader, const Node& node, SetStep& step) {
  if (step.how == How::kScale && !(std::fabs(step.factor) < kMostFactor)) {
    reader.Fail(node, Concat("\"scale\": ", step.factor), "a factor between -2^31 and 2^31", "");
  }
  const bool bounded = step.min || step.max;
  if (bounded && step.modulus > 0) {
    reader.Fail(node, "\"mod\" beside \"min\" or \"max\"",
                "one of them: \"beyond\": \"wrap\" is a modulus too", "");
  }
  if (step.min && step.max && *step.min > *step.max) {
    reader.Fail(node, Concat("a \"min\" of ", *step.min, " and a \"max\" of ", *step.max),
                "\"min\" at most \"max\"", "");
    return;
  }
  if (step.beyond != "wrap") return;
  if (!step.min || !step.max) {
    reader.Fail(node, "\"wrap\" without two bounds", "both \"min\" and \"max\"", "");
  } else if (static_cast<uint64_t>(*step.max) - static_cast<uint64_t>(*step.min) >= kMostRange) {
    reader.Fail(node, "\"wrap\" within bounds so far apart", "fewer than 2^61 numbers", "");
  }
}

void FinishSine(Reader& reader, const Node& node, Sine& sine) {
  if (!(sine.period_s > 1e-9)) {
    reader.Fail(node, "a \"period\" that takes no time", "a time above 1ns", "");
  }
  if (!(std::fabs(sine.mean) + std::fabs(sine.amplitude) < kMostWave)) {
    reader.Fail(node, Concat("values up to ", std::fabs(sine.mean) + std::fabs(sine.amplitude)),
                "values below 2^62", "");
  }
}

}  // namespace

template <>
const ObjectSpec<SetStep>& SpecOf<SetStep>() {
  static constexpr ObjectSpec<SetStep> spec = {"set", "Changes a variable.", kSetKeys, FinishSet,
                                               true};
  return spec;
}

template <>
const ObjectSpec<Sine>& SpecOf<Sine>() {
  static constexpr ObjectSpec<Sine> spec = {"sine", "A wave of the run's time, for variables.",
                                            kSineKeys, FinishSine};
  return spec;
}

Key<Step> SetKey() {
  return VerbKey<SetStep>({.key = "set",
                           .doc = "changes a variable",
                           .example = R"({"var": "seq", "add": 1, "mod": 256})"});
}

}  // namespace spate::tmpl
