// {"remember": {"message": "query", "field": "dns.id", "var": "id"}}
#include "template/surface/verb.h"

namespace spate::tmpl {
namespace {

constexpr Key<RememberStep> kRememberKeys[] = {
    MemberKey<&RememberStep::message, MessageName>({.key = "message",
                                                    .doc = "a message that the flow sends",
                                                    .example = R"("query")",
                                                    .required = true}),
    MemberKey<&RememberStep::field>(
        {.key = "field",
         .doc = "header and field, of the innermost header of that name; at most 64 bits",
         .example = R"("udp.src_port")",
         .required = true}),
    MemberKey<&RememberStep::variable>(
        {.key = "var",
         .doc = "the variable of the flow or of its group that takes the field's value; 0 if the "
                "message has not been sent yet",
         .example = R"("port")",
         .required = true}),
};

}  // namespace

template <>
const ObjectSpec<RememberStep>& SpecOf<RememberStep>() {
  static constexpr ObjectSpec<RememberStep> spec = {
      "remember",
      "Keeps what a message's field was when the flow sent it last, until the variable is set "
      "again: after a time by a flow that is restarted here, waits and sets it back.",
      kRememberKeys};
  return spec;
}

Key<Step> RememberKey() {
  return VerbKey<RememberStep>(
      {.key = "remember",
       .doc = "a variable takes the value that a field of a message had when the flow sent it last",
       .example = R"({"message": "query", "field": "udp.src_port", "var": "port"})"});
}

}  // namespace spate::tmpl
