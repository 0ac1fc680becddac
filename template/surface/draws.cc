// Named draws: {"txid": {"random": {"min": 0, "max": 65535}, "per": "pass"}}
#include "template/codec.h"

namespace spate::tmpl {
namespace {

// A named draw is the law itself.
struct DrawnLaw : Codec<ValueLaw> {
  static void Read(Reader& reader, const Node& node, ValueLaw& law) {
    using Kind = ValueLaw::Kind;
    const size_t before = reader.faults();
    Codec<ValueLaw>::Read(reader, node, law);
    const bool own = law.kind == Kind::kRandom || law.kind == Kind::kWeighted ||
                     law.kind == Kind::kValues || law.kind == Kind::kIncrement ||
                     law.kind == Kind::kDecrement || law.kind == Kind::kPermutation ||
                     law.kind == Kind::kDistribution;
    if (reader.faults() == before && !own) {
      reader.Fail(node,
                  "\"random\", \"weighted\", \"values\", \"increment\", \"decrement\", "
                  "\"permutation\" or a distribution");
    }
  }
};

}  // namespace

void Codec<NamedDraw>::Read(Reader& reader, const Node& node, NamedDraw& draw) {
  draw.place = reader.Here(node);
  DrawnLaw::Read(reader, node, draw.law);
}

Node Codec<NamedDraw>::Write(const NamedDraw& draw, bool full) {
  return Codec<ValueLaw>::Write(draw.law, full);
}

}  // namespace spate::tmpl
