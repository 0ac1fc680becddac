// A neutral tree of values with their lines: what JSON is read into and printed from.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "template/fault.h"

namespace spate::tmpl {

struct Member;

struct Node {
  using List = std::vector<Node>;
  using Object = std::vector<Member>;
  // monostate: null, and "leave this key out" when printing.
  using Value =
      std::variant<std::monostate, bool, int64_t, uint64_t, double, std::string, List, Object>;
  Value value;
  uint32_t line = 0;
  uint32_t file = 0;  // Faults::FileOf

  Node();
  explicit Node(Value v);
  Node(const Node&);
  Node(Node&&) noexcept;
  Node& operator=(const Node&);
  Node& operator=(Node&&) noexcept;
  ~Node();

  bool null() const { return std::holds_alternative<std::monostate>(value); }
  const std::string* text() const { return std::get_if<std::string>(&value); }
  const List* list() const { return std::get_if<List>(&value); }
  const Object* object() const { return std::get_if<Object>(&value); }
  bool number() const { return value.index() >= 2 && value.index() <= 4; }
  // The number as a double; 0 when it is none.
  double real() const;
  // The member's value, or nullptr.
  const Node* Find(std::string_view key) const;
};

struct Member {
  std::string key;
  uint32_t line = 0;
  Node value;
};

// Builders for printers.
Node Text(std::string_view text);
Node Real(double number);  // an integer when it is one
Node ObjectNode(std::vector<std::pair<std::string, Node>> members);

// What stands at a node, for "found …": `"quic"`, `17`, `an object`.
std::string Describe(const Node& node);

// Reads one JSON text. Total: every input gives a tree or at least one fault (not JSON, bytes that
// are not UTF-8, a key given twice, too long, too deep).
Node ParseJson(std::string_view text, Faults& faults);
// The same of one YAML document (1.2; anchors and aliases are written out, tags refused).
Node ParseYaml(std::string_view text, Faults& faults);
// Whether a file's name ends in .yaml or .yml.
bool IsYamlName(std::string_view file);
// YAML where `file` is named so, else JSON.
Node ParseText(std::string_view text, std::string_view file, Faults& faults);

// Canonical JSON: two spaces deep, objects and lists that fit into 100 columns on one line.
std::string WriteJson(const Node& node);
// Canonical YAML: blocks two spaces deep, objects and lists that fit into 100 columns on one line.
std::string WriteYaml(const Node& node);
// All on one line.
std::string WriteCompactJson(const Node& node);

}  // namespace spate::tmpl
