// {"client": "me", "server": "brokers", "tcp": {"port": 1883}, "packet": [{"vlan": {"id": 7}}]}
#include "template/surface/conversation.h"

#include <algorithm>

#include "base/text.h"
#include "template/limits.h"
#include "template/surface/turns.h"

namespace spate::tmpl {
namespace {

struct ConversationCloseWord {
  static constexpr std::string_view kWords[] = {"client", "server", "client_reset", "server_reset",
                                                "none"};
};
struct CloseCodec : WordOf<ConversationCloseWord> {
  static Node Write(const std::string& value, bool full) {
    return value == Conversation{}.close && !full ? Node() : Text(value);
  }
};

constexpr Key<Conversation> kPort = MemberKey<&Conversation::port>(
    {.key = "port",
     .doc = "the server's; absent: the `port` of the server's host set",
     .example = "1883"});
constexpr Key<Conversation> kClientPort = MemberKey<&Conversation::client_port>(
    {.key = "client_port",
     .doc = "absent: from 49152 to 65535, with UDP at random per pass, with TCP another one per "
            "pass, counting up from a random one",
     .example = R"({"random": {"min": 1024, "max": 65535}})"});
constexpr Key<Conversation> kRtt = MemberKey<&Conversation::rtt>(
    {.key = "rtt",
     .doc = "round trip: each side hears the other after half of it; drawn once per pass",
     .example = R"({"lognormal": {"median": "20ms", "sigma": 0.4}})",
     .fallback = R"("1ms")"});
constexpr Key<Conversation> kMss = MemberKey<&Conversation::mss>(
    {.key = "mss",
     .doc = "bytes of data in a segment (TCP options included) or datagram at most; absent: "
            "what leaves 1500 bytes from the outermost IP header on",
     .example = "1200"});

constexpr Key<Conversation> kTimestamps = MemberKey<&Conversation::timestamps>(
    {.key = "timestamps",
     .doc = "each segment says its sender's clock, in milliseconds from a random number on, and "
            "the other side's last one that came in order (RFC 7323)",
     .example = "true",
     .fallback = "false"});

constexpr Key<Conversation> kTcpKeys[] = {
    kPort,
    kClientPort,
    kRtt,
    kMss,
    MemberKey<&Conversation::handshake>({.key = "handshake",
                                         .doc = "whether it begins with SYN, SYN-ACK, ACK",
                                         .example = "false",
                                         .fallback = "true"}),
    MemberKey<&Conversation::close, CloseCodec>(
        {.key = "close",
         .doc = "who closes first at the end (FIN, then the other side's), or aborts it (RST); "
                "\"none\": it just falls silent",
         .example = R"("server")",
         .fallback = R"("client")"}),
    MemberKey<&Conversation::window>({.key = "window",
                                      .doc = "bytes that each side offers to take at a time",
                                      .example = "262144",
                                      .fallback = "65535"}),
    MemberKey<&Conversation::window_scale>(
        {.key = "window_scale",
         .doc = "shift of the window (RFC 7323), 0 to 14; absent: none, or what the window "
                "needs",
         .example = "7"}),
    MemberKey<&Conversation::sack>(
        {.key = "sack",
         .doc = "both SYNs permit selective acknowledgements, and duplicate "
                "acknowledgements say what came behind the gap (RFC 2018)",
         .example = "true",
         .fallback = "false"}),
    kTimestamps,
    MemberKey<&Conversation::initial_window>(
        {.key = "initial_window",
         .doc = "segments sent before the first acknowledgement; doubled from round to round "
                "up to the window (RFC 6928)",
         .example = "4",
         .fallback = "10"}),
    MemberKey<&Conversation::ack_delay>(
        {.key = "ack_delay",
         .doc = "every second segment is acknowledged at once, a single one after this time "
                "or with the answer, whichever is first",
         .example = R"("200ms")",
         .fallback = R"("40ms")"}),
    MemberKey<&Conversation::loss, Probability>(
        {.key = "loss",
         .doc = "probability that a SYN or a segment with data is lost behind the place where "
                "it is seen, so that it is sent again: after three duplicate acknowledgements or "
                "after `rto`",
         .example = "0.01",
         .fallback = "0"}),
    MemberKey<&Conversation::rto>(
        {.key = "rto",
         .doc = "time until a segment is sent again, doubled each time; absent: 200 ms, for "
                "SYNs 1 s (RFC 6298)",
         .example = R"("300ms")"}),
    MemberKey<&Conversation::retries>(
        {.key = "retries",
         .doc = "how often one segment is sent again before the conversation is given up",
         .example = "3",
         .fallback = "5"}),
};
constexpr ObjectSpec<Conversation> kConversationTcp = {
    "tcp", "Ports of a TCP conversation, and how what its sides say goes over the wire.", kTcpKeys};

constexpr Key<Conversation> kUdpKeys[] = {kPort, kClientPort, kRtt, kMss};
constexpr ObjectSpec<Conversation> kUdp = {"udp", "Ports of a UDP conversation.", kUdpKeys};

// A fault of one key of the object at `node`.
void FailAt(Reader& reader, const Node& node, std::string_view key, const std::string& found,
            const std::string& expected) {
  const Node* given = node.Find(key);
  const Reader::Inside inside(reader, key);
  reader.Fail(given ? *given : node, found, expected, "");
}

void CheckTransport(Reader& reader, const Node& node, const Conversation& conversation) {
  if (conversation.window_scale.value_or(0) > kMaxWindowScale) {
    FailAt(reader, node, "window_scale", Concat(*conversation.window_scale),
           Concat("a shift from 0 to ", kMaxWindowScale, " (RFC 7323)"));
  }
  const uint64_t most = uint64_t{65535} << conversation.window_scale.value_or(kMaxWindowScale);
  if (conversation.window > most || conversation.window == 0) {
    FailAt(reader, node, "window", Concat(conversation.window),
           Concat("1 to ", most, " bytes with this window_scale"));
  }
  if (conversation.mss && (*conversation.mss == 0 || *conversation.mss > kMaxSegmentBytes)) {
    FailAt(reader, node, "mss", Concat(*conversation.mss), Concat("1 to ", kMaxSegmentBytes));
  }
  if (conversation.initial_window == 0) {
    FailAt(reader, node, "initial_window", "0", "at least 1 segment");
  }
  if (conversation.retries > kMaxRetries) {
    FailAt(reader, node, "retries", Concat(conversation.retries),
           Concat("at most ", kMaxRetries, " retries"));
  }
}

// Keys that only shape what `client` and `server` say must not be given in vain.
void CheckUse(Reader& reader, const Node& node, const Flow& flow) {
  const Node* transport = node.Find(flow.conversation->transport);
  if (!transport || !transport->object() || Speaks(flow.steps)) return;
  const Reader::Inside inside(reader, flow.conversation->transport);
  for (const Key<Conversation>& key : kTcpKeys) {
    const Node* given = transport->Find(key.key);
    if (!given || key.key == kPort.key || key.key == kClientPort.key) continue;
    if (key.key == kTimestamps.key) continue;
    if (WriteCompactJson(*given) == WriteCompactJson(internal::FallbackNode(key))) continue;
    FailAt(reader, *transport, key.key, Concat(Quote(key.key), " where nobody says anything"),
           "steps with \"client\" or \"server\"");
  }
}

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

template <const ObjectSpec<Conversation>& spec>
constexpr Key<Flow> TransportKey(KeyInfo info) {
  Key<Flow> key;
  static_cast<KeyInfo&>(key) = info;
  key.type = [] { return std::string(spec.name); };
  key.read = [](Reader& reader, const Node& node, Flow& flow, const KeyInfo& of) {
    Conversation& conversation = Ensure(flow, flow.place);
    if (!conversation.transport.empty()) {
      return reader.Fail(node, "\"udp\" beside \"tcp\"", "one of them", "");
    }
    conversation.transport = of.key;
    const Place place = conversation.place;  // the flow's, not that of its ports
    ReadObject(reader, node, spec, conversation);
    CheckTransport(reader, node, conversation);
    conversation.place = place;
  };
  key.write = [](const Flow& flow, const KeyInfo& of, bool full) {
    return flow.conversation && flow.conversation->transport == of.key
               ? WriteObject(*flow.conversation, spec, full)
               : Node();
  };
  key.schema = [](const SchemaOptions& options, const KeyInfo&) { return SchemaOf(spec, options); };
  return key;
}

constexpr Key<Flow> kConversationKeys[] = {
    PartKey<&Conversation::client, HostName>(
        {.key = "client", .doc = "host set or role that begins", .example = R"("me")"}),
    PartKey<&Conversation::server, HostName>(
        {.key = "server", .doc = "host set or role that answers", .example = R"("brokers")"}),
    TransportKey<kConversationTcp>(
        {.key = "tcp",
         .doc = "a TCP conversation: sequence and acknowledgement numbers follow",
         .example = R"({"port": 1883})"}),
    TransportKey<kUdp>({.key = "udp", .doc = "a UDP conversation", .example = R"({"port": 53})"}),
    PartKey<&Conversation::packet, Codec<std::vector<HeaderUse>>>(
        {.key = "packet",
         .doc = "the conversation's headers from the outermost in: fields of its own ones, and "
                "headers around or between them (vlan, tunnels); what is not said is filled in; "
                "addresses of outer headers are those of the client's packets",
         .example = R"([{"vlan": {"id": 7}}, {"ipv4": {"time_to_live": 32}}])"}),
};

}  // namespace

template <>
const ObjectSpec<Conversation>& SpecOf<Conversation>() {
  return kConversationTcp;
}

std::span<const Key<Flow>> ConversationKeys() { return kConversationKeys; }

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
  CheckUse(reader, node, flow);
}

}  // namespace spate::tmpl
