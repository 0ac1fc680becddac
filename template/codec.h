// Codecs: how one kind of value is read, printed and described in the schema. A key of an
// ObjectSpec is made from a struct's member and the codec of its type: Member<&Flow::start>(…).
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/text.h"
#include "template/object_spec.h"

namespace spate::tmpl {

// Defined in template/surface/, one file per construct.
template <>
const ObjectSpec<ValueLaw>& SpecOf<ValueLaw>();
template <>
const ObjectSpec<TimeLaw>& SpecOf<TimeLaw>();
template <>
const ObjectSpec<Clock>& SpecOf<Clock>();
template <>
const ObjectSpec<HostSet>& SpecOf<HostSet>();
template <>
const ObjectSpec<Table>& SpecOf<Table>();
template <>
const ObjectSpec<Payload>& SpecOf<Payload>();
template <>
const ObjectSpec<RawField>& SpecOf<RawField>();
template <>
const ObjectSpec<Message>& SpecOf<Message>();
template <>
const ObjectSpec<Step>& SpecOf<Step>();
template <>
const ObjectSpec<ExchangeStep>& SpecOf<ExchangeStep>();
template <>
const ObjectSpec<Choice>& SpecOf<Choice>();
template <>
const ObjectSpec<ChooseStep>& SpecOf<ChooseStep>();
template <>
const ObjectSpec<LoopStep>& SpecOf<LoopStep>();
template <>
const ObjectSpec<SetStep>& SpecOf<SetStep>();
template <>
const ObjectSpec<Transition>& SpecOf<Transition>();
template <>
const ObjectSpec<ChainState>& SpecOf<ChainState>();
template <>
const ObjectSpec<ChainStep>& SpecOf<ChainStep>();
template <>
const ObjectSpec<Condition>& SpecOf<Condition>();
template <>
const ObjectSpec<WhenStep>& SpecOf<WhenStep>();
template <>
const ObjectSpec<SayStep>& SpecOf<SayStep>();
template <>
const ObjectSpec<JoinStep>& SpecOf<JoinStep>();
template <>
const ObjectSpec<Arrival>& SpecOf<Arrival>();
template <>
const ObjectSpec<TimelineEvent>& SpecOf<TimelineEvent>();
template <>
const ObjectSpec<Burst>& SpecOf<Burst>();
template <>
const ObjectSpec<OnOff>& SpecOf<OnOff>();
template <>
const ObjectSpec<Conversation>& SpecOf<Conversation>();
template <>
const ObjectSpec<Flow>& SpecOf<Flow>();
template <>
const ObjectSpec<Binding>& SpecOf<Binding>();
template <>
const ObjectSpec<Group>& SpecOf<Group>();
template <>
const ObjectSpec<Schedule>& SpecOf<Schedule>();
template <>
const ObjectSpec<CaptureUse>& SpecOf<CaptureUse>();
template <>
const ObjectSpec<Impairment>& SpecOf<Impairment>();
template <>
const ObjectSpec<Inclusion>& SpecOf<Inclusion>();
template <>
const ObjectSpec<Template>& SpecOf<Template>();

// Every codec has:
//   static void Read(Reader&, const Node&, Value&);
//   static Node Write(const Value&, bool full);      null: nothing to write
//   static Node Schema(const SchemaOptions&);
//   static std::string Type();                        for the reference
// The primary template is for structs that have an ObjectSpec.
template <class V>
struct Codec {
  static void Read(Reader& reader, const Node& node, V& value) {
    ReadObject(reader, node, SpecOf<V>(), value);
  }
  static Node Write(const V& value, bool full) { return WriteObject(value, SpecOf<V>(), full); }
  static Node Schema(const SchemaOptions&) {
    return ObjectNode({{"$ref", Text(Concat("#/$defs/", SpecOf<V>().name))}});
  }
  static std::string Type() { return std::string(SpecOf<V>().name); }
};

// A scalar's schema: type (and "$param" strings, unless compact) and further keywords.
Node ScalarSchema(std::string_view type, const SchemaOptions& options,
                  std::vector<std::pair<std::string, Node>> more = {});

template <>
struct Codec<std::string> {
  static void Read(Reader& reader, const Node& node, std::string& value);
  static Node Write(const std::string& value, bool full);
  static Node Schema(const SchemaOptions&);
  static std::string Type() { return "text"; }
};

// Reads an integer in [min, max]; numbers such as 1e6 count as integers.
std::optional<uint64_t> ReadUnsigned(Reader& reader, const Node& node, uint64_t max);

template <class V>
  requires std::is_unsigned_v<V> && (!std::is_same_v<V, bool>)
struct Codec<V> {
  static constexpr uint64_t kMax = std::numeric_limits<V>::max();
  static void Read(Reader& reader, const Node& node, V& value) {
    if (const auto number = ReadUnsigned(reader, node, kMax)) value = static_cast<V>(*number);
  }
  static Node Write(const V& value, bool) {
    return value <= INT64_MAX ? Node(static_cast<int64_t>(value))
                              : Node(static_cast<uint64_t>(value));
  }
  static Node Schema(const SchemaOptions& options) {
    std::vector<std::pair<std::string, Node>> more = {{"minimum", Node(int64_t{0})}};
    if (kMax <= UINT32_MAX) more.emplace_back("maximum", Node(static_cast<int64_t>(kMax)));
    return ScalarSchema("integer", options, std::move(more));
  }
  static std::string Type() { return "integer"; }
};

template <>
struct Codec<bool> {
  static void Read(Reader& reader, const Node& node, bool& value);
  static Node Write(const bool& value, bool) { return Node(value); }
  static Node Schema(const SchemaOptions&) { return ObjectNode({{"type", Text("boolean")}}); }
  static std::string Type() { return "true or false"; }
};

template <>
struct Codec<double> {
  static void Read(Reader& reader, const Node& node, double& value);
  static Node Write(const double& value, bool) { return Real(value); }
  static Node Schema(const SchemaOptions& options) { return ScalarSchema("number", options); }
  static std::string Type() { return "number"; }
};

// A number or a string, taken as it is.
template <>
struct Codec<Literal> {
  static void Read(Reader& reader, const Node& node, Literal& value);
  static Node Write(const Literal& value, bool full);
  static Node Schema(const SchemaOptions&);
  static std::string Type() { return "number or text"; }
};

template <>
struct Codec<ValueLaw> {
  static void Read(Reader& reader, const Node& node, ValueLaw& value);
  static Node Write(const ValueLaw& value, bool full);
  static Node Schema(const SchemaOptions&);
  static std::string Type() { return "value"; }
};

template <>
struct Codec<TimeLaw> {
  static void Read(Reader& reader, const Node& node, TimeLaw& value);
  static Node Write(const TimeLaw& value, bool full);
  static Node Schema(const SchemaOptions&);
  static std::string Type() { return "time"; }
};

// "office.pcapng" or {"file": "office.pcapng", "speed": 2}
template <>
struct Codec<CaptureUse> {
  static void Read(Reader& reader, const Node& node, CaptureUse& capture);
  static Node Write(const CaptureUse& capture, bool full);
  static Node Schema(const SchemaOptions& options);
  static std::string Type() { return "file name, or capture"; }
};

template <>
struct Codec<Schedule> {
  static void Read(Reader& reader, const Node& node, Schedule& schedule);
  static Node Write(const Schedule& schedule, bool full);
  static Node Schema(const SchemaOptions& options);
  static std::string Type() { return "schedule, or list of schedule"; }
};

// A named draw is written as its law.
template <>
struct Codec<NamedDraw> {
  static void Read(Reader& reader, const Node& node, NamedDraw& draw);
  static Node Write(const NamedDraw& draw, bool full);
  static Node Schema(const SchemaOptions& options) { return Codec<ValueLaw>::Schema(options); }
  static std::string Type() { return "value"; }
};

// "base.json" or {"file": "base.json", "set": {"users": 9}}
template <>
struct Codec<Inclusion> {
  static void Read(Reader& reader, const Node& node, Inclusion& inclusion);
  static Node Write(const Inclusion& inclusion, bool full);
  static Node Schema(const SchemaOptions& options);
  static std::string Type() { return "inclusion"; }
};

// {"udp": {"dst_port": 53}}
template <>
struct Codec<HeaderUse> {
  static void Read(Reader& reader, const Node& node, HeaderUse& value);
  static Node Write(const HeaderUse& value, bool full);
  static Node Schema(const SchemaOptions&);
  static std::string Type() { return "header"; }
};

// What "#/$defs/header" refers to: one object per header with its fields.
Node HeaderDefinition(const SchemaOptions& options);

template <>
struct Codec<Scope> {
  static void Read(Reader& reader, const Node& node, Scope& value);
  static Node Write(const Scope& value, bool full);
  static Node Schema(const SchemaOptions&);
  static std::string Type() { return "scope"; }
};

// Lists; an empty one is not written.
template <class C>
struct ListOf {
  template <class V>
  static void Read(Reader& reader, const Node& node, std::vector<V>& values) {
    values.clear();
    if (!node.list()) return reader.Fail(node, Concat("a list of ", C::Type()));
    for (size_t i = 0; i < node.list()->size(); ++i) {
      const Reader::Inside inside(reader, Concat("[", i, "]"));
      C::Read(reader, (*node.list())[i], values.emplace_back());
    }
  }
  template <class V>
  static Node Write(const std::vector<V>& values, bool full) {
    if (values.empty()) return {};
    Node::List list;
    for (const V& value : values) list.push_back(C::Write(value, full));
    return Node(std::move(list));
  }
  static Node Schema(const SchemaOptions& options) {
    return ObjectNode({{"type", Text("array")}, {"items", C::Schema(options)}});
  }
  static std::string Type() { return Concat("list of ", C::Type()); }
};

template <class V>
struct Codec<std::vector<V>> : ListOf<Codec<V>> {};

// Objects keyed by name, in the order of the file; an empty one is not written.
template <class C>
struct MapOf {
  template <class V>
  static void Read(Reader& reader, const Node& node, Named<V>& values) {
    if (!node.object()) return reader.Fail(node, Concat("an object of named ", C::Type()));
    for (const Member& member : *node.object()) {
      const Reader::Inside inside(reader, member.key);
      if (member.key.empty()) reader.Fail(member.value, "an empty name", "a name", "");
      values.emplace_back(member.key, V{});
      C::Read(reader, member.value, values.back().second);
    }
  }
  template <class V>
  static Node Write(const Named<V>& values, bool full) {
    if (values.empty()) return {};
    Node::Object object;
    for (const auto& [name, value] : values) object.push_back({name, 0, C::Write(value, full)});
    return Node(std::move(object));
  }
  static Node Schema(const SchemaOptions& options) {
    return ObjectNode({{"type", Text("object")}, {"additionalProperties", C::Schema(options)}});
  }
  static std::string Type() { return Concat("named ", C::Type()); }
};

template <class V>
struct Codec<Named<V>> : MapOf<Codec<V>> {};

template <class V>
struct Codec<std::shared_ptr<V>> {
  static void Read(Reader& reader, const Node& node, std::shared_ptr<V>& value) {
    value = std::make_shared<V>();
    Codec<V>::Read(reader, node, *value);
  }
  static Node Write(const std::shared_ptr<V>& value, bool full) {
    return value ? Codec<V>::Write(*value, full) : Node();
  }
  static Node Schema(const SchemaOptions& options) { return Codec<V>::Schema(options); }
  static std::string Type() { return Codec<V>::Type(); }
};

// Seconds in the struct, "20ms" in the file.
struct Duration {
  static void Read(Reader& reader, const Node& node, double& seconds);
  static Node Write(const double& seconds, bool full);
  static Node Schema(const SchemaOptions&);
  static std::string Type() { return "duration"; }
};

// "1mpps", "10gbps", "10gbpsl1"
struct RateText {
  static void Read(Reader& reader, const Node& node, std::string& rate);
  static Node Write(const std::string& rate, bool full) {
    return Codec<std::string>::Write(rate, full);
  }
  static Node Schema(const SchemaOptions&);
  static std::string Type() { return "rate"; }
};

// One of a few words, listed in the schema; `Words` has a constexpr array `kWords`.
Node WordSchema(std::span<const std::string_view> words);
void ReadWord(Reader& reader, const Node& node, std::span<const std::string_view> words,
              std::string& value);
template <class Words>
struct WordOf : Codec<std::string> {
  static void Read(Reader& reader, const Node& node, std::string& value) {
    ReadWord(reader, node, Words::kWords, value);
  }
  static Node Schema(const SchemaOptions&) { return WordSchema(Words::kWords); }
  static std::string Type() { return "word"; }
};

// A rate that may be 0.
struct ScheduledRate : RateText {
  static void Read(Reader& reader, const Node& node, std::string& rate);
};

// A number between 0 and 1.
struct Probability {
  static void Read(Reader& reader, const Node& node, double& value);
  static Node Write(const double& value, bool) { return Real(value); }
  static Node Schema(const SchemaOptions&);
  static std::string Type() { return "probability"; }
};

// A number ≥ 0 and finite: relative frequency of one outcome among several.
struct Weight {
  static void Read(Reader& reader, const Node& node, double& value);
  static Node Write(const double& value, bool) { return Real(value); }
  static Node Schema(const SchemaOptions&);
  static std::string Type() { return "weight"; }
};

// Strata of a balanced draw: a power of two from 2 to kMaxStrata.
struct Strata {
  static void Read(Reader& reader, const Node& node, uint32_t& value);
  static Node Write(const uint32_t& value, bool full) {
    return Codec<uint32_t>::Write(value, full);
  }
  static Node Schema(const SchemaOptions&);
  static std::string Type() { return "strata"; }
};

// Names of messages and hosts: strings whose schema may list those that exist.
struct MessageName : Codec<std::string> {
  static Node Schema(const SchemaOptions&);
  static std::string Type() { return "message name"; }
};
struct HostName : Codec<std::string> {
  static Node Schema(const SchemaOptions&);
  static std::string Type() { return "hosts or role name"; }
};

namespace internal {

template <class M>
struct MemberTraits;
template <class T, class V>
struct MemberTraits<V T::*> {
  using Object = T;
  using Value = V;
};

template <class V>
struct Unwrapped {
  using Type = V;
  static constexpr bool kOptional = false;
};
template <class V>
struct Unwrapped<std::optional<V>> {
  using Type = V;
  static constexpr bool kOptional = true;
};

}  // namespace internal

// The key for member `M` of a struct. A member that still has its default is not printed, unless
// the key is required.
template <auto M, class C = Codec<typename internal::Unwrapped<
                      typename internal::MemberTraits<decltype(M)>::Value>::Type>>
constexpr auto MemberKey(KeyInfo info) {
  using Traits = internal::MemberTraits<decltype(M)>;
  using T = typename Traits::Object;
  using Wrap = internal::Unwrapped<typename Traits::Value>;
  Key<T> key;
  static_cast<KeyInfo&>(key) = info;
  key.type = &C::Type;
  key.schema = [](const SchemaOptions& options, const KeyInfo&) { return C::Schema(options); };
  key.read = [](Reader& reader, const Node& node, T& object, const KeyInfo&) {
    if constexpr (Wrap::kOptional) {
      C::Read(reader, node, (object.*M).emplace());
    } else {
      C::Read(reader, node, object.*M);
    }
  };
  key.write = [](const T& object, const KeyInfo& of, bool full) -> Node {
    if constexpr (Wrap::kOptional) {
      return object.*M ? C::Write(*(object.*M), full) : Node();
    } else {
      if constexpr (std::is_arithmetic_v<typename Wrap::Type> ||
                    std::is_same_v<typename Wrap::Type, Literal>) {
        if (!of.required && !full && object.*M == T{}.*M) return {};
      }
      return C::Write(object.*M, full);
    }
  };
  return key;
}

}  // namespace spate::tmpl
