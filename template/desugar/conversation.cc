// Conversation messages → plain ones: addresses by side, ports, sequence numbers. All of it is
// said in the surface language, so that nothing below this file knows conversations.
#include <algorithm>

#include "base/text.h"
#include "packet/frame.h"
#include "template/desugar/message.h"

namespace spate::tmpl {
namespace {

constexpr std::string_view kClientPort = "(client port)";

ValueLaw NamedLaw(ValueLaw::Kind kind, std::string_view name, const Place& place) {
  ValueLaw law;
  law.place = place;
  law.kind = kind;
  law.name = name;
  return law;
}

ValueLaw Constant(Literal value, const Place& place) {
  ValueLaw law;
  law.place = place;
  law.values = {std::move(value)};
  return law;
}

bool HasColumn(const Context& context, const FlowNames& names, const std::string& host,
               std::string_view column) {
  const Binding* role = names.group ? FindNamed(names.group->bind, host) : nullptr;
  const HostSet* set = FindNamed(context.t.hosts, role ? role->host : host);
  return set && FindNamed(set->columns, column);
}

HeaderUse* FindUse(std::vector<HeaderUse>& stack, std::string_view header) {
  for (HeaderUse& use : stack) {
    if (use.header == header) return &use;
  }
  return nullptr;
}

void SetField(HeaderUse& use, const std::string& field, const ValueLaw& law) {
  for (auto& [name, value] : use.fields) {
    if (name != field) continue;
    value = law;
    return;
  }
  use.fields.emplace_back(field, law);
}

class Conversing {
 public:
  Conversing(Context& context, const FlowNames& names, const Message& message)
      : context_(context),
        names_(names),
        conversation_(*names.surface->conversation),
        message_(message),
        from_server_(message.by == "server") {}

  std::optional<Message> Make();

 private:
  const std::string& Sender() const {
    return from_server_ ? conversation_.server : conversation_.client;
  }
  const std::string& Receiver() const {
    return from_server_ ? conversation_.client : conversation_.server;
  }
  std::string_view NetworkHeader();
  ValueLaw ServerPort() const;
  HeaderUse Addressed(std::string_view header) const;
  HeaderUse Transport() const;
  bool Merge(std::vector<HeaderUse>& stack) const;
  void Sequence(HeaderUse& tcp) const;

  Context& context_;
  const FlowNames& names_;
  const Conversation& conversation_;
  const Message& message_;
  bool from_server_;
};

std::string_view Conversing::NetworkHeader() {
  const auto both = [&](std::string_view column) {
    return HasColumn(context_, names_, conversation_.client, column) &&
           HasColumn(context_, names_, conversation_.server, column);
  };
  const bool asks_for_6 = std::any_of(conversation_.packet.begin(), conversation_.packet.end(),
                                      [](const HeaderUse& use) { return use.header == "ipv6"; });
  if (both("ipv6") && (asks_for_6 || !both("ipv4"))) return "ipv6";
  if (both("ipv4") && !asks_for_6) return "ipv4";
  context_.faults.Add(
      conversation_.place,
      Concat("hosts ", Quote(conversation_.client), " and ", Quote(conversation_.server)),
      asks_for_6 ? "two host sets with a column \"ipv6\""
                 : "two host sets with a column \"ipv4\" (or both \"ipv6\")");
  return "";
}

HeaderUse Conversing::Addressed(std::string_view header) const {
  HeaderUse use;
  use.place = message_.place;
  use.header = header;
  use.fields = {{"src", NamedLaw(ValueLaw::Kind::kHost, Sender(), conversation_.place)},
                {"dst", NamedLaw(ValueLaw::Kind::kHost, Receiver(), conversation_.place)}};
  return use;
}

ValueLaw Conversing::ServerPort() const {
  if (conversation_.port) return Constant(int64_t{*conversation_.port}, conversation_.place);
  return NamedLaw(ValueLaw::Kind::kHost, conversation_.server, conversation_.place);
}

HeaderUse Conversing::Transport() const {
  HeaderUse use;
  use.place = message_.place;
  use.header = conversation_.transport;
  const bool own_draw = FindNamed(names_.draws, kClientPort) != nullptr;
  const ValueLaw client = own_draw
                              ? NamedLaw(ValueLaw::Kind::kDraw, kClientPort, conversation_.place)
                              : *conversation_.client_port;
  use.fields = {{"src_port", from_server_ ? ServerPort() : client},
                {"dst_port", from_server_ ? client : ServerPort()}};
  return use;
}

// What the conversation and then the message say of single headers. Headers that the stack lacks
// are put between (vlan), but only by the conversation.
bool Conversing::Merge(std::vector<HeaderUse>& stack) const {
  size_t between = 1;
  for (const HeaderUse& use : conversation_.packet) {
    if (HeaderUse* known = FindUse(stack, use.header)) {
      for (const auto& [field, law] : use.fields) SetField(*known, field, law);
    } else {
      stack.insert(stack.begin() + static_cast<ptrdiff_t>(between++), use);
    }
  }
  for (const HeaderUse& use : message_.packet) {
    HeaderUse* known = FindUse(stack, use.header);
    if (!known) {
      std::vector<std::string> headers;
      for (const HeaderUse& present : stack) headers.push_back(present.header);
      context_.faults.Add(use.place, Concat("the header ", Quote(use.header)),
                          Concat("a header of the conversation: ", OneOf(headers)),
                          Nearest(use.header, headers));
      return false;
    }
    for (const auto& [field, law] : use.fields) SetField(*known, field, law);
  }
  return true;
}

// Numbers and flags that the message does not give itself.
void Conversing::Sequence(HeaderUse& tcp) const {
  const auto given = [&](std::string_view field) {
    return FindNamed(tcp.fields, field) != nullptr;
  };
  if (!given("flags")) {
    const bool data = (message_.payload && message_.payload->kind != Payload::Kind::kNone) ||
                      message_.size || !message_.at.empty();
    SetField(tcp, "flags", Constant(data ? "PA" : "A", message_.place));
  }
  const ValueLaw& flags = *FindNamed(tcp.fields, "flags");
  const bool acknowledges = flags.kind == ValueLaw::Kind::kConstant &&
                            LiteralText(flags.values[0]).find('A') != std::string::npos;
  if (!given("seq_num")) {
    SetField(tcp, "seq_num",
             NamedLaw(ValueLaw::Kind::kVariable, kSequence[from_server_ ? 1 : 0], message_.place));
  }
  if (!given("ack_num")) {
    SetField(tcp, "ack_num",
             acknowledges ? NamedLaw(ValueLaw::Kind::kVariable, kSequence[from_server_ ? 0 : 1],
                                     message_.place)
                          : Constant(int64_t{0}, message_.place));
  }
}

std::optional<Message> Conversing::Make() {
  const std::string_view network = NetworkHeader();
  if (network.empty()) return std::nullopt;
  std::vector<HeaderUse> stack = {Addressed("ethernet"), Addressed(network), Transport()};
  if (!Merge(stack)) return std::nullopt;
  if (conversation_.transport == "tcp") Sequence(*FindUse(stack, "tcp"));
  Message plain = message_;
  plain.by.clear();
  plain.packet = std::move(stack);
  return plain;
}

}  // namespace

void DeclareConversation(const Flow& flow, FlowNames& names) {
  if (!flow.conversation) return;
  if (flow.conversation->transport == "tcp") {
    for (std::string_view slot : kSequence) names.variables.emplace_back(slot);
  }
  NamedDraw port;
  port.place = flow.conversation->place;
  if (flow.conversation->client_port) {
    port.law = *flow.conversation->client_port;
  } else {
    port.law.kind = ValueLaw::Kind::kRandom;
    port.law.place = port.place;
    port.law.min = int64_t{49152};
    port.law.max = int64_t{65535};
  }
  using Kind = ValueLaw::Kind;
  const Kind kind = port.law.kind;
  // Constants, hosts, rows and variables agree among the messages by themselves.
  if (kind == Kind::kConstant || kind == Kind::kHost || kind == Kind::kRow ||
      kind == Kind::kVariable || kind == Kind::kDraw) {
    return;
  }
  if (!port.law.per) port.law.per = Scope::kPass;
  names.draws.emplace_back(kClientPort, port);
}

std::string TcpFlags(const Message& conversed) {
  for (const HeaderUse& use : conversed.packet) {
    const ValueLaw* flags = use.header == "tcp" ? FindNamed(use.fields, "flags") : nullptr;
    if (flags && flags->kind == ValueLaw::Kind::kConstant) return LiteralText(flags->values[0]);
  }
  return "";
}

std::optional<Message> Converse(Context& context, const FlowNames& names, const Message& message) {
  return Conversing(context, names, message).Make();
}

}  // namespace spate::tmpl
