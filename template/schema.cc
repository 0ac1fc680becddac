// The JSON Schema of the language, from the table of constructs.
#include "template/codec.h"
#include "template/surface/constructs.h"
#include "template/template.h"

namespace spate::tmpl {

Node SchemaNode(const SchemaOptions& options) {
  Node::Object definitions;
  Node root;
  for (const Construct& construct : Constructs()) {
    Node schema = construct.schema(options);
    if (construct.name == SpecOf<Template>().name) {
      root = std::move(schema);
    } else {
      definitions.push_back({std::string(construct.name), 0, std::move(schema)});
    }
  }
  definitions.push_back({"header", 0, HeaderDefinition(options)});
  Node::Object schema;
  schema.push_back({"$schema", 0, Text("https://json-schema.org/draft/2020-12/schema")});
  if (!options.compact) schema.push_back({"title", 0, Text("spate template")});
  for (Member& member : std::get<Node::Object>(root.value)) schema.push_back(std::move(member));
  schema.push_back({"$defs", 0, Node(std::move(definitions))});
  return Node(std::move(schema));
}

std::string JsonSchema() { return WriteJson(SchemaNode({})); }

}  // namespace spate::tmpl
