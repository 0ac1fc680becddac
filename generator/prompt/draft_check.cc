#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "generator/prompt/calibrate.h"
#include "generator/prompt/draft.h"

namespace spate::generator {
namespace {

constexpr double kTolerance = 0.15;    // of packets and bytes per service
constexpr double kWorthNaming = 0.05;  // share of a service's packets

std::string Percent(double share) { return absl::StrFormat("%.0f %%", share * 100); }

bool Near(double value, double wanted) { return std::abs(value / wanted - 1) <= kTolerance; }

// `"publish" (28 % of the packets)` for messages that the draft leaves out and that matter.
std::string LeftOut(const OutlineService& service, const std::vector<uint16_t>& steps) {
  std::vector<std::string> names;
  for (size_t i = 0; i < service.messages.size(); ++i) {
    const double share =
        static_cast<double>(service.messages[i].count) / static_cast<double>(service.packets);
    if (share < kWorthNaming || std::find(steps.begin(), steps.end(), i) != steps.end()) continue;
    names.push_back(
        absl::StrCat("\"", service.messages[i].id, "\" (", Percent(share), " of the packets)"));
  }
  return absl::StrJoin(names, ", ");
}

// What the sample sends after `message`, most frequent first.
std::string Successors(const OutlineService& service, const std::vector<uint64_t>& successions,
                       uint16_t message) {
  const size_t n = service.messages.size();
  std::vector<uint16_t> order;
  for (size_t i = 0; i < n; ++i) {
    if (successions[message * n + i] > 0) order.push_back(static_cast<uint16_t>(i));
  }
  std::stable_sort(order.begin(), order.end(), [&](uint16_t a, uint16_t b) {
    return successions[message * n + a] > successions[message * n + b];
  });
  if (order.size() > 3) order.resize(3);
  return absl::StrJoin(order, " or ", [&](std::string* out, uint16_t i) {
    absl::StrAppend(out, "\"", service.messages[i].id, "\"");
  });
}

// Sequences and loops claim an order: at least half of its steps must follow each other in the
// sample too.
std::string CheckOrder(const OutlineService& service, const DraftService& draft) {
  if (draft.behaviour != DraftBehaviour::kSequence && draft.behaviour != DraftBehaviour::kLoop)
    return "";
  const std::vector<uint64_t> successions = Successions(service);
  std::vector<uint16_t> order = AllSteps(draft);
  size_t unseen = 0;
  std::string first;
  for (size_t i = 1; i < order.size(); ++i) {
    if (successions[order[i - 1] * service.messages.size() + order[i]] > 0) continue;
    const std::string next = Successors(service, successions, order[i - 1]);
    if (unseen++ > 0 || next.empty()) continue;
    first = absl::StrCat("\"", service.messages[order[i]].id, "\" never follows \"",
                         service.messages[order[i - 1]].id, "\" in the sample, ", next, " does");
  }
  return 2 * unseen > order.size() - 1 && !first.empty() ? first : "";
}

std::string CheckPairs(const OutlineService& service, const DraftService& draft) {
  const std::vector<uint16_t> steps = AllSteps(draft);
  if (steps.size() % 2 != 0) {
    return absl::StrCat("an exchange has pairs of request and response, found ", steps.size(),
                        " steps; one message alone is a \"sequence\"");
  }
  for (size_t i = 0; i < steps.size(); i += 2) {
    const OutlineMessage& request = service.messages[steps[i]];
    const OutlineMessage& response = service.messages[steps[i + 1]];
    if (request.from_client == response.from_client) {
      return absl::StrCat("\"", request.id, "\" and \"", response.id, "\" are both sent by the ",
                          request.from_client ? "client" : "server",
                          ", they cannot be request and response");
    }
  }
  return "";
}

std::string CheckAmounts(const Outline& outline, const OutlineService& service,
                         const DraftService& draft) {
  Typing typing = outline.typing;  // calibration may pool types
  Amounts made;
  for (const Members& members : PartMembers(*outline.sample, service)) {
    const Behaviour behaviour = Calibrate(*outline.sample, members, draft, typing);
    const Amounts part =
        AmountsOf(behaviour, members.conversations.size(), *outline.sample, typing);
    made.packets += part.packets;
    made.bytes += part.bytes;
  }
  std::string missing = LeftOut(service, AllSteps(draft));
  if (!missing.empty()) missing = absl::StrCat("; not among the steps: ", missing);
  const auto conversations = static_cast<double>(service.conversations.size());
  const auto wanted = static_cast<double>(service.packets);
  if (!Near(made.packets, wanted)) {
    return absl::StrFormat("it makes %.1f packets a conversation, the sample has %.1f%s%s",
                           made.packets / conversations, wanted / conversations, missing,
                           draft.behaviour == DraftBehaviour::kSequence
                               ? "; \"loop\" and \"chain\" go on as long as the sample"
                               : "");
  }
  if (!Near(made.bytes, static_cast<double>(service.bytes))) {
    return absl::StrFormat("its packets have %.0f bytes on average, the sample's %.0f%s",
                           made.bytes / made.packets, static_cast<double>(service.bytes) / wanted,
                           missing);
  }
  return "";
}

// A chain without a message still has its packets; what is lost is likeness.
std::string CheckCoverage(const OutlineService& service, const DraftService& draft) {
  uint64_t covered = 0;
  std::vector<uint16_t> steps = AllSteps(draft);
  std::sort(steps.begin(), steps.end());
  steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
  for (uint16_t message : steps) covered += service.messages[message].count;
  const double share = static_cast<double>(covered) / static_cast<double>(service.packets);
  if (share >= 1 - kTolerance) return "";
  return absl::StrCat("its messages are ", Percent(share), " of the service's packets, expected ",
                      Percent(1 - kTolerance),
                      " or more; not among the steps: ", LeftOut(service, steps));
}

}  // namespace

std::string CheckAgainstSample(const Outline& outline, const OutlineService& service,
                               const DraftService& draft) {
  if (draft.behaviour == DraftBehaviour::kExchange) {
    if (std::string text = CheckPairs(service, draft); !text.empty()) return text;
  }
  if (std::string text = CheckCoverage(service, draft); !text.empty()) return text;
  if (std::string text = CheckOrder(service, draft); !text.empty()) return text;
  return CheckAmounts(outline, service, draft);
}

}  // namespace spate::generator
