// Impairments: {"loss": 0.01, "burst": {"enter": 0.001, "leave": 0.2}, "delay": "5ms"}
#include "base/text.h"
#include "template/codec.h"

namespace spate::tmpl {
namespace {

constexpr Key<Impairment> kImpairmentBurstKeys[] = {
    MemberKey<&Impairment::burst_enter, Probability>(
        {.key = "enter",
         .doc = "probability, at each packet, that losses begin",
         .example = "0.001",
         .required = true}),
    MemberKey<&Impairment::burst_leave, Probability>(
        {.key = "leave",
         .doc = "probability, at each packet, that they end: bursts are 1/leave packets long",
         .example = "0.2",
         .required = true}),
    MemberKey<&Impairment::burst_loss, Probability>(
        {.key = "loss", .doc = "probability of loss meanwhile", .example = "0.9", .fallback = "1"}),
};
constexpr ObjectSpec<Impairment> kBurst = {
    "burst", "Losses in bursts (Gilbert–Elliott): two states, left by chance.",
    kImpairmentBurstKeys};

constexpr Key<Impairment> kReorderKeys[] = {
    MemberKey<&Impairment::reorder, Probability>({.key = "probability",
                                                  .doc = "share of the packets that come late",
                                                  .example = "0.01",
                                                  .required = true}),
    MemberKey<&Impairment::reorder_s, Duration>(
        {.key = "by", .doc = "how late", .example = R"("2ms")", .fallback = R"("1ms")"}),
};
constexpr ObjectSpec<Impairment> kReorder = {"reorder", "Packets that others overtake.",
                                             kReorderKeys};

constexpr Key<Impairment> kCorruptKeys[] = {
    MemberKey<&Impairment::corrupt, Probability>({.key = "probability",
                                                  .doc = "share of the packets with bit errors",
                                                  .example = "0.001",
                                                  .required = true}),
    MemberKey<&Impairment::bits>({.key = "bits",
                                  .doc = "bits flipped in each, anywhere behind the link header",
                                  .example = "3",
                                  .fallback = "1"}),
    MemberKey<&Impairment::checksums>(
        {.key = "checksums",
         .doc = "true: checksums are right all the same, and the errors lie in the payload",
         .example = "true",
         .fallback = "false"}),
};
constexpr ObjectSpec<Impairment> kCorrupt = {"corrupt", "Bit errors.", kCorruptKeys};

template <const ObjectSpec<Impairment>& spec, auto used>
constexpr Key<Impairment> ImpairmentInnerKey(KeyInfo info) {
  Key<Impairment> key;
  static_cast<KeyInfo&>(key) = info;
  key.type = [] { return std::string(spec.name); };
  key.read = [](Reader& reader, const Node& node, Impairment& impairment, const KeyInfo&) {
    const Place place = impairment.place;
    ReadObject(reader, node, spec, impairment);
    impairment.place = place;
  };
  key.write = [](const Impairment& impairment, const KeyInfo&, bool full) {
    return impairment.*used > 0 ? WriteObject(impairment, spec, full) : Node();
  };
  key.schema = [](const SchemaOptions& options, const KeyInfo&) { return SchemaOf(spec, options); };
  return key;
}

constexpr Key<Impairment> kImpairmentKeys[] = {
    MemberKey<&Impairment::loss, Probability>({.key = "loss",
                                               .doc = "probability of loss, of each packet by "
                                                      "itself (outside of bursts)",
                                               .example = "0.01",
                                               .fallback = "0"}),
    ImpairmentInnerKey<kBurst, &Impairment::burst_enter>(
        {.key = "burst",
         .doc = "losses in bursts (Gilbert–Elliott): `enter` and `leave` are chances at each "
                "packet, `loss` (1) that of a packet meanwhile",
         .example = R"({"enter": 0.001, "leave": 0.2})"}),
    MemberKey<&Impairment::duplicate, Probability>({.key = "duplicate",
                                                    .doc = "probability that a packet comes twice",
                                                    .example = "0.001",
                                                    .fallback = "0"}),
    MemberKey<&Impairment::delay>({.key = "delay",
                                   .doc = "time that each packet is held back; the steps go on",
                                   .example = R"({"uniform": {"min": "0s", "max": "5ms"}})"}),
    ImpairmentInnerKey<kReorder, &Impairment::reorder>(
        {.key = "reorder",
         .doc = "packets that come later by `by` (1ms) than they would",
         .example = R"({"probability": 0.01, "by": "2ms"})"}),
    ImpairmentInnerKey<kCorrupt, &Impairment::corrupt>(
        {.key = "corrupt",
         .doc = "bit errors: `bits` (1) in a packet, with `checksums` right or (false) not",
         .example = R"({"probability": 0.001, "bits": 3})"}),
};

void FinishImpairment(Reader& reader, const Node& node, Impairment& impairment) {
  if (impairment.bits < 1 || impairment.bits > 64) {
    reader.Fail(node, Concat(impairment.bits, " flipped bits"), "from 1 to 64", "");
  }
  if (impairment.burst_enter > 0 && impairment.burst_leave <= 0) {
    reader.Fail(node, "bursts without end", "a \"leave\" above 0", "");
  }
}

}  // namespace

template <>
const ObjectSpec<Impairment>& SpecOf<Impairment>() {
  static constexpr ObjectSpec<Impairment> spec = {"impairment",
                                                  "What happens to a flow's packets on their way.",
                                                  kImpairmentKeys, FinishImpairment};
  return spec;
}

}  // namespace spate::tmpl
