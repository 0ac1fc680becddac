#include "cli/preview.h"

#include <gtest/gtest.h>

#include "engine/make_plan.h"
#include "template/template.h"

namespace spate::cli {
namespace {

engine::Plan PlanOf(const char* text, uint64_t packets) {
  const auto parsed = tmpl::Read(text, "test.json");
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  const auto scenario = tmpl::Compile(*parsed);
  EXPECT_TRUE(scenario.ok()) << scenario.status();
  auto plan = engine::MakePlan(*scenario);
  EXPECT_TRUE(plan.ok()) << plan.status();
  plan->packets = packets;
  return *std::move(plan);
}

constexpr char kTwoMessages[] = R"({
  "spate": 1,
  "messages": {
    "plain": {"packet": [{"ethernet": {}}, {"ipv4": {"src": "198.18.0.1", "dst": "198.18.0.2"}},
                         {"udp": {"src_port": 4000, "dst_port": 9}}], "size": 64},
    "named": {"info": "hello there",
              "packet": [{"ethernet": {}}, {"ipv4": {"src": "198.18.0.2", "dst": "198.18.0.1"}},
                         {"udp": {"src_port": 9, "dst_port": 4000}}], "size": 100}
  },
  "flows": {"talk": {"rate": "1kpps",
                     "steps": [{"send": "plain"}, {"wait": "250us"}, {"send": "named"}]}}
})";

TEST(Preview, DecodesPacketsInOrder) {
  const auto rows = Preview(PlanOf(kTwoMessages, 3));
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_EQ(rows->size(), 3u);
  const PreviewRow& first = rows->at(0);
  EXPECT_EQ(first.number, 1u);
  EXPECT_EQ(first.due_ps, 0);
  EXPECT_EQ(first.bytes, 64u);
  EXPECT_EQ(first.source, "198.18.0.1");
  EXPECT_EQ(first.destination, "198.18.0.2");
  EXPECT_EQ(first.protocol, "UDP");
  EXPECT_EQ(rows->at(1).due_ps, 250'000'000);
  EXPECT_EQ(rows->at(1).bytes, 100u);
  EXPECT_EQ(rows->at(2).due_ps, 1'000'000'000);
}

TEST(Preview, AMessagesLabelStandsForItsHeaders) {
  const auto rows = Preview(PlanOf(kTwoMessages, 2));
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(rows->at(0).info, "4000 → 9 Len=18");
  EXPECT_EQ(rows->at(1).info, "hello there");
}

TEST(Preview, ManyPacketsKeepTheirLabels) {
  const auto rows = Preview(PlanOf(kTwoMessages, 5'000));
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_EQ(rows->size(), 5'000u);
  for (const PreviewRow& row : *rows) {
    ASSERT_EQ(row.info == "hello there", row.bytes == 100) << row.number;
  }
}

}  // namespace
}  // namespace spate::cli
