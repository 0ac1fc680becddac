#include "engine/run/wiring.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "base/text.h"
#include "template/core.h"
#include "template/fault.h"

namespace spate::engine {
namespace {

constexpr std::string_view kNullPort = "null";

struct Flag {
  std::string_view name;  // "": none
  std::string_view spec;
};

// "left=veth0"; no name in "net_pcap0,iface=eth0", "memif:/run/a,role=server", "./a=b.pcap".
Flag Split(std::string_view flag) {
  const size_t at = flag.find('=');
  if (at == std::string_view::npos || at == 0) return {"", flag};
  const std::string_view name = flag.substr(0, at);
  const bool plain = std::ranges::all_of(
      name, [](unsigned char c) { return absl::ascii_isalnum(c) || c == '_' || c == '-'; });
  return plain ? Flag{name, flag.substr(at + 1)} : Flag{"", flag};
}

bool HasNames(std::span<const std::string> names) { return names.size() > 1 || !names[0].empty(); }

std::string Listed(std::span<const std::string> names) {
  return HasNames(names) ? absl::StrCat("the template's ports are ", absl::StrJoin(names, ", "))
                         : "the template names no ports";
}

class Binder {
 public:
  explicit Binder(std::span<const std::string> names) : names_(names), spec_of_(names.size()) {}

  absl::Status BindNamed(const Flag& flag) {
    const auto place = std::ranges::find(names_, flag.name);
    if (place == names_.end()) {
      const std::string nearest =
          tmpl::Nearest(flag.name, std::vector<std::string>(names_.begin(), names_.end()));
      return absl::InvalidArgumentError(
          absl::StrCat("--port ", AsAbsl(flag.name), "=", AsAbsl(flag.spec), ": ", Listed(names_),
                       nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?")));
    }
    std::string& spec = spec_of_[static_cast<size_t>(place - names_.begin())];
    if (!spec.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--port ", AsAbsl(flag.name), " is bound twice: ", spec, " and ", AsAbsl(flag.spec)));
    }
    spec = flag.spec;
    return absl::OkStatus();
  }

  absl::Status BindNext(std::string_view spec) {
    const auto free = std::ranges::find(spec_of_, "");
    if (free == spec_of_.end()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--port ", AsAbsl(spec), " is one too many: ",
          HasNames(names_) ? Listed(names_)
                           : "the template has one port; \"port\" on a flow or \"behind\" on hosts "
                             "names more"));
    }
    *free = spec;
    return absl::OkStatus();
  }

  absl::StatusOr<PortBinding> Finish() const {
    PortBinding binding;
    for (size_t i = 0; i < spec_of_.size(); ++i) {
      const std::string& spec = spec_of_[i];
      if (spec.empty()) {
        return absl::InvalidArgumentError(
            absl::StrCat("the template's port ", names_[i], " is not bound: add --port ", names_[i],
                         "=PORT (", AsAbsl(kNoPort), ": another sends it)"));
      }
      binding.port_of.push_back(spec == kNoPort ? core::kNone : IndexOf(spec, binding.specs));
    }
    if (binding.specs.empty()) {
      return absl::InvalidArgumentError("every port is none: nothing would be sent");
    }
    return binding;
  }

 private:
  static uint32_t IndexOf(const std::string& spec, std::vector<std::string>& specs) {
    // Null ports are as many as are named, so that each side has its figures.
    const auto known = spec == kNullPort ? specs.end() : std::ranges::find(specs, spec);
    const auto index = static_cast<uint32_t>(known - specs.begin());
    if (known == specs.end()) specs.push_back(spec);
    return index;
  }

  const std::span<const std::string> names_;
  std::vector<std::string> spec_of_;  // by port of the template; "": not bound
};

}  // namespace

absl::StatusOr<PortBinding> BindPorts(std::span<const std::string> flags,
                                      std::span<const std::string> names) {
  std::vector<Flag> split;
  for (const std::string& flag : flags) split.push_back(Split(flag));
  for (const Flag& flag : split) {
    if (flag.spec.empty()) return absl::InvalidArgumentError("--port without a port");
  }
  if (split.empty()) split.push_back({"", kNullPort});
  if (split.size() == 1 && split[0].name.empty()) {
    return PortBinding{.specs = {std::string(split[0].spec)},
                       .port_of = std::vector<uint32_t>(names.size(), 0)};
  }
  Binder binder(names);
  for (const Flag& flag : split) {
    if (!flag.name.empty()) SPATE_RETURN_IF_ERROR(binder.BindNamed(flag));
  }
  for (const Flag& flag : split) {
    if (flag.name.empty()) SPATE_RETURN_IF_ERROR(binder.BindNext(flag.spec));
  }
  return binder.Finish();
}

absl::StatusOr<std::vector<uint32_t>> Rebind(const std::vector<std::string>& open,
                                             const PortBinding& next) {
  std::vector<uint32_t> place;  // in `open`, of each of next's specs
  for (size_t i = 0; i < next.specs.size(); ++i) {
    const std::string& spec = next.specs[i];
    // Of null ports there may be several.
    auto before =
        std::count(next.specs.begin(), next.specs.begin() + static_cast<ptrdiff_t>(i), spec);
    const auto here = std::ranges::find_if(
        open, [&](const std::string& one) { return one == spec && before-- == 0; });
    if (here == open.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("port ", spec, " is not one that the run has opened: start it anew"));
    }
    place.push_back(static_cast<uint32_t>(here - open.begin()));
  }
  std::vector<uint32_t> port_of;
  for (const uint32_t port : next.port_of) {
    port_of.push_back(port == core::kNone ? port : place[port]);
  }
  return port_of;
}

bool SpansPorts(const Plan& plan, const Wiring& wiring) {
  std::vector<uint32_t> port_of_group(plan.groups.size(), core::kNone);
  for (const MessagePlan& message : plan.messages) {
    const uint32_t port = wiring.port_of[message.port];
    uint32_t& known = port_of_group[plan.flows[message.flow].group];
    if (port == core::kNone) continue;
    if (known != core::kNone && known != port) return true;
    known = port;
  }
  return false;
}

uint32_t LongestMessage(const Plan& plan, const Wiring& wiring, uint32_t index) {
  uint32_t longest = core::kNone;
  for (uint32_t m = 0; m < plan.messages.size(); ++m) {
    if (wiring.port_of[plan.messages[m].port] != index) continue;
    const bool longer =
        longest == core::kNone || plan.messages[m].length > plan.messages[longest].length;
    if (longer) longest = m;
  }
  return longest;
}

}  // namespace spate::engine
