// Flows made of captured packets: "office.pcapng" or {"file": …, "speed": 2, "roles": {…}}
#include <algorithm>

#include "base/text.h"
#include "packet/addresses.h"
#include "template/codec.h"

namespace spate::tmpl {
namespace {

// One name, or several in a list.
struct Files {
  static void Read(Reader& reader, const Node& node, std::vector<std::string>& files) {
    if (!node.text()) return Codec<std::vector<std::string>>::Read(reader, node, files);
    files = {*node.text()};
  }
  static Node Write(const std::vector<std::string>& files, bool full) {
    return files.size() == 1 ? Text(files[0]) : Codec<std::vector<std::string>>::Write(files, full);
  }
  static Node Schema(const SchemaOptions& options) {
    return ObjectNode(
        {{"anyOf", Node(Node::List{Codec<std::string>::Schema(options),
                                   Codec<std::vector<std::string>>::Schema(options)})}});
  }
  static std::string Type() { return "file name, or list of them"; }
};

constexpr Key<CaptureUse> kCaptureKeys[] = {
    MemberKey<&CaptureUse::files, Files>(
        {.key = "file",
         .doc = "captures (pcap, pcapng), relative to the template; several are sent one after the "
                "other",
         .example = R"("samples/office-iot.pcapng")",
         .required = true}),
    MemberKey<&CaptureUse::speed>(
        {.key = "speed", .doc = "how much faster than recorded", .example = "2", .fallback = "1"}),
    MemberKey<&CaptureUse::roles, MapOf<HostName>>(
        {.key = "roles",
         .doc = "captured IPv4 or IPv6 addresses and the host sets (or roles) that take their "
                "place: instance n takes host n. MAC addresses follow where the set has some; "
                "checksums that were right stay right",
         .example = R"({"192.168.1.7": "clients"})"}),
    MemberKey<&CaptureUse::ports>({.key = "ports",
                                   .doc = "captured TCP and UDP ports and what takes their place",
                                   .example = R"({"80": 8080})"}),
};

void FinishCapture(Reader& reader, const Node& node, CaptureUse& capture) {
  if (capture.files.empty()) reader.Fail(node, "no file", "at least one file", "");
  if (!(capture.speed > 0) || !(capture.speed <= 1e9)) {
    reader.Fail(node, Concat("a speed of ", capture.speed), "above 0, at most 1e9", "");
  }
}

}  // namespace

template <>
const ObjectSpec<CaptureUse>& SpecOf<CaptureUse>() {
  static constexpr ObjectSpec<CaptureUse> spec = {"capture", "Packets and gaps from capture files.",
                                                  kCaptureKeys, FinishCapture};
  return spec;
}

void Codec<CaptureUse>::Read(Reader& reader, const Node& node, CaptureUse& capture) {
  capture.place = reader.Here(node);
  if (node.text()) {
    capture.files = {*node.text()};
  } else {
    ReadObject(reader, node, SpecOf<CaptureUse>(), capture);
  }
}

Node Codec<CaptureUse>::Write(const CaptureUse& capture, bool full) {
  const bool plain = capture.files.size() == 1 && capture.speed == 1 && capture.roles.empty() &&
                     capture.ports.empty();
  return plain && !full ? Text(capture.files[0]) : WriteObject(capture, SpecOf<CaptureUse>(), full);
}

Node Codec<CaptureUse>::Schema(const SchemaOptions& options) {
  return ObjectNode({{"anyOf", Node(Node::List{Codec<std::string>::Schema(options),
                                               ObjectNode({{"$ref", Text("#/$defs/capture")}})})}});
}

}  // namespace spate::tmpl
