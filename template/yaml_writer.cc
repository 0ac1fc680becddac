// Node → YAML that every version of YAML reads alike.
#include <algorithm>

#include "base/text.h"
#include "template/node.h"

namespace spate::tmpl {
namespace {

constexpr size_t kYamlWriterColumns = 100;

// Text that no version of YAML takes for a number, a date, a time of day, a boolean or null, and
// that holds no mark of the syntax.
bool IsPlain(std::string_view text) {
  constexpr std::string_view kWords[] = {"null", "true", "false", "yes", "no",  "on",
                                         "off",  "y",    "n",     "nan", "inf", "infinity"};
  constexpr std::string_view kInside =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./%$+- ";
  constexpr std::string_view kNumber = "0123456789_.+-eExXoabcdefABCDEF ";
  if (text.empty() || text.front() == ' ' || text.back() == ' ') return false;
  if (text.find_first_not_of(kInside) != std::string_view::npos) return false;
  if (std::string_view("%+-.").find(text.front()) != std::string_view::npos) return false;
  // Two dots make an address or a version of what is else a number.
  const bool dots = std::count(text.begin(), text.end(), '.') > 1;
  const bool digit = text.front() >= '0' && text.front() <= '9';
  if (digit && !dots && text.find_first_not_of(kNumber) == std::string_view::npos) return false;
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return std::find(std::begin(kWords), std::end(kWords), lower) == std::end(kWords);
}

std::string ScalarText(const Node& node) {
  return node.text() && IsPlain(*node.text()) ? *node.text() : WriteCompactJson(node);
}

std::string KeyText(std::string_view key) { return ScalarText(Text(key)); }

// `node` on one line; false when it would grow beyond `limit` characters.
bool WriteFlow(const Node& node, size_t limit, std::string* out) {
  if (const auto* list = node.list()) {
    *out += '[';
    for (const Node& item : *list) {
      if (&item != list->data()) *out += ", ";
      if (!WriteFlow(item, limit, out)) return false;
    }
    *out += ']';
  } else if (const auto* object = node.object()) {
    *out += '{';
    for (const Member& member : *object) {
      if (&member != object->data()) *out += ", ";
      Append(out, KeyText(member.key), ": ");
      if (!WriteFlow(member.value, limit, out)) return false;
    }
    *out += '}';
  } else {
    *out += ScalarText(node);
  }
  return out->size() <= limit;
}

bool IsEmpty(const Node& node) {
  return (node.list() && node.list()->empty()) || (node.object() && node.object()->empty());
}

void WriteBlock(const Node& node, size_t depth, std::string* out);

// What follows "key:" or "-": on the same line where it fits.
void WriteInner(const Node& node, size_t depth, size_t column, std::string* out) {
  std::string flow;
  const bool scalar = !node.list() && !node.object();
  if (scalar || IsEmpty(node)) {
    WriteFlow(node, SIZE_MAX, &flow);
    Append(out, " ", flow, "\n");
  } else if (WriteFlow(node, kYamlWriterColumns - std::min(kYamlWriterColumns, column + 1),
                       &flow)) {
    Append(out, " ", flow, "\n");
  } else {
    *out += "\n";
    WriteBlock(node, depth, out);
  }
}

void WriteBlock(const Node& node, size_t depth, std::string* out) {
  const std::string indent(2 * depth, ' ');
  if (const auto* list = node.list()) {
    for (const Node& item : *list) {
      Append(out, indent, "-");
      WriteInner(item, depth + 1, indent.size() + 1, out);
    }
    return;
  }
  for (const Member& member : *node.object()) {
    const std::string key = KeyText(member.key);
    Append(out, indent, key, ":");
    WriteInner(member.value, depth + 1, indent.size() + key.size() + 1, out);
  }
}

}  // namespace

std::string WriteYaml(const Node& node) {
  std::string out;
  if ((node.object() || node.list()) && !IsEmpty(node)) {
    WriteBlock(node, 0, &out);
  } else {
    WriteFlow(node, SIZE_MAX, &out);
    out += "\n";
  }
  return out;
}

}  // namespace spate::tmpl
