#include "tests/property/mutate.h"

#include <cctype>
#include <string_view>
#include <utility>
#include <vector>

namespace spate::testing {
namespace {

using tmpl::Node;

// Whole strings, words with their digits, and single marks.
std::vector<std::string> TokensOf(const std::string& text) {
  std::vector<std::string> tokens;
  for (size_t at = 0; at < text.size();) {
    size_t end = at + 1;
    if (text[at] == '"') {
      while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
      ++end;
    } else if (std::isalnum(static_cast<unsigned char>(text[at])) || text[at] == '-') {
      while (end < text.size() &&
             (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '.')) {
        ++end;
      }
    }
    tokens.push_back(text.substr(at, end - at));
    at = end;
  }
  return tokens;
}

void Collect(Node& node, std::vector<Node*>& nodes) {
  nodes.push_back(&node);
  if (auto* list = std::get_if<Node::List>(&node.value)) {
    for (Node& item : *list) Collect(item, nodes);
  } else if (auto* object = std::get_if<Node::Object>(&node.value)) {
    for (tmpl::Member& member : *object) Collect(member.value, nodes);
  }
}

void Lose(Dice& dice, Node& node) {
  if (auto* list = std::get_if<Node::List>(&node.value); list && !list->empty()) {
    list->erase(list->begin() + static_cast<ptrdiff_t>(dice.Below(list->size())));
  } else if (auto* object = std::get_if<Node::Object>(&node.value); object && !object->empty()) {
    object->erase(object->begin() + static_cast<ptrdiff_t>(dice.Below(object->size())));
  }
}

void Rename(Dice& dice, Node& node) {
  auto* object = std::get_if<Node::Object>(&node.value);
  if (object && !object->empty()) object->at(dice.Below(object->size())).key += "x";
}

// Numbers at the ends of what can be written, and what is no number.
Node Odd(Dice& dice) {
  switch (dice.Below(9)) {
    case 0:
      return Node(int64_t{-1});
    case 1:
      return Node(UINT64_MAX);
    case 2:
      return Node(1e300);
    case 3:
      return Node(dice.Magnitude(1e-300, 1e18));
    case 4:
      return tmpl::Text("");
    case 5:
      return tmpl::Text("0");
    case 6:
      return Node(Node::List{});
    case 7:
      return Node(Node::Object{});
    default:
      return Node(int64_t{0});
  }
}

}  // namespace

std::string MutateBytes(Dice& dice, std::string text) {
  for (uint64_t changes = dice.From(1, 4); changes > 0 && !text.empty(); --changes) {
    const size_t at = dice.Below(text.size());
    switch (dice.Below(4)) {
      case 0:
        text[at] = static_cast<char>(dice.Below(256));
        break;
      case 1:
        text.erase(at, dice.From(1, 20));
        break;
      case 2:
        text.insert(at, text.substr(dice.Below(text.size()), dice.From(1, 40)));
        break;
      default:
        text.insert(at, 1, static_cast<char>(dice.Below(256)));
    }
  }
  return text;
}

std::string MutateTokens(Dice& dice, const std::string& text) {
  std::vector<std::string> tokens = TokensOf(text);
  for (uint64_t changes = dice.From(1, 3); changes > 0; --changes) {
    std::string& token = tokens[dice.Below(tokens.size())];
    std::string& other = tokens[dice.Below(tokens.size())];
    switch (dice.Below(4)) {
      case 0:
        std::swap(token, other);
        break;
      case 1:
        token.clear();
        break;
      case 2:
        token += token;
        break;
      default:
        token = other;
    }
  }
  std::string mutated;
  for (const std::string& token : tokens) mutated += token;
  return mutated;
}

void MutateStructure(Dice& dice, Node& root) {
  for (uint64_t changes = dice.From(1, 2); changes > 0; --changes) {
    std::vector<Node*> nodes;
    Collect(root, nodes);
    Node& at = *dice.OneOf(nodes);
    Node other = *dice.OneOf(nodes);
    switch (dice.Below(4)) {
      case 0:
        at = std::move(other);
        break;
      case 1:
        at = Odd(dice);
        break;
      case 2:
        Lose(dice, at);
        break;
      default:
        Rename(dice, at);
    }
  }
}

}  // namespace spate::testing
