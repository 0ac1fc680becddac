// Steps: objects with one verb. A new verb is one file and one line here.
#include "template/surface/verb.h"

namespace spate::tmpl {

template <>
const ObjectSpec<Step>& SpecOf<Step>() {
  using Action = ControlStep::Action;
  static const Key<Step> keys[] = {SendKey(),
                                   WaitKey(),
                                   ExchangeKey(),
                                   ChooseKey(),
                                   LoopKey(),
                                   SetKey(),
                                   ChainKey(),
                                   WhenKey(),
                                   ControlKey(Action::kStart),
                                   ControlKey(Action::kPause),
                                   ControlKey(Action::kStop),
                                   ControlKey(Action::kRestart),
                                   ClientKey(),
                                   ServerKey(),
                                   CloseKey(),
                                   JoinKey(),
                                   RememberKey()};
  static const ObjectSpec<Step> spec = {"step", "One step of a flow: an object with one verb.",
                                        keys, nullptr, true};
  return spec;
}

}  // namespace spate::tmpl
