// Messages: {"packet": [{"ethernet": {}}, {"ipv4": {}}, {"udp": {}}], "size": 64}
#include "base/text.h"
#include "template/codec.h"

namespace spate::tmpl {
namespace {

struct SideWord {
  static constexpr std::string_view kWords[] = {"client", "server"};
};
struct SequenceWord {
  static constexpr std::string_view kWords[] = {"repeat", "keep_alive"};
};

struct KindWord {
  static constexpr std::string_view kWords[] = {"integer", "mac", "ipv4"};
};

constexpr Key<RawField> kRawKeys[] = {
    MemberKey<&RawField::offset>(
        {.key = "offset", .doc = "bytes into the payload", .example = "4", .required = true}),
    MemberKey<&RawField::kind, WordOf<KindWord>>(
        {.key = "kind",
         .doc = "what it is: an address (mac, ipv4) may be that of a host, and is written as in "
                "headers",
         .example = R"("ipv4")",
         .fallback = R"("integer")"}),
    MemberKey<&RawField::bits>({.key = "bits",
                                .doc = "width, 1 to 64, from the first bit of that byte on; of an "
                                       "address its own: 48 or 32",
                                .example = "16",
                                .fallback = "8"}),
    MemberKey<&RawField::value>({.key = "value",
                                 .doc = "what stands there, most significant bit first",
                                 .example = R"({"increment": {"start": 0}})",
                                 .required = true}),
};

constexpr Key<Message> kMessageKeys[] = {
    MemberKey<&Message::info>(
        {.key = "info", .doc = "label for people and traces", .example = R"("DNS query")"}),
    MemberKey<&Message::by, WordOf<SideWord>>(
        {.key = "by",
         .doc = "in a conversation: the side that sends it; its headers then come from there",
         .example = R"("client")"}),
    MemberKey<&Message::sequence, WordOf<SequenceWord>>(
        {.key = "sequence",
         .doc = "in a TCP conversation: \"repeat\", a retransmission with the number of the side's "
                "last segment, or \"keep_alive\", one before the next number; the next number "
                "stays what it is",
         .example = R"("repeat")"}),
    MemberKey<&Message::packet>(
        {.key = "packet",
         .doc = "headers from the outermost in, or (with `by`) what differs from the "
                "conversation's own, and headers of the application behind them",
         .example = R"([{"ethernet": {}}, {"ipv4": {"dst": "198.18.0.1"}}, {"udp": {}}])"}),
    MemberKey<&Message::payload>(
        {.key = "payload", .doc = "what follows the headers", .example = R"({"text": "hello"})"}),
    MemberKey<&Message::size>(
        {.key = "size",
         .doc = "bytes of the frame with FCS, by a law or, with {\"var\": \"v\"}, "
                "what a variable of the flow holds when it is sent; the "
                "payload is cut or filled up with zeros to it; absent: as "
                "long as it is",
         .example = R"({"weighted": [[64, 7], [570, 4], [1518, 1]]})"}),
    MemberKey<&Message::runt>(
        {.key = "runt",
         .doc = "whether a frame of less than 64 bytes is sent as it is; else it is padded to "
                "them, and a smaller size refused. Interfaces may pad or refuse it themselves",
         .example = "true",
         .fallback = "false"}),
    MemberKey<&Message::at>({.key = "at",
                             .doc = "fields at places of the payload",
                             .example = R"([{"offset": 0, "bits": 16, "value": 7}])"}),
};

void FinishRaw(Reader& reader, const Node& node, RawField& field) {
  const uint32_t width = field.kind == "mac" ? 48 : field.kind == "ipv4" ? 32 : field.bits;
  if (!node.Find("bits")) field.bits = width;
  if (field.bits != width) {
    reader.Fail(node, Concat("\"bits\": ", field.bits, " of kind ", Quote(field.kind)),
                Concat(width, " bits"), "");
  }
  if (field.bits < 1 || field.bits > 64) {
    reader.Fail(node, Concat("\"bits\": ", field.bits), "1 to 64 bits", "");
  }
}

void FinishMessage(Reader& reader, const Node& node, Message& message) {
  if (message.packet.empty() && message.by.empty()) {
    reader.Fail(node, "neither \"packet\" nor \"by\"",
                "a stack of headers, or the side of a conversation that sends it", "");
  }
  if (!message.sequence.empty() && message.by.empty()) {
    reader.Fail(node, "\"sequence\" without \"by\"", "the side of a conversation that sends it",
                "");
  }
}

}  // namespace

template <>
const ObjectSpec<RawField>& SpecOf<RawField>() {
  static constexpr ObjectSpec<RawField> spec = {"raw_field", "A field at a place of the payload.",
                                                kRawKeys, FinishRaw};
  return spec;
}

template <>
const ObjectSpec<Message>& SpecOf<Message>() {
  static constexpr ObjectSpec<Message> spec = {"message", "What is said: one kind of frame.",
                                               kMessageKeys, FinishMessage};
  return spec;
}

}  // namespace spate::tmpl
