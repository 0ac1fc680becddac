#include "template/surface/sizes.h"

#include "base/text.h"
#include "template/limits.h"

namespace spate::tmpl {
namespace {

using SizesKind = ValueLaw::Kind;

// The mixes of the Open Traffic Generator model (flow.size.weight_pairs.predefined), where sizes
// below Ethernet's least are padded to it, and that of TRex (stl/imix.py, with FCS).
constexpr std::pair<int64_t, double> kSimple[] = {{64, 7}, {570, 4}, {1518, 1}};
constexpr std::pair<int64_t, double> kStandard[] = {{64, 60.67}, {594, 23.66}, {1518, 15.67}};
constexpr std::pair<int64_t, double> kIpv6[] = {{64, 58.67}, {496, 2}, {594, 23.66}, {1518, 15.67}};
constexpr std::pair<int64_t, double> kIpsec[] = {{90, 58.67}, {92, 2}, {594, 23.66}, {1418, 15.67}};
constexpr std::pair<int64_t, double> kSizesTcp[] = {
    {90, 58.67}, {92, 2}, {594, 23.66}, {1518, 15.67}};
constexpr std::pair<int64_t, double> kTrex[] = {{64, 28}, {594, 16}, {1518, 4}};

constexpr Imix kImixes[] = {
    {"simple", "64, 570 and 1518 bytes at 7 : 4 : 1", kSimple},
    {"standard", "64, 594 and 1518 bytes at 60.67 : 23.66 : 15.67", kStandard},
    {"ipv6", "64, 496, 594 and 1518 bytes at 58.67 : 2 : 23.66 : 15.67", kIpv6},
    {"ipsec", "90, 92, 594 and 1418 bytes at 58.67 : 2 : 23.66 : 15.67", kIpsec},
    {"tcp", "90, 92, 594 and 1518 bytes at 58.67 : 2 : 23.66 : 15.67", kSizesTcp},
    {"trex", "64, 594 and 1518 bytes at 28 : 16 : 4", kTrex},
};

// RFC 6985, section 4: sizes with FCS. "z" is the largest that the path takes, here Ethernet's
// unless `sizes` says otherwise.
constexpr std::pair<char, int64_t> kGenes[] = {{'a', 64},   {'b', 128},   {'c', 256},  {'d', 512},
                                               {'e', 1024}, {'f', 1280},  {'g', 1518}, {'h', 2112},
                                               {'i', 9000}, {'j', 16000}, {'z', 1518}};

std::vector<std::string> ImixNames() {
  std::vector<std::string> names;
  for (const Imix& imix : kImixes) names.emplace_back(imix.name);
  return names;
}

void ReadImix(Reader& reader, const Node& node, ValueLaw& law, const KeyInfo&) {
  law.kind = SizesKind::kWeighted;
  const std::string name = node.text() ? *node.text() : "";
  for (const Imix& imix : kImixes) {
    if (imix.name != name) continue;
    law.form = name;
    for (const auto& [size, weight] : imix.sizes) {
      law.values.emplace_back(size);
      law.weights.push_back(weight);
    }
    return;
  }
  reader.Fail(node, OneOf(ImixNames()), Nearest(name, ImixNames()));
}

// The name in place of what it stands for; spelled out in full.
Node WriteForm(const ValueLaw& law, SizesKind kind, bool full) {
  return law.kind == kind && !full && !law.form.empty() ? Text(law.form) : Node();
}

Key<ValueLaw> ImixKey() {
  Key<ValueLaw> key;
  std::string doc = "a mix of frame sizes by its name, drawn by weight:";
  for (const Imix& imix : kImixes) {
    Append(&doc, &imix == kImixes ? " " : "; ", imix.name, " (", imix.doc, ")");
  }
  static const std::string kept = doc;
  static_cast<KeyInfo&>(key) = {
      .key = "imix", .doc = kept, .example = R"("simple")", .choice = true};
  key.type = [] { return std::string("mix name"); };
  key.read = ReadImix;
  key.write = [](const ValueLaw& law, const KeyInfo&, bool full) {
    return WriteForm(law, SizesKind::kWeighted, full);
  };
  key.schema = [](const SchemaOptions&, const KeyInfo&) {
    Node::List names;
    for (const std::string& name : ImixNames()) names.push_back(Text(name));
    return ObjectNode({{"enum", Node(std::move(names))}});
  };
  return key;
}

Key<ValueLaw> GenomeKey() {
  Key<ValueLaw> key = MemberKey<&ValueLaw::form>(
      {.key = "genome",
       .doc =
           "frame sizes in exactly this order, again and again (RFC 6985): a 64, b 128, c 256, d "
           "512, e 1024, f 1280, g 1518, h 2112, i 9000, j 16000, z 1518",
       .example = R"("aaaaebg")",
       .choice = true});
  key.read = [](Reader& reader, const Node& node, ValueLaw& law, const KeyInfo&) {
    law.kind = SizesKind::kValues;
    Codec<std::string>::Read(reader, node, law.form);
    if (law.form.empty() || law.form.size() > kMaxListed) {
      reader.Fail(node, Concat("1 to ", kMaxListed, " letters"));
    }
  };
  key.write = [](const ValueLaw& law, const KeyInfo&, bool full) {
    return WriteForm(law, SizesKind::kValues, full);
  };
  return key;
}

Key<ValueLaw> SizesKey() {
  Key<ValueLaw> key = MemberKey<&ValueLaw::genes>(
      {.key = "sizes",
       .doc = "with `genome`: sizes of letters of one's own (RFC 6985: A to Z), or of z",
       .example = R"({"A": 600})"});
  key.write = [](const ValueLaw& law, const KeyInfo&, bool full) {
    return full ? Node() : Codec<Named<uint64_t>>::Write(law.genes, full);
  };
  return key;
}

}  // namespace

std::span<const Imix> Imixes() { return kImixes; }

std::span<const Key<ValueLaw>> SizeKeys() {
  static const auto& keys = *new std::vector<Key<ValueLaw>>{ImixKey(), GenomeKey(), SizesKey()};
  return keys;
}

void FinishGenome(Reader& reader, const Node& node, ValueLaw& law) {
  const bool genome = law.kind == SizesKind::kValues && !law.form.empty();
  if (!genome && !law.genes.empty()) {
    reader.Fail(node, "\"sizes\" without \"genome\"", "both together", "");
  }
  if (!genome) return;
  for (const char letter : law.form) {
    std::optional<int64_t> size;
    for (const auto& [gene, bytes] : kGenes) {
      if (gene == letter) size = bytes;
    }
    for (const auto& [gene, bytes] : law.genes) {
      if (gene == std::string(1, letter)) size = static_cast<int64_t>(bytes);
    }
    if (!size) {
      return reader.Fail(node, Concat("the letter ", Quote(std::string(1, letter))),
                         "letters a to j, z, or of \"sizes\"", "");
    }
    law.values.emplace_back(*size);
  }
}

}  // namespace spate::tmpl
