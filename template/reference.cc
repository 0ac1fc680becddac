// The reference tables, from the same tables that read and print templates.
#include "absl/strings/str_replace.h"
#include "base/text.h"
#include "packet/header.h"
#include "template/surface/constructs.h"

namespace spate::tmpl {
namespace {

// Text for a cell of a Markdown table.
std::string Cell(std::string_view text) {
  return absl::StrReplaceAll(AsAbsl(text), {{"|", "\\|"}});
}

std::string Code(std::string_view text) { return text.empty() ? "" : Concat("`", Cell(text), "`"); }

void AppendConstruct(const Construct& construct, std::string& out) {
  Append(&out, "### ", construct.name, "\n\n", construct.doc, "\n\n",
         "| key | type | meaning | default | example |\n|---|---|---|---|---|\n");
  for (const KeyDescription& key : construct.keys) {
    Append(&out, "| `", key.key, "`", key.required ? " (required)" : "", " | ", Cell(key.type),
           " | ", Cell(key.doc), " | ", Code(key.fallback), " | ", Code(key.example), " |\n");
  }
  out += "\n";
}

std::string_view KindName(packet::FieldKind kind) {
  switch (kind) {
    case packet::FieldKind::kUint:
      return "integer";
    case packet::FieldKind::kMac:
      return "MAC address";
    case packet::FieldKind::kIpv4:
      return "IPv4 address";
    case packet::FieldKind::kIpv6:
      return "IPv6 address";
    case packet::FieldKind::kFlags:
      return "flags";
    case packet::FieldKind::kBytes:
      return "bytes in hex";
    case packet::FieldKind::kText:
      return "text";
    case packet::FieldKind::kName:
      return "domain name";
    case packet::FieldKind::kMark:
      return "1: present";
    case packet::FieldKind::kShort:
      return "short address";
    case packet::FieldKind::kEui64:
      return "EUI-64";
    case packet::FieldKind::kKey:
      return "key in hex";
  }
  return "";
}

void AppendHeader(const packet::HeaderSpec& header, std::string& out) {
  Append(&out, "### ", header.name, " (header)\n\n", header.doc, " (", header.source,
         ")\n\n| field | bits | kind | meaning |\n|---|---|---|---|\n");
  for (const packet::FieldSpec& field : header.fields) {
    std::string kind(KindName(field.kind));
    const bool address = field.kind == packet::FieldKind::kMac ||
                         field.kind == packet::FieldKind::kIpv4 ||
                         field.kind == packet::FieldKind::kIpv6;
    if (address && field.variable()) kind = Concat("list of ", kind, "es");
    if (!field.letters.empty()) Append(&kind, " ", field.letters);
    const bool derived = field.derived != packet::Derived::kNo;
    Append(&out, "| `", field.name, "` | ", field.bits > 0 ? Concat(field.bits) : "any", " | ",
           Cell(kind), " | ", Cell(field.doc), derived ? " (derived unless given)" : "", " |\n");
  }
  out += "\n";
}

// One line a kind; the anchors are those that GitHub makes of the headings.
void AppendContents(std::string& out) {
  out += "Objects:";
  for (const Construct& construct : Constructs()) {
    Append(&out, " [", construct.name, "](#", construct.name, ")");
  }
  out += "\n\nHeaders:";
  for (const packet::HeaderSpec* const header : packet::Headers()) {
    Append(&out, " [", header->name, "](#", header->name, "-header)");
  }
  out += "\n\n";
}

}  // namespace

std::string Reference() {
  std::string out;
  AppendContents(out);
  for (const Construct& construct : Constructs()) AppendConstruct(construct, out);
  for (const packet::HeaderSpec* header : packet::Headers()) AppendHeader(*header, out);
  out.pop_back();
  return out;
}

}  // namespace spate::tmpl
