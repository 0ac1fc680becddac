#include "template/node.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "absl/strings/str_format.h"
#include "base/text.h"

namespace spate::tmpl {
namespace {

constexpr size_t kNodeColumns = 100;

void WriteText(std::string_view text, std::string* out) {
  *out += '"';
  for (char c : text) {
    if (c == '"' || c == '\\') {
      *out += '\\';
      *out += c;
    } else if (c == '\n') {
      *out += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(out, "\\u%04x", static_cast<unsigned>(c));
    } else {
      *out += c;
    }
  }
  *out += '"';
}

std::string RealText(double number) {
  char buffer[32];
  char* const last = buffer + sizeof buffer;
  // Readers take digits alone for an integer, and refuse those of more than 64 bits.
  const auto end = std::fabs(number) < 0x1p63
                       ? std::to_chars(buffer, last, number).ptr
                       : std::to_chars(buffer, last, number, std::chars_format::scientific).ptr;
  return std::string(buffer, end);
}

struct ScalarWriter {
  std::string* out;
  void operator()(std::monostate) const { *out += "null"; }
  void operator()(bool b) const { *out += b ? "true" : "false"; }
  void operator()(int64_t n) const { Append(out, n); }
  void operator()(uint64_t n) const { Append(out, n); }
  void operator()(double n) const { *out += RealText(n); }
  void operator()(const std::string& text) const { WriteText(text, out); }
  void operator()(const Node::List&) const {}
  void operator()(const Node::Object&) const {}
};

// Writes `node` on one line; false when it would grow beyond `limit` characters.
bool WriteFlat(const Node& node, size_t limit, std::string* out) {
  if (const auto* list = node.list()) {
    *out += '[';
    for (const Node& item : *list) {
      if (&item != list->data()) *out += ", ";
      if (!WriteFlat(item, limit, out)) return false;
    }
    *out += ']';
  } else if (const auto* object = node.object()) {
    *out += '{';
    for (const Member& member : *object) {
      if (&member != object->data()) *out += ", ";
      WriteText(member.key, out);
      *out += ": ";
      if (!WriteFlat(member.value, limit, out)) return false;
    }
    *out += '}';
  } else {
    std::visit(ScalarWriter{out}, node.value);
  }
  return out->size() <= limit;
}

bool IsScalar(const Node& node) { return !node.list() && !node.object(); }

// A list of scalars, as many on a line as fit.
void WriteFilled(const Node::List& list, const std::string& indent, std::string* out) {
  size_t column = kNodeColumns;
  for (const Node& item : list) {
    std::string text;
    WriteFlat(item, SIZE_MAX, &text);
    const bool first = &item == list.data();
    if (column + text.size() + 2 > kNodeColumns) {
      Append(out, first ? "\n" : ",\n", indent);
      column = indent.size();
    } else {
      *out += ", ";
      column += 2;
    }
    *out += text;
    column += text.size();
  }
}

// Brackets around a single thing take no lines of their own.
bool HoldsOne(const Node& node) {
  return node.object() ? node.object()->size() == 1 : node.list() && node.list()->size() == 1;
}

void WriteDeep(const Node& node, size_t depth, size_t column, std::string* out) {
  const size_t begin = out->size();
  std::string flat;
  // One column is left for the comma; the outermost value is always spread.
  if ((depth > 0 && WriteFlat(node, kNodeColumns - std::min(kNodeColumns, column + 1), &flat)) ||
      IsScalar(node)) {
    WriteFlat(node, SIZE_MAX, &(flat = ""));
    *out += flat;
    return;
  }
  if (depth > 0 && HoldsOne(node)) {
    *out += node.object() ? "{" : "[";
    if (node.object()) {
      WriteText(node.object()->front().key, out);
      *out += ": ";
    }
    const Node& item = node.object() ? node.object()->front().value : node.list()->front();
    WriteDeep(item, depth, column + out->size() - begin, out);
    *out += node.object() ? '}' : ']';
    return;
  }
  const std::string indent(2 * (depth + 1), ' ');
  const bool object = node.object() != nullptr;
  *out += object ? '{' : '[';
  const bool fill = !object && std::all_of(node.list()->begin(), node.list()->end(), IsScalar);
  if (fill) WriteFilled(*node.list(), indent, out);
  const size_t count = object ? node.object()->size() : fill ? 0 : node.list()->size();
  for (size_t i = 0; i < count; ++i) {
    Append(out, i == 0 ? "\n" : ",\n", indent);
    const size_t line = out->size();
    if (object) {
      WriteText((*node.object())[i].key, out);
      *out += ": ";
    }
    const Node& item = object ? (*node.object())[i].value : (*node.list())[i];
    WriteDeep(item, depth + 1, indent.size() + out->size() - line, out);
  }
  if (count > 0 || (fill && !node.list()->empty())) Append(out, "\n", std::string(2 * depth, ' '));
  *out += object ? '}' : ']';
}

}  // namespace

// Out of line: inlined, GCC 12 takes the variant's idle alternatives for uninitialised ones.
Node::Node() = default;
Node::Node(Value v) : value(std::move(v)) {}
Node::Node(const Node&) = default;
Node::Node(Node&&) noexcept = default;
Node& Node::operator=(const Node&) = default;
Node& Node::operator=(Node&&) noexcept = default;
Node::~Node() = default;

double Node::real() const {
  if (const auto* i = std::get_if<int64_t>(&value)) return static_cast<double>(*i);
  if (const auto* u = std::get_if<uint64_t>(&value)) return static_cast<double>(*u);
  const auto* d = std::get_if<double>(&value);
  return d ? *d : 0;
}

const Node* Node::Find(std::string_view key) const {
  if (!object()) return nullptr;
  for (const Member& member : *object()) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

Node Text(std::string_view text) { return Node(std::string(text)); }

Node Real(double number) {
  if (std::trunc(number) == number && std::fabs(number) < 1e15) {
    return Node(static_cast<int64_t>(number));
  }
  return Node(number);
}

Node ObjectNode(std::vector<std::pair<std::string, Node>> members) {
  Node::Object object;
  for (auto& [key, value] : members) object.push_back({std::move(key), 0, std::move(value)});
  return Node(std::move(object));
}

std::string Describe(const Node& node) {
  if (node.text()) return Quote(*node.text());
  if (node.list()) return node.list()->empty() ? "an empty list" : "a list";
  if (node.object()) return node.object()->empty() ? "an empty object" : "an object";
  return WriteCompactJson(node);
}

std::string WriteJson(const Node& node) {
  std::string out;
  WriteDeep(node, 0, 0, &out);
  return out + "\n";
}

std::string WriteCompactJson(const Node& node) {
  std::string out;
  WriteFlat(node, SIZE_MAX, &out);
  return out;
}

}  // namespace spate::tmpl
