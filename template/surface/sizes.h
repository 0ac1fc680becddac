// Mixes of frame sizes with a name: IMIXes and the genome of RFC 6985. Each is another way to write
// a plain law: "imix" is "weighted", "genome" is "values".
#pragma once

#include <span>
#include <string_view>

#include "template/codec.h"

namespace spate::tmpl {

struct Imix {
  std::string_view name;
  std::string_view doc;
  std::span<const std::pair<int64_t, double>> sizes;  // bytes with FCS, weight
};
std::span<const Imix> Imixes();

// The keys "imix", "genome" and "sizes" of a value law.
std::span<const Key<ValueLaw>> SizeKeys();
// Turns a genome into its sizes once all keys are read.
void FinishGenome(Reader& reader, const Node& node, ValueLaw& law);

}  // namespace spate::tmpl
