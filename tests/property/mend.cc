#include "tests/property/mend.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

namespace spate::testing {
namespace {

using tmpl::Node;

// The next part of a path ("a.b", "[3]", "[\"x y\"]"), which is shortened by it.
std::string TakePart(std::string_view& path, bool& index) {
  index = false;
  if (path[0] == '.') {
    path.remove_prefix(1);
    const size_t end = std::min(path.find_first_of(".["), path.size());
    std::string part(path.substr(0, end));
    path.remove_prefix(end);
    return part;
  }
  if (path.starts_with("[\"")) {
    const size_t end = path.find("\"]", 2);
    std::string part(path.substr(2, end - 2));
    path.remove_prefix(std::min(path.size(), end + 2));
    return part;
  }
  index = true;
  const size_t end = path.find(']');
  std::string part(path.substr(1, end - 1));
  path.remove_prefix(end + 1);
  return part;
}

Node* Child(Node& node, const std::string& part, bool index) {
  if (index) {
    size_t at = 0;
    std::from_chars(part.data(), part.data() + part.size(), at);
    auto* const list = std::get_if<Node::List>(&node.value);
    return list && at < list->size() ? &(*list)[at] : nullptr;
  }
  auto* const object = std::get_if<Node::Object>(&node.value);
  if (!object) return nullptr;
  for (tmpl::Member& member : *object) {
    if (member.key == part) return &member.value;
  }
  return nullptr;
}

// The deepest node on the way that `path` names; the root if there is none, nullptr if it has just
// been taken out.
Node* Deepest(Node& root, std::string_view path) {
  Node* at = &root;
  if (!path.empty()) path.remove_prefix(1);  // "$"
  while (!path.empty()) {
    bool index = false;
    const std::string part = TakePart(path, index);
    Node* const child = Child(*at, part, index);
    if (child == nullptr) break;
    if (child->null()) return nullptr;
    at = child;
  }
  return at;
}

// Of an object at fault the key that the fault speaks of: in quotes in what was found, or else in
// what was expected.
Node* Spoken(Node& node, const tmpl::Fault& fault) {
  auto* const object = std::get_if<Node::Object>(&node.value);
  if (!object) return &node;
  for (const std::string* const text : {&fault.found, &fault.expected}) {
    for (tmpl::Member& member : *object) {
      if (text->find('"' + member.key + '"') != std::string::npos) return &member.value;
    }
  }
  return &node;
}

// Takes out what was made null, and what is empty without it.
void Sweep(Node& node) {
  if (auto* const list = std::get_if<Node::List>(&node.value)) {
    for (Node& item : *list) Sweep(item);
    if (std::erase_if(*list, [](const Node& item) { return item.null(); }) > 0 && list->empty()) {
      node.value = {};
    }
  } else if (auto* const object = std::get_if<Node::Object>(&node.value)) {
    for (tmpl::Member& member : *object) Sweep(member.value);
    const auto gone = [](const tmpl::Member& member) { return member.value.null(); };
    if (std::erase_if(*object, gone) > 0 && object->empty()) node.value = {};
  }
}

}  // namespace

std::optional<Mended> Mend(Node root, const std::string& file, MendLog& log) {
  constexpr int kRounds = 60;
  for (int round = 0; round < kRounds; ++round) {
    std::string text = tmpl::WriteJson(root);
    std::vector<tmpl::Fault> faults;
    auto source = tmpl::Read(text, file, {}, &faults);
    if (source.ok()) {
      auto scenario = tmpl::Compile(*source, &faults);
      if (scenario.ok()) {
        return Mended{std::move(text), *std::move(source), *std::move(scenario), round};
      }
    }
    log.faults.insert(log.faults.end(), faults.begin(), faults.end());
    for (const tmpl::Fault& fault : faults) {
      Node* const deepest = Deepest(root, fault.place.path);
      if (deepest == nullptr) continue;
      Node* const at = Spoken(*deepest, fault);
      if (at == &root) {
        log.stuck = fault.Format();
        return std::nullopt;
      }
      at->value = {};
    }
    Sweep(root);
  }
  log.stuck = log.faults.back().Format();
  return std::nullopt;
}

}  // namespace spate::testing
