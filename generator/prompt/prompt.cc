#include "generator/prompt/prompt.h"

#include "absl/strings/str_cat.h"
#include "base/text.h"
#include "generator/prompt/digest.h"

namespace spate::generator {

std::string SystemPrompt() {
  return R"(You describe how one service of a network capture talks, as one JSON object and nothing else:
{"about", "group", "behaviour", "clock", "opening", "steps", "closing"}

"about": one sentence. "group": a name for its clients, such as "sensors".
"behaviour":
  "exchange": steps are request, response, request, response …
  "chain": the order varies; steps list all messages, each once.
  "sequence": every conversation sends the steps once, in this order.
  "loop": "opening" is sent once, then "steps" again and again, then "closing" once.
"clock": when conversations start: "once", "every" (varying gaps), "grid" (fixed period), "poisson".
"about" and "group" may be left out; only a loop has "opening" and "closing".
Use the message names of the digest. Numbers are filled in later, write none.

A service with messages ask, reply:
{"about": "Clocks ask for the time.", "group": "clocks", "behaviour": "exchange", "clock": "grid", "steps": ["ask", "reply"]}
A service with messages syn, syn_ack, ack, hello, mail, ok, fin:
{"about": "People send mail.", "group": "mailers", "behaviour": "chain", "clock": "poisson", "steps": ["syn", "syn_ack", "ack", "hello", "mail", "ok", "fin"]}
)";
}

std::string FirstPrompt(const Outline& outline, const OutlineService& service) {
  return absl::StrCat(Digest(outline, service), "\nWrite the JSON object for the service ",
                      service.name, ".\n");
}

std::string FaultPrompt(std::string_view faults, const OutlineService& service) {
  return absl::StrCat("Your answer has faults:\n", AsAbsl(faults),
                      "\nWrite the JSON object for the service ", service.name,
                      " again, mended.\n");
}

}  // namespace spate::generator
