// Conversation messages → plain ones: addresses by side, ports, sequence numbers. All of it is
// said in the surface language, so that nothing below this file knows conversations.
#include <algorithm>

#include "base/text.h"
#include "packet/frame.h"
#include "template/desugar/message.h"

namespace spate::tmpl {
namespace {

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

// The innermost one of that name.
HeaderUse* FindUse(std::vector<HeaderUse>& stack, std::string_view header) {
  const auto use = std::find_if(stack.rbegin(), stack.rend(),
                                [&](const HeaderUse& u) { return u.header == header; });
  return use == stack.rend() ? nullptr : &*use;
}

HeaderUse Bare(std::string_view header, const Place& place) {
  return {.place = place, .header = std::string(header), .fields = {}};
}

bool Follow(const packet::HeaderSpec* previous, std::span<const std::string_view> headers) {
  for (std::string_view header : headers) {
    const packet::HeaderSpec* spec = packet::FindHeader(header);
    if (!spec || !packet::MayFollow(previous, *spec)) return false;
    previous = spec;
  }
  return true;
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
        place_(message.place.path.empty() ? conversation_.place : message.place),
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
  ValueLaw ClientPort() const;
  std::optional<std::vector<HeaderUse>> Stack();
  bool Append(std::vector<HeaderUse>& stack, HeaderUse use);
  void AddressStack(std::vector<HeaderUse>& stack) const;
  void Address(HeaderUse& use) const;
  void SetPorts(HeaderUse& use) const;
  bool Merge(std::vector<HeaderUse>& stack) const;
  void Sequence(HeaderUse& tcp, bool application) const;
  void Stamp(HeaderUse& tcp) const;

  Context& context_;
  const FlowNames& names_;
  const Conversation& conversation_;
  const Message& message_;
  const Place place_;  // of a message that no one wrote: the conversation's
  const bool from_server_;
};

// The network header of hosts that have addresses of both kinds is IPv4's, unless the
// conversation's `packet` says otherwise.
std::string_view Conversing::NetworkHeader() {
  for (const std::string_view column : {"ipv4", "ipv6"}) {
    if (HasColumn(context_, names_, conversation_.client, column) &&
        HasColumn(context_, names_, conversation_.server, column)) {
      return column;
    }
  }
  context_.faults.Add(
      conversation_.place,
      Concat("hosts ", Quote(conversation_.client), " and ", Quote(conversation_.server)),
      "two host sets with a column \"ipv4\" (or both \"ipv6\")");
  return "";
}

// Fields that the conversation gives itself stay as they are.
void Conversing::Address(HeaderUse& use) const {
  const std::pair<std::string, const std::string&> ends[] = {{"src", Sender()},
                                                             {"dst", Receiver()}};
  for (const auto& [field, host] : ends) {
    if (FindNamed(use.fields, field)) continue;
    SetField(use, field, NamedLaw(ValueLaw::Kind::kHost, host, conversation_.place));
  }
}

ValueLaw Conversing::ServerPort() const {
  if (conversation_.port) return Constant(int64_t{*conversation_.port}, conversation_.place);
  return NamedLaw(ValueLaw::Kind::kHost, conversation_.server, conversation_.place);
}

ValueLaw Conversing::ClientPort() const {
  if (FindNamed(names_.draws, kClientPort)) {
    return NamedLaw(ValueLaw::Kind::kDraw, kClientPort, conversation_.place);
  }
  if (conversation_.client_port) return *conversation_.client_port;
  return NamedLaw(ValueLaw::Kind::kVariable, kClientPort, conversation_.place);
}

void Conversing::SetPorts(HeaderUse& use) const {
  if (!FindNamed(use.fields, "src_port")) {
    SetField(use, "src_port", from_server_ ? ServerPort() : ClientPort());
  }
  if (!FindNamed(use.fields, "dst_port")) {
    SetField(use, "dst_port", from_server_ ? ClientPort() : ServerPort());
  }
}

// Puts a header behind the others, with those between that it needs to stand there. One that can't
// stand there is reported with its message.
bool Conversing::Append(std::vector<HeaderUse>& stack, HeaderUse use) {
  using Names = std::vector<std::string_view>;
  // Where one network header may stand, the other may, too.
  constexpr std::string_view kNetwork = "ipv4";
  const packet::HeaderSpec* last =
      stack.empty() ? nullptr : packet::FindHeader(stack.back().header);
  std::vector<Names> ways = {{}, {kNetwork}, {"ethernet"}, {"ethernet", kNetwork}};
  // A frame begins with Ethernet, although raw IP could begin one.
  if (stack.empty()) ways = {{"ethernet"}, {"ethernet", kNetwork}, {}};
  if (stack.empty() && use.header == "ethernet") ways = {{}};
  for (const Names& between : ways) {
    Names way = between;
    way.push_back(use.header);
    if (!Follow(last, way)) continue;
    for (const std::string_view header : between) {
      const std::string_view name = header == kNetwork ? NetworkHeader() : header;
      if (name.empty()) return false;
      stack.push_back(Bare(name, place_));
    }
    break;
  }
  stack.push_back(std::move(use));
  return true;
}

// The conversation's headers from the outermost in, the transport last.
std::optional<std::vector<HeaderUse>> Conversing::Stack() {
  std::vector<HeaderUse> stack;
  for (const HeaderUse& use : conversation_.packet) {
    if (!Append(stack, use)) return std::nullopt;
  }
  const bool whole = !stack.empty() && stack.back().header == conversation_.transport;
  if (!whole && !Append(stack, Bare(conversation_.transport, place_))) return std::nullopt;
  AddressStack(stack);
  return stack;
}

// The innermost addresses are the sides'. Outer ones are said for the client's packets, and
// change places in the server's.
void Conversing::AddressStack(std::vector<HeaderUse>& stack) const {
  SetPorts(stack.back());
  bool network = false, link = false;
  for (auto use = stack.rbegin(); use != stack.rend(); ++use) {
    bool& own = use->header == "ethernet" ? link : network;
    if (use->header != "ethernet" && !IsNetwork(use->header)) continue;
    if (!own) {
      Address(*use);
      own = true;
      if (use->header == "ipv4" && !FindNamed(use->fields, "identification")) {
        ValueLaw counter;
        counter.place = conversation_.place;
        counter.kind = ValueLaw::Kind::kIncrement;
        counter.start = int64_t{0};
        SetField(*use, "identification", counter);
      }
    } else if (from_server_) {
      for (auto& [field, law] : use->fields) {
        if (field == "src" || field == "dst") field = field == "src" ? "dst" : "src";
      }
    }
  }
}

// What the message says of single headers; those of the application stand behind the conversation's
// own.
bool Conversing::Merge(std::vector<HeaderUse>& stack) const {
  for (const HeaderUse& use : message_.packet) {
    HeaderUse* known = FindUse(stack, use.header);
    if (known) {
      for (const auto& [field, law] : use.fields) SetField(*known, field, law);
      continue;
    }
    const packet::HeaderSpec* spec = packet::FindHeader(use.header);
    if (spec && packet::MayFollow(packet::FindHeader(stack.back().header), *spec)) {
      stack.push_back(use);
      continue;
    }
    std::vector<std::string> headers;
    for (const HeaderUse& present : stack) headers.push_back(present.header);
    context_.faults.Add(
        use.place, Concat("the header ", Quote(use.header)),
        Concat("a header of the conversation (", OneOf(headers), ") or one that may follow it"),
        Nearest(use.header, headers));
    return false;
  }
  return true;
}

// Numbers and flags that the message does not give itself.
void Conversing::Sequence(HeaderUse& tcp, bool application) const {
  const auto given = [&](std::string_view field) {
    return FindNamed(tcp.fields, field) != nullptr;
  };
  if (!given("flags")) {
    const bool data = (message_.payload && message_.payload->kind != Payload::Kind::kNone) ||
                      message_.size || !message_.at.empty() || application;
    SetField(tcp, "flags", Constant(data ? "PA" : "A", place_));
  }
  const ValueLaw& flags = *FindNamed(tcp.fields, "flags");
  const bool acknowledges = flags.kind == ValueLaw::Kind::kConstant &&
                            LiteralText(flags.values[0]).find('A') != std::string::npos;
  if (!given("seq_num")) {
    const auto& numbers = message_.sequence == "repeat" ? kRepeated : kSequence;
    SetField(tcp, "seq_num",
             NamedLaw(ValueLaw::Kind::kVariable, numbers[from_server_ ? 1 : 0], place_));
  }
  if (!given("ack_num")) {
    SetField(tcp, "ack_num",
             acknowledges
                 ? NamedLaw(ValueLaw::Kind::kVariable, kSequence[from_server_ ? 0 : 1], place_)
                 : Constant(int64_t{0}, place_));
  }
}

// Both clocks, unless the message says its options itself.
void Conversing::Stamp(HeaderUse& tcp) const {
  for (const std::string_view own : {"timestamp", "timestamp_echo", "options"}) {
    if (FindNamed(tcp.fields, own)) return;
  }
  const auto stamp = [&](bool of_server) {
    return NamedLaw(ValueLaw::Kind::kVariable, kStamps[of_server ? 1 : 0], place_);
  };
  const ValueLaw& flags = *FindNamed(tcp.fields, "flags");
  const bool first = flags.kind == ValueLaw::Kind::kConstant &&
                     LiteralText(flags.values[0]).find('A') == std::string::npos;
  SetField(tcp, "timestamp", stamp(from_server_));
  SetField(tcp, "timestamp_echo", first ? Constant(int64_t{0}, place_) : stamp(!from_server_));
}

std::optional<Message> Conversing::Make() {
  auto stack = Stack();
  if (!stack || !Merge(*stack)) return std::nullopt;
  if (conversation_.transport == "tcp") {
    HeaderUse& tcp = *FindUse(*stack, "tcp");
    Sequence(tcp, stack->back().header != "tcp");
    if (conversation_.timestamps) Stamp(tcp);
  }
  Message plain = message_;
  plain.place = place_;
  plain.by.clear();
  plain.packet = *std::move(stack);
  return plain;
}

}  // namespace

bool IsNetwork(std::string_view header) { return header == "ipv4" || header == "ipv6"; }

void DeclareConversation(const Context& context, const Flow& flow, FlowNames& names) {
  if (!flow.conversation) return;
  if (flow.conversation->transport == "tcp") {
    for (std::string_view slot : kSequence) names.variables.emplace_back(slot);
    if (flow.conversation->timestamps) {
      for (std::string_view slot : kStamps) names.variables.emplace_back(slot);
    }
    for (const auto& [name, message] : context.t.messages) {
      if (message.sequence != "repeat") continue;
      for (std::string_view slot : kRepeated) names.variables.emplace_back(slot);
      break;
    }
  }
  const bool given = flow.conversation->client_port.has_value();
  if (!given && flow.conversation->transport == "tcp") {
    names.variables.emplace_back(kClientPort);
    names.variables.emplace_back("(passes)");
    return;
  }
  NamedDraw port;
  port.place = flow.conversation->place;
  if (given) {
    port.law = *flow.conversation->client_port;
  } else {
    port.law.kind = ValueLaw::Kind::kRandom;
    port.law.place = port.place;
    port.law.min = static_cast<int64_t>(kFirstClientPort);
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
