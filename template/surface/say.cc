// {"client": "300B"}, {"server": {"random": {"min": 1000, "max": 20000}}}, {"close": "client"}
#include <algorithm>
#include <initializer_list>

#include "absl/strings/ascii.h"
#include "base/text.h"
#include "template/quantity.h"
#include "template/surface/verb.h"

namespace spate::tmpl {
namespace {

// "14kB" as a number of bytes; other literals stay as they are.
void ToSayBytes(Reader& reader, const Node& node, Literal& literal) {
  const auto* text = std::get_if<std::string>(&literal);
  if (!text) return;
  const auto bytes = ParseBytes(*text);
  if (!bytes.ok())
    return reader.Fail(node, Quote(*text), std::string(bytes.status().message()), "");
  literal = static_cast<int64_t>(*bytes);
}

// A value law whose values may have byte units.
struct ByteLaw : Codec<ValueLaw> {
  static void Read(Reader& reader, const Node& node, ValueLaw& law) {
    Codec<ValueLaw>::Read(reader, node, law);
    for (Literal& value : law.values) ToSayBytes(reader, node, value);
    for (Literal* literal : {&law.start, &law.step, &law.min, &law.max}) {
      ToSayBytes(reader, node, *literal);
    }
  }
};

constexpr Key<SayStep> kSayKeys[] = {
    MemberKey<&SayStep::size, ByteLaw>({.key = "size",
                                        .doc = "bytes of data, by any value law",
                                        .example = R"("14kB")",
                                        .choice = true}),
    MemberKey<&SayStep::payload>({.key = "payload",
                                  .doc = "these bytes",
                                  .example = R"({"text": "GET / HTTP/1.1\r\n\r\n"})",
                                  .choice = true}),
    MemberKey<&SayStep::message, MessageName>(
        {.key = "message",
         .doc = "a message of that side, in one segment or datagram",
         .example = R"("query")",
         .choice = true}),
};

bool IsQuantity(const Node& node) {
  return node.number() ||
         (node.text() && !node.text()->empty() && absl::ascii_isdigit((*node.text())[0]));
}

bool IsOneOf(const Node& node, std::initializer_list<std::string_view> keys) {
  return std::any_of(keys.begin(), keys.end(),
                     [&](std::string_view key) { return node.Find(key) != nullptr; });
}

// Short forms besides the object: a size, a message's name, a payload, a law.
struct SayCodec {
  static void Read(Reader& reader, const Node& node, SayStep& step) {
    const Node* const name = node.text() ? &node : node.Find("message");
    if (name && name->text() && name->text()->empty()) {
      return reader.Fail(*name, "a size, or the name of a message");
    }
    if (IsQuantity(node)) return ByteLaw::Read(reader, node, step.size.emplace());
    if (node.text()) return Codec<std::string>::Read(reader, node, step.message);
    if (!node.object()) {
      return reader.Fail(node, "a size such as \"14kB\", a message, a payload or a law of sizes");
    }
    if (IsOneOf(node, {"size", "payload", "message"}) || node.object()->empty()) {
      ReadObject(reader, node, SpecOf<SayStep>(), step);
    } else if (IsOneOf(node, {"text", "hex", "fill", "increment_byte"})) {
      Codec<Payload>::Read(reader, node, step.payload.emplace());
    } else {
      ByteLaw::Read(reader, node, step.size.emplace());
    }
  }
  static Node Write(const SayStep& step, bool full) {
    if (step.size) return ByteLaw::Write(*step.size, full);
    if (step.payload) return Codec<Payload>::Write(*step.payload, full);
    return Text(step.message);
  }
  static Node Schema(const SchemaOptions& options) {
    Node::List forms = {Codec<ValueLaw>::Schema(options), MessageName::Schema(options),
                        Codec<Payload>::Schema(options)};
    if (!options.compact) forms.push_back(Codec<SayStep>::Schema(options));
    return ObjectNode({{"anyOf", Node(std::move(forms))}});
  }
  static std::string Type() { return "size, message name, payload or say"; }
};

template <Side side>
Key<Step> SideKey(KeyInfo info) {
  Key<Step> key = VerbKey<SayStep, SayCodec>(info);
  key.read = [](Reader& reader, const Node& node, Step& step, const KeyInfo&) {
    SayStep& say = step.what.emplace<SayStep>();
    say.side = side;
    SayCodec::Read(reader, node, say);
  };
  key.write = [](const Step& step, const KeyInfo&, bool full) {
    const auto* say = std::get_if<SayStep>(&step.what);
    return say && say->side == side ? SayCodec::Write(*say, full) : Node();
  };
  return key;
}

struct SayCloseWord {
  static constexpr std::string_view kWords[] = {"client", "server", "client_reset", "server_reset"};
};

}  // namespace

template <>
const ObjectSpec<SayStep>& SpecOf<SayStep>() {
  static constexpr ObjectSpec<SayStep> spec = {"say", "What one side of a conversation says.",
                                               kSayKeys, nullptr, true};
  return spec;
}

Key<Step> ClientKey() {
  return SideKey<Side::kClient>(
      {.key = "client",
       .doc = "the conversation's client says so much; segments, acknowledgements and (where "
              "asked) retransmissions follow from the conversation",
       .example = R"("300B")"});
}

Key<Step> ServerKey() {
  return SideKey<Side::kServer>({.key = "server",
                                 .doc = "the conversation's server says so much",
                                 .example = R"({"random": {"min": "1kB", "max": "100kB"}})"});
}

Key<Step> CloseKey() {
  return VerbKey<CloseStep, Sole<CloseStep, &CloseStep::how, WordOf<SayCloseWord>>>(
      {.key = "close",
       .doc = "this side of a TCP conversation says nothing more (FIN), or aborts it (RST), which "
              "ends the pass",
       .example = R"("client")"});
}

}  // namespace spate::tmpl
