// {"on_off": {"on": "2s", "off": {"exponential": {"mean": "8s"}}}}
#include "base/text.h"
#include "template/codec.h"
#include "template/surface/laws.h"

namespace spate::tmpl {
namespace {

constexpr Key<OnOff> kOnOffKeys[] = {
    MemberKey<&OnOff::on>({.key = "on",
                           .doc = "how long an on-phase lasts; the first one begins with the flow",
                           .example = R"({"exponential": {"mean": "2s"}})",
                           .required = true}),
    MemberKey<&OnOff::off>({.key = "off",
                            .doc = "how long an off-phase lasts",
                            .example = R"({"pareto": {"scale": "1s", "shape": 1.5}})",
                            .required = true}),
};

void FinishOnOff(Reader& reader, const Node& node, OnOff& on_off) {
  const auto mean = MeanSeconds(on_off.on);
  if (mean.ok() && *mean <= 0) {
    reader.Fail(node, "on-phases that take no time", "a time above 0 for \"on\"", "");
  }
}

}  // namespace

template <>
const ObjectSpec<OnOff>& SpecOf<OnOff>() {
  static constexpr ObjectSpec<OnOff> spec = {
      "on_off", "Phases in which a flow does something, and phases in which it does not.",
      kOnOffKeys, FinishOnOff};
  return spec;
}

}  // namespace spate::tmpl
