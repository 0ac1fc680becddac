#include <algorithm>
#include <utility>

#include "generator/prompt/draft.h"
#include "generator/prompt/draft_keys.h"
#include "template/node.h"

namespace spate::generator {
namespace {

using tmpl::Node;
using tmpl::ObjectNode;
using tmpl::Text;

Node Enumeration(const std::vector<std::string>& names) {
  Node::List list;
  for (const std::string& name : names) list.push_back(Text(name));
  return ObjectNode({{"type", Text("string")}, {"enum", Node(std::move(list))}});
}

// A small model that has begun to repeat itself goes on until it is stopped.
int64_t MostItems(const DraftKey& key, const OutlineService& service) {
  return std::min<int64_t>(key.most, static_cast<int64_t>(service.messages.size()) + 4);
}

Node KeySchema(const DraftKey& key, const OutlineService& service,
               const std::vector<std::string>& behaviours) {
  switch (key.kind) {
    case DraftKey::Kind::kBehaviour:
      return Enumeration(behaviours);
    case DraftKey::Kind::kClock:
      return Enumeration(DraftClockNames());
    case DraftKey::Kind::kMessages:
      return ObjectNode({{"type", Text("array")},
                         {"items", Enumeration(MessageIds(service))},
                         {"minItems", Node(int64_t{key.required ? 1 : 0})},
                         {"maxItems", Node(MostItems(key, service))}});
    case DraftKey::Kind::kText:
      break;
  }
  return ObjectNode({{"type", Text("string")}, {"maxLength", Node(int64_t{key.most})}});
}

Node Form(const OutlineService& service, const std::vector<std::string>& behaviours, bool loop) {
  std::vector<std::pair<std::string, Node>> properties;
  Node::List required;
  for (const DraftKey& key : DraftKeys()) {
    if (key.loop_only && !loop) continue;
    properties.emplace_back(key.name, KeySchema(key, service, behaviours));
    if (key.required) required.push_back(Text(key.name));
  }
  return ObjectNode({{"type", Text("object")},
                     {"properties", ObjectNode(std::move(properties))},
                     {"required", Node(std::move(required))},
                     {"additionalProperties", Node(false)}});
}

}  // namespace

std::string DraftSchema(const Outline& outline, const OutlineService& service) {
  const std::string loop = BehaviourName(DraftBehaviour::kLoop);
  std::vector<std::string> others =
      BehaviourNames(outline.sample->services[service.service].protocol);
  std::erase(others, loop);
  Node::List forms;
  forms.push_back(Form(service, others, false));
  forms.push_back(Form(service, {loop}, true));
  return tmpl::WriteCompactJson(ObjectNode({{"anyOf", Node(std::move(forms))}}));
}

}  // namespace spate::generator
