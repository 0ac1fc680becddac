// Behaviours by their traces: a template's text in, who sent what when out.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/text.h"
#include "engine/make_plan.h"
#include "template/template.h"
#include "tests/engine/records.h"

namespace spate::testing {

// A template over the messages a, b and c (64 bytes with FCS) and v (64 and 128 in turn), with
// further members.
inline std::string Behaviour(std::string_view members) {
  std::string text = R"({"spate": 1, "messages": {)";
  for (const char* name : {"a", "b", "c", "v"}) {
    absl::StrAppend(&text, name[0] == 'a' ? "" : ", ", "\"", name,
                    "\": ", R"({"packet": [{"ethernet": {}}, {"ipv4": {"dst": "198.18.0.1"}}, )",
                    R"({"udp": {"dst_port": 9}}], "size": )",
                    name[0] == 'v' ? R"({"values": [64, 128]})" : "64", "}");
  }
  return Concat(text, "}, ", members, "}");
}

// `observed`: as the template's observer sees it.
inline std::optional<engine::Plan> PlanOf(const std::string& text, double seconds,
                                          bool observed = false) {
  const auto t = tmpl::Read(text, "t.json");
  EXPECT_TRUE(t.ok()) << t.status().message();
  if (!t.ok()) return std::nullopt;
  const auto scenario = tmpl::Compile(*t, nullptr, observed);
  EXPECT_TRUE(scenario.ok()) << scenario.status().message();
  if (!scenario.ok()) return std::nullopt;
  engine::PlanOptions options;
  options.duration = Picos::FromSeconds(seconds);
  auto plan = engine::MakePlan(*scenario, options);
  EXPECT_TRUE(plan.ok()) << plan.status().message();
  if (!plan.ok()) return std::nullopt;
  return *std::move(plan);
}

// "a@0 b@1.5": messages with their times in seconds, in order. Any sharding has given the same.
inline std::string TraceOf(const std::string& members, double seconds) {
  const auto plan = PlanOf(Behaviour(members), seconds);
  if (!plan) return "no plan";
  const std::vector<Record> records = Expanded(*plan, {})[0];
  EXPECT_TRUE(std::ranges::is_sorted(records, {}, &Record::key));
  ExpectAnyShardingGives(*plan, records);
  std::string text;
  for (const Record& record : records) {
    // To the nanosecond: the picosecond by which flows give way to each other is no matter here.
    const double at = std::round(static_cast<double>(record.key.due_ps) * 1e-3) * 1e-9;
    absl::StrAppend(&text, text.empty() ? "" : " ", plan->message_names[record.message], "@", at);
  }
  return text;
}

}  // namespace spate::testing
