// Laws of the registry as value laws: {"normal": {"mean": 800, "sd": 100}, "min": 64, "max": 1518}.
#pragma once

#include <vector>

#include "template/codec.h"

namespace spate::tmpl {

// A number or a distribution, as a part of a mixture.
struct NumberLaw {
  static void Read(Reader& reader, const Node& node, TimeLaw& law);
  static Node Write(const TimeLaw& law, bool full);
  static Node Schema(const SchemaOptions& options) { return Codec<ValueLaw>::Schema(options); }
};

// The keys of value laws that are distributions, and those which cut them.
std::vector<Key<ValueLaw>> DistributionKeys();
// What single keys cannot see.
void FinishDistribution(Reader& reader, const Node& node, const ValueLaw& law);

}  // namespace spate::tmpl
