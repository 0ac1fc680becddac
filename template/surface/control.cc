// {"start": "poll"}, {"pause": "poll"}, {"stop": "poll"}, {"restart": "poll"}
#include "template/surface/verb.h"

namespace spate::tmpl {
namespace {

using ControlAction = ControlStep::Action;

template <ControlAction action>
constexpr Key<Step> ControlActionKey(KeyInfo info) {
  Key<Step> key;
  info.choice = true;
  info.example = R"("poll")";
  static_cast<KeyInfo&>(key) = info;
  key.type = [] { return std::string("flow name"); };
  key.read = [](Reader& reader, const Node& node, Step& step, const KeyInfo&) {
    ControlStep& control = step.what.emplace<ControlStep>();
    control.action = action;
    Codec<std::string>::Read(reader, node, control.flow);
  };
  key.write = [](const Step& step, const KeyInfo&, bool full) {
    const auto* control = std::get_if<ControlStep>(&step.what);
    return control && control->action == action ? Codec<std::string>::Write(control->flow, full)
                                                : Node();
  };
  key.schema = [](const SchemaOptions& options, const KeyInfo&) {
    return Codec<std::string>::Schema(options);
  };
  return key;
}

}  // namespace

Key<Step> ControlKey(ControlAction action) {
  switch (action) {
    case ControlAction::kStart:
      return ControlActionKey<ControlAction::kStart>(
          {.key = "start",
           .doc = "another flow of the group's instance begins a pass now, or goes on if it is "
                  "paused; nothing if it runs",
           .example = {}});
    case ControlAction::kPause:
      return ControlActionKey<ControlAction::kPause>(
          {.key = "pause",
           .doc = "time stands still for that flow until a step starts it: its waits and its clock "
                  "go on where they were",
           .example = {}});
    case ControlAction::kStop:
      return ControlActionKey<ControlAction::kStop>(
          {.key = "stop", .doc = "that flow ends; it may be started again", .example = {}});
    case ControlAction::kRestart:
      break;
  }
  return ControlActionKey<ControlAction::kRestart>(
      {.key = "restart",
       .doc = "that flow begins anew, now, whatever it was doing",
       .example = {}});
}

}  // namespace spate::tmpl
