#include "template/params.h"

#include "absl/strings/numbers.h"
#include "base/text.h"
#include "template/reader.h"

namespace spate::tmpl {
namespace {

Node* FindParams(Node& root) {
  if (auto* object = std::get_if<Node::Object>(&root.value)) {
    for (Member& member : *object) {
      if (member.key == "params" && member.value.object()) return &member.value;
    }
  }
  return nullptr;
}

std::vector<std::string> ParamNames(const Node* params) {
  std::vector<std::string> names;
  if (params) {
    for (const Member& member : *params->object()) names.push_back(member.key);
  }
  return names;
}

// The value of --set takes the type of the default that it replaces.
void Set(Node& value, const std::string& name, const std::string& text, Faults& faults) {
  int64_t integer = 0;
  uint64_t natural = 0;
  double real = 0;
  if (!value.number()) {
    value.value = text;
  } else if (absl::SimpleAtoi(text, &integer)) {
    value.value = integer;
  } else if (absl::SimpleAtoi(text, &natural)) {
    value.value = natural;
  } else if (absl::SimpleAtod(text, &real)) {
    value.value = real;
  } else {
    faults.Add({value.line, Concat("$.params.", name)}, Concat("--set ", name, "=", text),
               "a number, as its default is one");
  }
}

void Override(Node* params, const ReadOptions& options, Faults& faults) {
  for (const auto& [name, text] : options.set) {
    Member* param = nullptr;
    if (params) {
      for (Member& member : std::get<Node::Object>(params->value)) {
        if (member.key == name) param = &member;
      }
    }
    if (param) {
      Set(param->value, name, text, faults);
      continue;
    }
    const std::vector<std::string> names = ParamNames(params);
    faults.Add({params ? params->line : 0, "$.params"}, Concat("--set ", name, "=", text),
               names.empty() ? "no --set: the template has no params"
                             : Concat("a param of the template: ", OneOf(names)),
               Nearest(name, names));
  }
}

class Substitution {
 public:
  Substitution(const Node* params, Faults& faults)
      : params_(params ? *params : Node(Node::Object{})), reader_(faults) {}

  void Apply(Node& node) {
    if (auto* list = std::get_if<Node::List>(&node.value)) {
      for (size_t i = 0; i < list->size(); ++i) {
        const Reader::Inside inside(reader_, Concat("[", i, "]"));
        Apply((*list)[i]);
      }
    } else if (auto* object = std::get_if<Node::Object>(&node.value)) {
      for (Member& member : *object) {
        const Reader::Inside inside(reader_, member.key);
        Apply(member.value);
      }
    } else if (auto* text = std::get_if<std::string>(&node.value)) {
      if (text->starts_with("$$")) {
        text->erase(0, 1);
      } else if (text->starts_with("$")) {
        Replace(node, text->substr(1));
      }
    }
  }

 private:
  void Replace(Node& node, const std::string& name) {
    if (const Node* value = params_.Find(name)) {
      const uint32_t line = node.line;
      node = *value;
      node.line = line;
      return;
    }
    std::vector<std::string> names;
    for (const std::string& param : ParamNames(&params_)) names.push_back("$" + param);
    reader_.Fail(node,
                 names.empty() ? "a param (the template has none; \"$$\" stands for $)"
                               : Concat("a param: ", OneOf(names)),
                 Nearest(*node.text(), names));
  }

  const Node params_;
  Reader reader_;
};

}  // namespace

void ApplyParams(Node& root, const ReadOptions& options, Faults& faults) {
  Node* params = FindParams(root);
  Override(params, options, faults);
  if (!root.object()) return;
  Substitution substitution(params, faults);
  substitution.Apply(root);
}

void EscapeDollars(Node& node) {
  if (auto* list = std::get_if<Node::List>(&node.value)) {
    for (Node& item : *list) EscapeDollars(item);
  } else if (auto* object = std::get_if<Node::Object>(&node.value)) {
    for (Member& member : *object) EscapeDollars(member.value);
  } else if (auto* text = std::get_if<std::string>(&node.value)) {
    if (text->starts_with("$")) text->insert(0, 1, '$');
  }
}

}  // namespace spate::tmpl
