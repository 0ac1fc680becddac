#include "tests/property/corpus.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/make_plan.h"
#include "packet/header.h"
#include "template/template.h"
#include "tests/property/draw_literal.h"
#include "tests/property/draw_template.h"

namespace spate::testing {

const tmpl::Node& Schema() {
  static const tmpl::Node& schema = *[] {
    tmpl::Faults none("");
    return new tmpl::Node(tmpl::ParseJson(tmpl::JsonSchema(), none));
  }();
  return schema;
}

std::string File() {
  const char* const root = std::getenv("SPATE_SOURCE_ROOT");
  return absl::StrCat(root ? root : ".", "/random.json");
}

std::optional<Mended> Drawn(uint64_t seed) {
  MendLog log;
  auto mended = Mend(DrawTemplate(Schema(), seed), File(), log);
  for (const tmpl::Fault& fault : log.faults) {
    EXPECT_TRUE(fault.place.path.starts_with("$")) << fault.Format();
    EXPECT_GT(fault.place.line, 0u) << fault.Format();
    EXPECT_FALSE(absl::StrContains(fault.found, "unknown key")) << fault.Format();
    EXPECT_FALSE(absl::StrContains(fault.found, "unknown field")) << fault.Format();
  }
  return mended;
}

absl::StatusOr<engine::Plan> PlanOf(const core::Scenario& scenario, uint64_t seed,
                                    uint64_t packets) {
  return engine::MakePlan(scenario,
                          {.seed = seed, .duration = Picos::FromSeconds(2), .packets = packets});
}

bool NothingToPlan(const absl::Status& status) {
  if (status.ok()) return false;
  const std::string text(status.message());
  EXPECT_TRUE(absl::StartsWith(text, File() + ":")) << text;
  EXPECT_TRUE(absl::StrContains(text, ": $.")) << text;
  return absl::StrContains(text, ": $.rate: ") || absl::StrContains(text, ": $.schedule") ||
         absl::StrContains(text, "without time passing");
}

namespace {

// A payload behind MPLS may look like an IP header.
bool HeadersMislead(const std::vector<tmpl::HeaderUse>& uses) {
  if (!uses.empty() && uses.back().header == "mpls") return true;
  return std::ranges::any_of(uses, [](const tmpl::HeaderUse& use) {
    const packet::HeaderSpec& header = *packet::FindHeader(use.header);
    // GRE's checksum is laid out where the flag is set first, and stays where it varies.
    return std::ranges::any_of(use.fields, [&](const auto& field) {
      return field.first == "checksum_present" || !MayVary(*header.Find(field.first));
    });
  });
}

bool FlowMisleads(const tmpl::Flow& flow) {
  return flow.capture || (flow.impairment && flow.impairment->corrupt > 0) ||
         (flow.conversation && HeadersMislead(flow.conversation->packet));
}

}  // namespace

bool Misleads(const tmpl::Template& source) {
  const auto flows = [](const auto& named) {
    return std::ranges::any_of(named, [](const auto& flow) { return FlowMisleads(flow.second); });
  };
  return flows(source.flows) ||
         std::ranges::any_of(source.groups,
                             [&](const auto& group) { return flows(group.second.flows); }) ||
         std::ranges::any_of(source.messages, [](const auto& message) {
           return HeadersMislead(message.second.packet);
         });
}

}  // namespace spate::testing
