// The table of steps: one key per verb, each defined in the verb's own file.
#pragma once

#include "template/codec.h"

namespace spate::tmpl {

// The key of a step whose value becomes alternative `S` of Step::what.
template <class S, class C = Codec<S>>
constexpr Key<Step> VerbKey(KeyInfo info) {
  Key<Step> key;
  info.choice = true;
  static_cast<KeyInfo&>(key) = info;
  key.type = &C::Type;
  key.read = [](Reader& reader, const Node& node, Step& step, const KeyInfo&) {
    C::Read(reader, node, step.what.emplace<S>());
  };
  key.write = [](const Step& step, const KeyInfo&, bool full) {
    const S* what = std::get_if<S>(&step.what);
    return what ? C::Write(*what, full) : Node();
  };
  key.schema = [](const SchemaOptions& options, const KeyInfo&) { return C::Schema(options); };
  return key;
}

// For verbs whose value is that of a single member: {"send": "query"}.
template <class S, auto M, class C>
struct Sole {
  static void Read(Reader& reader, const Node& node, S& step) { C::Read(reader, node, step.*M); }
  static Node Write(const S& step, bool full) { return C::Write(step.*M, full); }
  static Node Schema(const SchemaOptions& options) { return C::Schema(options); }
  static std::string Type() { return C::Type(); }
};

Key<Step> SendKey();
Key<Step> WaitKey();
Key<Step> ExchangeKey();
Key<Step> ChooseKey();
Key<Step> LoopKey();
Key<Step> SetKey();
Key<Step> ChainKey();
Key<Step> WhenKey();
Key<Step> JoinKey();
Key<Step> RememberKey();
Key<Step> ControlKey(ControlStep::Action action);
Key<Step> ClientKey();
Key<Step> ServerKey();
Key<Step> CloseKey();

}  // namespace spate::tmpl
