// {"send": "query"}
#include "template/surface/verb.h"

namespace spate::tmpl {

Key<Step> SendKey() {
  return VerbKey<SendStep, Sole<SendStep, &SendStep::message, MessageName>>(
      {.key = "send", .doc = "sends a message", .example = R"("query")"});
}

}  // namespace spate::tmpl
