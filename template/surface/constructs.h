// All constructs of the language in one table, without their structs: the schema, the reference
// and the tests walk it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "template/object_spec.h"

namespace spate::tmpl {

struct KeyDescription : KeyInfo {
  std::string type;
};

struct Construct {
  std::string_view name;
  std::string_view doc;
  std::vector<KeyDescription> keys;
  Node (*schema)(const SchemaOptions&) = nullptr;
  // Reads a value for one key into an empty struct, so that examples can be tried; false: no such
  // key.
  bool (*read_key)(Reader&, std::string_view key, const Node& value) = nullptr;
};

std::span<const Construct> Constructs();

// The schema of the whole language, or one specialised to the names in `options`.
Node SchemaNode(const SchemaOptions& options);

// The reference tables of docs/template.md, in Markdown.
std::string Reference();

}  // namespace spate::tmpl
