// Payloads: {"hex": "0001 ff"}, {"text": "hello"}, {"fill": 85}, {"increment_byte": 0}
#include "absl/strings/ascii.h"
#include "template/codec.h"

namespace spate::tmpl {
namespace {

using PayloadKind = Payload::Kind;

struct HexText : Codec<std::string> {
  static void Read(Reader& reader, const Node& node, std::string& value) {
    if (!node.text()) return reader.Fail(node, "hex digits");
    size_t digits = 0;
    bool clean = true;
    for (char c : *node.text()) {
      digits += absl::ascii_isxdigit(c) ? 1 : 0;
      clean &= absl::ascii_isxdigit(c) || absl::ascii_isspace(c);
    }
    if (!clean || digits % 2 != 0) return reader.Fail(node, "an even number of hex digits");
    value = *node.text();
  }
};

template <PayloadKind kind, auto M, class C>
constexpr Key<Payload> PayloadFormKey(KeyInfo info) {
  Key<Payload> key = MemberKey<M, C>(info);
  key.read = [](Reader& reader, const Node& node, Payload& payload, const KeyInfo&) {
    payload.kind = kind;
    C::Read(reader, node, payload.*M);
  };
  key.write = [](const Payload& payload, const KeyInfo&, bool) -> Node {
    if (payload.kind != kind) return {};
    // An empty text is a payload too, so it is written even then.
    if constexpr (kind == PayloadKind::kHex || kind == PayloadKind::kText) {
      return Text(payload.*M);
    } else {
      return C::Write(payload.*M, false);
    }
  };
  return key;
}

constexpr Key<Payload> kPayloadKeys[] = {
    PayloadFormKey<PayloadKind::kHex, &Payload::data, HexText>(
        {.key = "hex",
         .doc = "bytes in hex, spaces allowed",
         .example = R"("0a0b 0c0d")",
         .choice = true}),
    PayloadFormKey<PayloadKind::kText, &Payload::data, Codec<std::string>>(
        {.key = "text",
         .doc = "text as UTF-8",
         .example = R"("GET / HTTP/1.1\r\n\r\n")",
         .choice = true}),
    PayloadFormKey<PayloadKind::kFill, &Payload::fill, Codec<uint8_t>>(
        {.key = "fill",
         .doc = "this byte up to the message's size",
         .example = "85",
         .choice = true}),
    PayloadFormKey<PayloadKind::kIncrementByte, &Payload::fill, Codec<uint8_t>>(
        {.key = "increment_byte",
         .doc = "bytes that count up from this one to the message's size",
         .example = "0",
         .choice = true}),
};

}  // namespace

template <>
const ObjectSpec<Payload>& SpecOf<Payload>() {
  static constexpr ObjectSpec<Payload> spec = {"payload", "What follows the headers.", kPayloadKeys,
                                               nullptr, true};
  return spec;
}

}  // namespace spate::tmpl
