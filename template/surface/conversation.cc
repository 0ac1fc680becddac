// {"client": "me", "server": "brokers", "tcp": {"port": 1883}, "packet": [{"vlan": {"id": 7}}]}
#include "template/surface/conversation.h"

#include "base/text.h"

namespace spate::tmpl {
namespace {

constexpr Key<Conversation> kTransportKeys[] = {
    MemberKey<&Conversation::port>(
        {.key = "port",
         .doc = "the server's; absent: the `port` of the server's host set",
         .example = "1883"}),
    MemberKey<&Conversation::client_port>(
        {.key = "client_port",
         .doc = "absent: random from 49152 to 65535 per pass",
         .example = R"({"random": {"min": 1024, "max": 65535}})"}),
};
constexpr ObjectSpec<Conversation> kTransport = {"transport", "Ports of a conversation.",
                                                 kTransportKeys};

Conversation& Ensure(Flow& flow, const Place& place) {
  if (!flow.conversation) {
    flow.conversation.emplace().place = place;
    flow.conversation->transport = "";  // until "tcp" or "udp" is read
  }
  return *flow.conversation;
}

// A key of the flow that is a member of its conversation.
template <auto M, class C>
constexpr Key<Flow> PartKey(KeyInfo info) {
  Key<Flow> key;
  static_cast<KeyInfo&>(key) = info;
  key.type = &C::Type;
  key.read = [](Reader& reader, const Node& node, Flow& flow, const KeyInfo&) {
    C::Read(reader, node, Ensure(flow, flow.place).*M);
  };
  key.write = [](const Flow& flow, const KeyInfo&, bool full) {
    return flow.conversation ? C::Write((*flow.conversation).*M, full) : Node();
  };
  key.schema = [](const SchemaOptions& options, const KeyInfo&) { return C::Schema(options); };
  return key;
}

constexpr Key<Flow> TransportKey(KeyInfo info) {
  Key<Flow> key;
  static_cast<KeyInfo&>(key) = info;
  key.type = [] { return std::string("transport"); };
  key.read = [](Reader& reader, const Node& node, Flow& flow, const KeyInfo& of) {
    Conversation& conversation = Ensure(flow, flow.place);
    if (!conversation.transport.empty()) {
      return reader.Fail(node, "\"udp\" beside \"tcp\"", "one of them", "");
    }
    conversation.transport = of.key;
    const Place place = conversation.place;  // the flow's, not that of its ports
    ReadObject(reader, node, kTransport, conversation);
    conversation.place = place;
  };
  key.write = [](const Flow& flow, const KeyInfo& of, bool full) {
    return flow.conversation && flow.conversation->transport == of.key
               ? WriteObject(*flow.conversation, kTransport, full)
               : Node();
  };
  key.schema = [](const SchemaOptions& options, const KeyInfo&) {
    return Codec<Conversation>::Schema(options);
  };
  return key;
}

constexpr Key<Flow> kKeys[] = {
    PartKey<&Conversation::client, HostName>(
        {.key = "client", .doc = "host set or role that begins", .example = R"("me")"}),
    PartKey<&Conversation::server, HostName>(
        {.key = "server", .doc = "host set or role that answers", .example = R"("brokers")"}),
    TransportKey({.key = "tcp",
                  .doc = "a TCP conversation: sequence and acknowledgement numbers follow",
                  .example = R"({"port": 1883})"}),
    TransportKey({.key = "udp", .doc = "a UDP conversation", .example = R"({"port": 53})"}),
    PartKey<&Conversation::packet, Codec<std::vector<HeaderUse>>>(
        {.key = "packet",
         .doc = "fields of the conversation's headers, and headers put between (vlan)",
         .example = R"([{"vlan": {"id": 7}}, {"ipv4": {"time_to_live": 32}}])"}),
};

}  // namespace

template <>
const ObjectSpec<Conversation>& SpecOf<Conversation>() {
  return kTransport;
}

std::span<const Key<Flow>> ConversationKeys() { return kKeys; }

void FinishConversation(Reader& reader, const Node& node, Flow& flow) {
  if (!flow.conversation) return;
  const Conversation& conversation = *flow.conversation;
  const auto missing = [&](std::string_view key) {
    reader.Fail(node, Concat("a conversation without ", key),
                "\"client\", \"server\" and one of \"tcp\" or \"udp\"", "");
  };
  if (conversation.client.empty()) missing("\"client\"");
  if (conversation.server.empty()) missing("\"server\"");
  if (conversation.transport.empty()) missing("\"tcp\" or \"udp\"");
}

}  // namespace spate::tmpl
