// What the observer sees: decided by the hosts that a message names as its ends.
#include <algorithm>

#include "template/desugar/message.h"

namespace spate::tmpl {
namespace {

// The host set or role of the innermost `field` of the message; "" where that is none.
std::string EndOf(const Message& plain, std::string_view field) {
  std::string host;
  for (const HeaderUse& use : plain.packet) {
    for (const auto& [name, law] : use.fields) {
      if (name == field) host = law.kind == ValueLaw::Kind::kHost ? law.name : "";
    }
  }
  return host;
}

bool Lists(const std::vector<std::string>& hosts, const FlowNames& names, const std::string& end) {
  const Binding* role = names.group ? FindNamed(names.group->bind, end) : nullptr;
  return std::ranges::any_of(
      hosts, [&](const std::string& host) { return host == end || (role && host == role->host); });
}

}  // namespace

double Missed(const Context& context, const FlowNames& names, const Message& plain) {
  if (!context.observer) return 0;
  const Observer& o = *context.observer;
  const std::string src = EndOf(plain, "src"), dst = EndOf(plain, "dst");
  const bool seen = (o.from.empty() || Lists(o.from, names, src)) &&
                    (o.to.empty() || Lists(o.to, names, dst)) &&
                    (o.with.empty() || Lists(o.with, names, src) || Lists(o.with, names, dst));
  return seen ? o.loss : 1;
}

}  // namespace spate::tmpl
