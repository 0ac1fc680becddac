#include "template/object_spec.h"

#include "base/text.h"
#include "template/node.h"

namespace spate::tmpl::internal {
namespace {

Node Strings(const std::vector<std::string>& texts) {
  Node::List list;
  for (const std::string& text : texts) list.push_back(Text(text));
  return Node(std::move(list));
}

}  // namespace

void CheckKeys(Reader& reader, const Node& node, std::span<const KeyInfo* const> keys,
               bool choose_one) {
  std::vector<std::string> names, choices;
  for (const KeyInfo* key : keys) {
    names.emplace_back(key->key);
    if (key->choice) choices.emplace_back(key->key);
    if (key->required && !node.Find(key->key)) {
      reader.Fail(node, Concat("no key ", Quote(key->key)), Concat(Quote(key->key), ": ", key->doc),
                  "");
    }
  }
  size_t chosen = 0;
  bool unknown = false;
  for (const Member& member : *node.object()) {
    if (std::find(choices.begin(), choices.end(), member.key) != choices.end()) ++chosen;
    if (std::find(names.begin(), names.end(), member.key) != names.end()) continue;
    unknown = true;
    const Reader::Inside inside(reader, member.key);
    Node place;
    place.line = member.line;
    place.file = member.value.file;
    reader.Fail(place, Concat("the unknown key ", Quote(member.key)), OneOf(names),
                Nearest(member.key, names));
  }
  if (!choose_one || chosen == 1 || (chosen == 0 && unknown)) return;
  reader.Fail(node, chosen == 0 ? "none of its keys" : Concat(chosen, " of them"),
              Concat("one of ", OneOf(choices)), "");
}

std::string ObjectExample(std::span<const KeyInfo* const> keys) {
  std::string members;
  const auto add = [&](const KeyInfo& key) {
    Append(&members, members.empty() ? "" : ", ", Quote(key.key), ": ", key.example);
  };
  for (const KeyInfo* key : keys) {
    if (key->required) add(*key);
  }
  if (members.empty()) add(*keys.front());
  return Concat("an object such as {", members, "}");
}

Node FallbackNode(const KeyInfo& key) {
  if (key.fallback.empty()) return {};
  Faults faults{""};
  // Defaults that are single values are wrapped, since a JSON text here is an object.
  const Node node = ParseJson(Concat("{\"v\":", key.fallback, "}"), faults);
  const Node* value = node.Find("v");
  return value ? *value : Node();
}

namespace {

Node OneObject(std::string_view doc, std::span<const KeyInfo* const> keys,
               const std::vector<Node>& schemas, std::string_view choice,
               const SchemaOptions& options) {
  Node::Object properties;
  std::vector<std::string> required;
  for (size_t i = 0; i < keys.size(); ++i) {
    if (keys[i]->choice && !choice.empty() && keys[i]->key != choice) continue;
    Node property = schemas[i];
    if (auto* object = std::get_if<Node::Object>(&property.value); object && !options.compact) {
      object->insert(object->begin(), Member{"description", 0, Text(keys[i]->doc)});
    }
    properties.push_back({std::string(keys[i]->key), 0, std::move(property)});
    if (keys[i]->required || keys[i]->key == choice) required.emplace_back(keys[i]->key);
  }
  Node::Object schema;
  if (!options.compact && !doc.empty()) schema.push_back({"description", 0, Text(doc)});
  schema.push_back({"type", 0, Text("object")});
  schema.push_back({"properties", 0, Node(std::move(properties))});
  if (!required.empty()) schema.push_back({"required", 0, Strings(required)});
  schema.push_back({"additionalProperties", 0, Node(false)});
  return Node(std::move(schema));
}

}  // namespace

Node ObjectSchema(std::string_view doc, std::span<const KeyInfo* const> keys,
                  const std::vector<Node>& schemas, bool choose_one, const SchemaOptions& options) {
  if (!choose_one) return OneObject(doc, keys, schemas, "", options);
  // One alternative per choice, so that grammars made from the schema cannot mix them.
  Node::List alternatives;
  for (const KeyInfo* key : keys) {
    if (key->choice) alternatives.push_back(OneObject("", keys, schemas, key->key, options));
  }
  Node schema = ObjectNode({{"anyOf", Node(std::move(alternatives))}});
  if (!options.compact) {
    auto& object = std::get<Node::Object>(schema.value);
    object.insert(object.begin(), Member{"description", 0, Text(doc)});
  }
  return schema;
}

}  // namespace spate::tmpl::internal
