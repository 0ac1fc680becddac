// Header uses: {"udp": {"dst_port": 53}}. Which headers and fields there are is packet's table.
#include "packet/header.h"

#include "base/text.h"
#include "template/codec.h"

namespace spate::tmpl {
namespace {

std::vector<std::string> HeaderNames() {
  std::vector<std::string> names;
  for (const packet::HeaderSpec* header : packet::Headers()) names.emplace_back(header->name);
  return names;
}

std::vector<std::string> FieldNames(const packet::HeaderSpec& header) {
  std::vector<std::string> names;
  for (const packet::FieldSpec& field : header.fields) names.emplace_back(field.name);
  return names;
}

Node FieldsSchema(const packet::HeaderSpec& header, const SchemaOptions& options) {
  Node::Object properties;
  for (const packet::FieldSpec& field : header.fields) {
    Node schema = Codec<ValueLaw>::Schema(options);
    if (!options.compact && !field.doc.empty()) {
      auto& members = std::get<Node::Object>(schema.value);
      members.insert(members.begin(), Member{"description", 0, Text(field.doc)});
    }
    properties.push_back({std::string(field.name), 0, std::move(schema)});
  }
  Node schema = ObjectNode({{"type", Text("object")},
                            {"properties", Node(std::move(properties))},
                            {"additionalProperties", Node(false)}});
  if (!options.compact) {
    auto& members = std::get<Node::Object>(schema.value);
    members.insert(members.begin(), Member{"description", 0, Text(header.doc)});
  }
  return schema;
}

}  // namespace

void Codec<HeaderUse>::Read(Reader& reader, const Node& node, HeaderUse& use) {
  use.place = reader.Here(node);
  if (!node.object() || node.object()->size() != 1) {
    return reader.Fail(node, "an object with one header, such as {\"udp\": {\"dst_port\": 53}}");
  }
  const Member& member = node.object()->front();
  use.header = member.key;
  const Reader::Inside inside(reader, member.key);
  const packet::HeaderSpec* header = packet::FindHeader(member.key);
  if (!header) {
    Node place;
    place.line = member.line;
    return reader.Fail(place, Concat("the unknown header ", Quote(member.key)),
                       OneOf(HeaderNames()), Nearest(member.key, HeaderNames()));
  }
  if (!member.value.object()) return reader.Fail(member.value, "an object of fields");
  for (const Member& field : *member.value.object()) {
    const Reader::Inside at(reader, field.key);
    if (!header->Find(field.key)) {
      Node place;
      place.line = field.line;
      reader.Fail(place, Concat("the unknown field ", Quote(field.key)), OneOf(FieldNames(*header)),
                  Nearest(field.key, FieldNames(*header)));
      continue;
    }
    Codec<ValueLaw>::Read(reader, field.value,
                          use.fields.emplace_back(field.key, ValueLaw{}).second);
  }
}

Node Codec<HeaderUse>::Write(const HeaderUse& use, bool full) {
  Node::Object fields;
  for (const auto& [name, law] : use.fields) {
    fields.push_back({name, 0, Codec<ValueLaw>::Write(law, full)});
  }
  return ObjectNode({{use.header, Node(std::move(fields))}});
}

Node Codec<HeaderUse>::Schema(const SchemaOptions&) {
  return ObjectNode({{"$ref", Text("#/$defs/header")}});
}

Node HeaderDefinition(const SchemaOptions& options) {
  Node::Object properties;
  for (const packet::HeaderSpec* header : packet::Headers()) {
    properties.push_back({std::string(header->name), 0, FieldsSchema(*header, options)});
  }
  return ObjectNode({{"type", Text("object")},
                     {"minProperties", Node(int64_t{1})},
                     {"maxProperties", Node(int64_t{1})},
                     {"properties", Node(std::move(properties))},
                     {"additionalProperties", Node(false)}});
}

}  // namespace spate::tmpl
