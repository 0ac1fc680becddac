// Inclusion of a template by another: "base.json" or {"file": "base.json", "set": {"users": 9}}
#include "template/codec.h"

namespace spate::tmpl {
namespace {

constexpr Key<Inclusion> kIncludeKeys[] = {
    MemberKey<&Inclusion::file>({.key = "file",
                                 .doc = "the template, relative to this one",
                                 .example = R"("base.json")",
                                 .required = true}),
    MemberKey<&Inclusion::set>(
        {.key = "set", .doc = "values for its params", .example = R"({"users": "$users"})"}),
};

}  // namespace

template <>
const ObjectSpec<Inclusion>& SpecOf<Inclusion>() {
  static constexpr ObjectSpec<Inclusion> spec = {
      "inclusion", "A template that comes in, and the values of its params.", kIncludeKeys};
  return spec;
}

void Codec<Inclusion>::Read(Reader& reader, const Node& node, Inclusion& inclusion) {
  inclusion.place = reader.Here(node);
  if (node.text()) {
    inclusion.file = *node.text();
  } else {
    ReadObject(reader, node, SpecOf<Inclusion>(), inclusion);
  }
}

Node Codec<Inclusion>::Write(const Inclusion& inclusion, bool full) {
  return inclusion.set.empty() && !full ? Text(inclusion.file)
                                        : WriteObject(inclusion, SpecOf<Inclusion>(), full);
}

Node Codec<Inclusion>::Schema(const SchemaOptions& options) {
  return ObjectNode(
      {{"anyOf", Node(Node::List{Codec<std::string>::Schema(options),
                                 ObjectNode({{"$ref", Text("#/$defs/inclusion")}})})}});
}

}  // namespace spate::tmpl
