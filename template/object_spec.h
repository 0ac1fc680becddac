// Reflection of the surface. An ObjectSpec lists the keys of one JSON object that becomes one
// struct; reading, printing, the schema and the reference all follow from it. Every construct of
// the language is one such table (template/surface/).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "template/node.h"
#include "template/reader.h"

namespace spate::tmpl {

struct SchemaOptions {
  // For a schema that is specialised to one sample: names that may be used; empty: any.
  std::vector<std::string> hosts, messages;
  // Without descriptions and `$param` alternatives: shorter, for models.
  bool compact = false;
};

// What is known of a key without the struct that it belongs to.
struct KeyInfo {
  std::string_view key;
  std::string_view doc;
  std::string_view example;        // JSON of a value
  std::string_view fallback = {};  // JSON of the default; "": absent means absent
  bool required = false;
  bool choice = false;  // one of the keys of which an object has exactly one
};

template <class T>
struct Key : KeyInfo {
  std::string (*type)() = nullptr;  // for the reference: "duration"
  void (*read)(Reader&, const Node&, T&, const KeyInfo&) = nullptr;
  Node (*write)(const T&, const KeyInfo&, bool full) = nullptr;  // null: left out
  Node (*schema)(const SchemaOptions&, const KeyInfo&) = nullptr;
};

template <class T>
struct ObjectSpec {
  std::string_view name;  // of its definition in the schema and its section in the reference
  std::string_view doc;
  std::span<const Key<T>> keys;
  // Checks what single keys cannot see; may be nullptr.
  void (*finish)(Reader&, const Node&, T&) = nullptr;
  // Whether exactly one of the keys marked `choice` must be there.
  bool choose_one = false;
};

// Defined by the construct's file in template/surface/.
template <class T>
const ObjectSpec<T>& SpecOf();

namespace internal {

// The part that does not depend on the struct: reports a missing or unknown key, a second choice.
void CheckKeys(Reader& reader, const Node& node, std::span<const KeyInfo* const> keys,
               bool choose_one);
Node ObjectSchema(std::string_view doc, std::span<const KeyInfo* const> keys,
                  const std::vector<Node>& schemas, bool choose_one, const SchemaOptions& options);
Node FallbackNode(const KeyInfo& key);
// "an object such as …": with the keys that it must have, or its first one.
std::string ObjectExample(std::span<const KeyInfo* const> keys);

template <class T>
std::vector<const KeyInfo*> Infos(const ObjectSpec<T>& spec) {
  std::vector<const KeyInfo*> infos;
  for (const Key<T>& key : spec.keys) infos.push_back(&key);
  return infos;
}

}  // namespace internal

template <class T>
bool ReadObject(Reader& reader, const Node& node, const ObjectSpec<T>& spec, T& out) {
  if constexpr (requires { out.place; }) out.place = reader.Here(node);
  if (!node.object()) {
    reader.Fail(node, internal::ObjectExample(internal::Infos(spec)));
    return false;
  }
  const size_t before = reader.faults();
  internal::CheckKeys(reader, node, internal::Infos(spec), spec.choose_one);
  for (const Key<T>& key : spec.keys) {
    if (const Node* value = node.Find(key.key)) {
      const Reader::Inside inside(reader, key.key);
      key.read(reader, *value, out, key);
    }
  }
  if (reader.faults() == before && spec.finish) spec.finish(reader, node, out);
  return reader.faults() == before;
}

template <class T>
Node WriteObject(const T& value, const ObjectSpec<T>& spec, bool full) {
  Node::Object members;
  for (const Key<T>& key : spec.keys) {
    Node node = key.write(value, key, full);
    if (node.null() && full) node = internal::FallbackNode(key);
    if (!node.null()) members.push_back({std::string(key.key), 0, std::move(node)});
  }
  return Node(std::move(members));
}

template <class T>
Node SchemaOf(const ObjectSpec<T>& spec, const SchemaOptions& options) {
  std::vector<Node> schemas;
  for (const Key<T>& key : spec.keys) schemas.push_back(key.schema(options, key));
  return internal::ObjectSchema(spec.doc, internal::Infos(spec), schemas, spec.choose_one, options);
}

}  // namespace spate::tmpl
