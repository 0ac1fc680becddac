#include "generator/prompt/assemble.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "generator/fit/kinds.h"
#include "generator/fit/law.h"
#include "generator/fit/tell.h"
#include "generator/prompt/calibrate.h"

namespace spate::generator {
namespace {

const DraftService* Find(const Draft& draft, const std::string& service) {
  for (const DraftService& s : draft) {
    if (s.service == service) return &s;
  }
  return nullptr;
}

// "Office sensors!" → "office_sensors"; "" stays.
std::string AssembleIdentifier(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else if (!out.empty() && out.back() != '_') {
      out += '_';
    }
  }
  while (!out.empty() && out.back() == '_') out.pop_back();
  return out;
}

// The service stays in the name, as it is what people look for.
std::string GroupName(const DraftService& draft) {
  const std::string group = AssembleIdentifier(draft.group);
  if (group.empty() || group.find(draft.service) != group.npos) {
    return group.empty() ? draft.service : group;
  }
  return absl::StrCat(draft.service, "_", group);
}

// Spread of the gaps between the begins of conversations, relative to their mean.
double VariationOf(const Sample& sample, const OutlineService& service) {
  std::vector<double> begins, gaps;
  for (const auto& events : service.conversations) {
    begins.push_back(static_cast<double>(sample.packets[events.front().packet].time_ns) * 1e-9);
  }
  std::sort(begins.begin(), begins.end());
  for (size_t i = 1; i < begins.size(); ++i) gaps.push_back(begins[i] - begins[i - 1]);
  const double mean = Mean(gaps);
  double squares = 0;
  for (double gap : gaps) squares += (gap - mean) * (gap - mean);
  return mean > 0 ? std::sqrt(squares / static_cast<double>(gaps.size())) / mean : 0;
}

// What the sample says about a clock that the draft claims; "" = it agrees, or cannot tell.
std::string Contradiction(const Sample& sample, const OutlineService& service, DraftClock clock) {
  constexpr size_t kTelling = 8;  // conversations
  constexpr double kRegular = 0.3, kLeastRandom = 0.6, kMostRandom = 1.6;
  const size_t n = service.conversations.size();
  if (clock == DraftClock::kOnce && n > 1) return absl::StrCat("it has ", n, " conversations");
  if (n < kTelling) return "";
  const double variation = VariationOf(sample, service);
  const bool regular = variation <= kRegular;
  const bool random = variation >= kLeastRandom && variation <= kMostRandom;
  if ((clock == DraftClock::kGrid && !regular) || (clock == DraftClock::kPoisson && !random)) {
    return absl::StrFormat("the gaps between its conversations vary by %.1f of their mean",
                           variation);
  }
  return "";
}

// Notes a clock that the sample contradicts, which then goes by the sample.
void AddDrafted(const Outline& outline, const OutlineService& service, const DraftService& draft,
                Typing& typing, std::vector<Kind>& kinds, std::vector<std::string>& notes) {
  const std::string wrong = Contradiction(*outline.sample, service, draft.clock);
  if (!wrong.empty()) {
    notes.push_back(absl::StrCat("service ", service.name, ": the clock is the sample's, not \"",
                                 DraftClockName(draft.clock), "\": ", wrong));
  }
  for (Members& members : PartMembers(*outline.sample, service)) {
    Kind kind;
    kind.service = service.service;
    kind.name = GroupName(draft);
    kind.poisson = draft.clock == DraftClock::kPoisson && wrong.empty();
    kind.behaviour = Calibrate(*outline.sample, members, draft, typing);
    for (const auto& events : members.events) kind.packets += events.size();
    kind.members = std::move(members.conversations);
    kinds.push_back(std::move(kind));
  }
}

std::string DescribeAssemble(const Draft& draft, const std::string& fitted) {
  std::string text = fitted;
  for (const DraftService& s : draft) {
    if (!s.about.empty()) absl::StrAppend(&text, " ", s.service, ": ", s.about);
  }
  return text;
}

}  // namespace

absl::StatusOr<tmpl::Template> Assemble(const Outline& outline, const Draft& draft,
                                        std::vector<std::string>& notes) {
  const Sample& sample = *outline.sample;
  const FitOptions options;
  Typing typing = outline.typing;
  std::vector<Kind> kinds;
  for (uint32_t i = 0; i < sample.services.size(); ++i) {
    const DraftService* drafted = Find(draft, sample.services[i].name);
    if (drafted != nullptr) {
      AddDrafted(outline, outline.services[i], *drafted, typing, kinds, notes);
      continue;
    }
    for (Kind& kind : FindKinds(sample, i, options, typing)) kinds.push_back(std::move(kind));
  }
  SPATE_ASSIGN_OR_RETURN(tmpl::Template out, TellKinds(sample, typing, kinds, options));
  out.description = DescribeAssemble(draft, out.description);
  return out;
}

}  // namespace spate::generator
