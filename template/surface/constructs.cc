#include "template/surface/constructs.h"

#include "template/codec.h"

namespace spate::tmpl {
namespace {

template <class T>
Node Definition(const SchemaOptions& options) {
  return SchemaOf(SpecOf<T>(), options);
}

// A law's definition: a plain value besides its objects.
template <class T, class Plain>
Node LawDefinition(const SchemaOptions& options) {
  Node schema = SchemaOf(SpecOf<T>(), options);
  for (Member& member : std::get<Node::Object>(schema.value)) {
    if (member.key != "anyOf") continue;
    auto& forms = std::get<Node::List>(member.value.value);
    forms.insert(forms.begin(), Plain::Schema(options));
  }
  return schema;
}

template <class T>
Construct Describe(Node (*schema)(const SchemaOptions&) = Definition<T>) {
  const ObjectSpec<T>& spec = SpecOf<T>();
  Construct construct = {spec.name, spec.doc, {}, schema, nullptr};
  for (const Key<T>& key : spec.keys) {
    construct.keys.push_back({static_cast<const KeyInfo&>(key), key.type()});
  }
  construct.read_key = [](Reader& reader, std::string_view name, const Node& value) {
    for (const Key<T>& key : SpecOf<T>().keys) {
      if (key.key != name) continue;
      T object{};
      key.read(reader, value, object, key);
      return true;
    }
    return false;
  };
  return construct;
}

}  // namespace

std::span<const Construct> Constructs() {
  static const auto& table = *new std::vector<Construct>{
      Describe<Template>(),
      Describe<Inclusion>(),
      Describe<Group>(),
      Describe<Binding>(),
      Describe<Arrival>(),
      Describe<Flow>(),
      Describe<Clock>(),
      Describe<Burst>(),
      Describe<OnOff>(),
      Describe<Schedule>(),
      Describe<CaptureUse>(),
      Describe<Impairment>(),
      Describe<Conversation>(),
      Describe<Step>(),
      Describe<ExchangeStep>(),
      Describe<Choice>(),
      Describe<ChooseStep>(),
      Describe<LoopStep>(),
      Describe<SetStep>(),
      Describe<ChainStep>(),
      Describe<SayStep>(),
      Describe<ChainState>(),
      Describe<Transition>(),
      Describe<Condition>(),
      Describe<WhenStep>(),
      Describe<JoinStep>(),
      Describe<TimelineEvent>(),
      Describe<Message>(),
      Describe<Payload>(),
      Describe<RawField>(),
      Describe<HostSet>(),
      Describe<Table>(),
      Describe<ValueLaw>(LawDefinition<ValueLaw, Codec<Literal>>),
      Describe<TimeLaw>(LawDefinition<TimeLaw, Duration>),
  };
  return table;
}

}  // namespace spate::tmpl
