#include "generator/fit/fit.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "generator/fit/arrivals.h"
#include "generator/fit/hosts.h"
#include "generator/fit/kinds.h"
#include "generator/fit/law.h"
#include "generator/fit/messages.h"
#include "generator/fit/steps.h"
#include "generator/fit/tell.h"

namespace spate::generator {
namespace {

// Where the ports begin that clients take by themselves (Linux; IANA: 49152). From there on the
// language's default range does as well as the sample's.
constexpr uint16_t kLeastEphemeral = 32768;

std::string FitIdentifier(std::string_view text) {
  std::string out;
  for (char c : text) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
    out += plain ? c : '_';
  }
  return out.empty() ? "fitted" : out;
}

class Teller {
 public:
  Teller(const Sample& sample, const Typing& typing, const FitOptions& options)
      : sample_(sample), typing_(typing), options_(options) {}

  absl::StatusOr<tmpl::Template> Run(const std::vector<Kind>& kinds) {
    MessagePool messages(sample_, typing_);
    for (const Kind& kind : kinds) AddGroup(kind, messages);
    if (template_.groups.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(sample_.file, ": no packet that a template can tell"));
    }
    template_.messages = messages.Take();
    template_.hosts = hosts_.Take();
    template_.draws = draws_.Take();
    Describe();
    return std::move(template_);
  }

 private:
  void AddGroup(const Kind& kind, MessagePool& messages) {
    const uint32_t first = kind.members.front();
    const uint32_t example = sample_.conversations[first].packets.front();
    // Not even a link header that could be told.
    if (messages.IsPlain(example) && sample_.packets[example].content_at == 0) return;
    const Arrivals arrivals = kind.poisson ? FindPoissonArrivals(sample_, kind.members)
                                           : FindArrivals(sample_, kind.members);
    const auto [clients, servers] = hosts_.SetsFor(kind.service, kind.members, arrivals);
    tmpl::Group group;
    group.count = arrivals.instances;
    // Plain messages name the roles, and a role may change from pass to pass; else the sets do.
    const bool plain = messages.IsPlain(example);
    const auto role = [&](const char* name, const std::string& set) {
      const bool changes = arrivals.passes > 1 && !hosts_.Single(set);
      if (!plain && !changes) return set;
      tmpl::Binding binding{.place = {}, .host = set, .per = {}};
      if (changes) binding.per = tmpl::Scope::kPass;
      group.bind.emplace_back(name, std::move(binding));
      return std::string(name);
    };
    const std::string client = role("client", clients), server = role("server", servers);
    tmpl::Flow flow;
    flow.start = arrivals.start;
    flow.clock = arrivals.clock;
    if (arrivals.passes > 1) flow.passes = arrivals.passes;
    if (!plain) {
      flow.conversation = ConversationOf(kind, messages);
      flow.conversation->client = client;
      flow.conversation->server = server;
    }
    const StepsContext context{sample_, typing_, messages, draws_};
    WriteSteps(kind, arrivals, context, flow);
    group.flows.emplace_back(FlowName(kind), std::move(flow));
    template_.groups.emplace_back(GroupName(kind), std::move(group));
  }

  tmpl::Conversation ConversationOf(const Kind& kind, const MessagePool& messages) const {
    tmpl::Conversation conversation;
    conversation.transport = score::ProtocolName(sample_.services[kind.service].protocol);
    const uint16_t port = sample_.services[kind.service].number;
    if (port != 0) conversation.port = port;  // else it is the server's
    conversation.client_port = ClientPort(kind);
    conversation.packet = messages.SharedHeaders(kind.members.front());
    return conversation;
  }

  std::optional<tmpl::ValueLaw> ClientPort(const Kind& kind) const {
    uint16_t least = UINT16_MAX, most = 0;
    for (uint32_t c : kind.members) {
      least = std::min(least, sample_.conversations[c].client_port);
      most = std::max(most, sample_.conversations[c].client_port);
    }
    if (least == most && (kind.members.size() > 1 || least < kLeastEphemeral)) {
      return ConstantValue(static_cast<int64_t>(least));
    }
    if (least >= kLeastEphemeral) return std::nullopt;
    tmpl::ValueLaw law;
    law.kind = tmpl::ValueLaw::Kind::kRandom;
    law.min = static_cast<int64_t>(least);
    law.max = static_cast<int64_t>(most);
    law.per = tmpl::Scope::kPass;
    return law;
  }

  // What the first payload says, or how the kind goes.
  std::string FlowName(const Kind& kind) const {
    for (uint32_t i : sample_.conversations[kind.members.front()].packets) {
      const SamplePacket& p = sample_.packets[i];
      if (p.payload_bytes == 0) continue;
      std::string hint =
          PayloadHint(sample_.services[kind.service].name, sample_.Payload(p), p.from_client);
      if (!hint.empty()) return hint;
    }
    return kind.behaviour.chain.empty() ? "conversation" : "traffic";
  }

  std::string GroupName(const Kind& kind) {
    const std::string& base = kind.name.empty() ? sample_.services[kind.service].name : kind.name;
    std::string name = base;
    for (int n = 2; !group_names_.insert(name).second; ++n) name = absl::StrCat(base, "_", n);
    return name;
  }

  void Describe() {
    const double seconds = static_cast<double>(sample_.duration_ns) * 1e-9;
    const std::string file = std::filesystem::path(sample_.file).filename().string();
    template_.name = options_.name.empty()
                         ? FitIdentifier(std::filesystem::path(sample_.file).stem().string())
                         : options_.name;
    template_.description = absl::StrFormat(
        "Fitted to %s: %d packets of %d services in %.1f s. Run for its own duration it repeats "
        "the "
        "sample's packets and bytes service by service.",
        file, sample_.packets.size(), sample_.services.size(), seconds);
    template_.duration_s = (std::floor(seconds * 1000) + 1) / 1000;
  }

  const Sample& sample_;
  const Typing& typing_;
  const FitOptions& options_;
  HostPool hosts_{sample_};
  DrawPool draws_;
  tmpl::Template template_;
  std::set<std::string> group_names_;
};

}  // namespace

absl::StatusOr<tmpl::Template> Fit(const Sample& sample, const FitOptions& options) {
  if (sample.packets.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(sample.file, ": the sample holds no packets"));
  }
  Typing typing = TypeMessages(sample);
  std::vector<Kind> kinds;
  for (uint32_t s = 0; s < sample.services.size(); ++s) {
    for (Kind& kind : FindKinds(sample, s, options, typing)) kinds.push_back(std::move(kind));
  }
  return TellKinds(sample, typing, kinds, options);
}

absl::StatusOr<tmpl::Template> TellKinds(const Sample& sample, const Typing& typing,
                                         const std::vector<Kind>& kinds,
                                         const FitOptions& options) {
  return Teller(sample, typing, options).Run(kinds);
}

}  // namespace spate::generator
