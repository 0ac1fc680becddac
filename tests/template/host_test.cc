// Host sets, roles, tables and shared draws.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/random.h"
#include "base/text.h"
#include "sample.h"

namespace spate::tmpl {
namespace {

// One UDP message that reads hosts; keys of `hosts` and the fields of ethernet and ipv4.
core::Scenario WithHosts(const std::string& hosts, const std::string& ethernet,
                         const std::string& ipv4) {
  return MustCompile(Concat(R"({"spate": 1, "hosts": {)", hosts,
                            R"(}, "messages": {"m": {"packet": [{"ethernet": {)", ethernet,
                            R"(}}, {"ipv4": {)", ipv4, R"(}}, {"udp": {}}]}},
"flows": {"f": {"message": "m", "rate": "1pps"}}})"));
}

TEST(Hosts, OneDrawChoosesTheRowForAllFields) {
  const core::Scenario s = WithHosts(
      R"("c": {"count": 5, "mac": {"increment": {"start": "02:00:00:00:00:10", "step": 2}}, "ipv4": {"values": ["198.18.0.9", "198.18.0.1"]}})",
      R"("src": {"host": "c"})", R"("src": {"host": "c"})");
  ASSERT_EQ(s.messages[0].patches.size(), 2u);
  const core::Patch& mac = s.messages[0].patches[0];
  const core::Patch& ip = s.messages[0].patches[1];
  EXPECT_EQ(mac.index, ip.index);
  EXPECT_EQ(mac.bits, 48);
  EXPECT_EQ(mac.offset_bits, 48u);
  EXPECT_EQ(ip.offset_bits, 26u * 8);
  const core::Law& row = s.laws[s.draws[mac.index].law];
  EXPECT_EQ(row.kind, core::Law::Kind::kArithmetic);
  EXPECT_EQ(row.count, 5u);
  EXPECT_EQ(s.draws[mac.index].scope, core::Scope::kPacket);
  const core::Column& macs = s.columns[mac.column];
  EXPECT_TRUE(macs.values.empty());
  EXPECT_EQ(macs.start, 0x020000000010u);
  EXPECT_EQ(macs.step, 2u);
  // Two addresses for five hosts begin again.
  EXPECT_EQ(s.columns[ip.column].values,
            (std::vector<uint64_t>{0xc6120009, 0xc6120001, 0xc6120009, 0xc6120001, 0xc6120009}));
  for (size_t i = 26; i < 30; ++i) EXPECT_EQ(s.messages[0].frame.bytes[i], 0);
}

TEST(Hosts, AddressesMayBeScattered) {
  const auto addresses = [](const std::string& set, const std::string& hosts) {
    const core::Scenario s = WithHosts(
        Concat("\"", set, R"(": {"ipv4": {"permutation": {"start": "10.0.0.0", "count": 65536}})",
               hosts, "}"),
        "", Concat(R"("src": {"host": ")", set, "\"}"));
    return s.columns[s.messages[0].patches[0].column].values;
  };
  const std::vector<uint64_t> some = addresses("c", R"(, "count": 100)");
  ASSERT_EQ(some.size(), 100u);
  EXPECT_FALSE(std::ranges::is_sorted(some));
  const std::vector<uint64_t> all = addresses("c", "");
  EXPECT_TRUE(std::equal(some.begin(), some.end(), all.begin())) << "more hosts move no other";
  EXPECT_EQ(std::set(all.begin(), all.end()).size(), 65'536u);
  EXPECT_EQ(*std::ranges::min_element(all), 0x0a000000u);
  EXPECT_EQ(*std::ranges::max_element(all), 0x0a00ffffu);
  EXPECT_NE(addresses("d", R"(, "count": 100)"), some);
}

TEST(Hosts, ColumnsAreNoMatterOfChance) {
  const auto fault = [](const std::string& law) {
    return FaultsOf(Concat(R"({"spate": 1, "hosts": {"c": {"ipv4": )", law, R"(}},
"messages": {"m": {"packet": [{"ethernet": {}}, {"ipv4": {"src": {"host": "c"}}}, {"udp": {}}]}},
"flows": {"f": {"message": "m", "rate": "1pps"}}})"));
  };
  EXPECT_NE(fault(R"({"random": {"min": "10.0.0.0", "max": "10.0.0.9"}})")
                .find("found \"random\", expected a plain value, \"values\", \"increment\", "
                      "\"decrement\" or \"permutation\""),
            std::string::npos);
  EXPECT_NE(fault(R"({"values": ["10.0.0.0"], "per": "pass"})").find("found \"per\""),
            std::string::npos);
  EXPECT_NE(fault(R"({"permutation": {"start": "10.0.0.0", "count": 9000000}})")
                .find("found a permutation of 9000000 hosts, expected a \"count\" of hosts"),
            std::string::npos);
}

TEST(Hosts, SetsWithoutMacGetLocallyAdministeredOnes) {
  const core::Scenario s =
      WithHosts(R"("c": {"count": 3, "ipv4": {"increment": {"start": "198.18.0.1"}}},
"one": {"ipv4": "198.18.1.1"})",
                R"("src": {"host": "c"}, "dst": {"host": "one"})", R"("dst": {"host": "one"})");
  ASSERT_EQ(s.messages[0].patches.size(), 1u);  // a set of one is constant
  const core::Column& macs = s.columns[s.messages[0].patches[0].column];
  EXPECT_EQ(macs.start >> 40, 0x02u);
  EXPECT_EQ(macs.start >> 24 & 0xffff, NameKey("c") & 0xffff);
  EXPECT_EQ(macs.start & 0xffffff, 0u);
  EXPECT_EQ(s.messages[0].frame.bytes[0], 0x02);
  EXPECT_EQ(s.messages[0].frame.bytes[30], 198);
}

TEST(Hosts, PopularityIsTheLawOfTheRow) {
  const auto law = [](const std::string& pick) {
    const core::Scenario s = WithHosts(
        R"("c": {"count": 3, "ipv4": {"increment": {"start": "198.18.0.1"}}, )" + pick + "}", "",
        R"("src": {"host": "c"})");
    return s.laws[s.draws[s.messages[0].patches[0].index].law];
  };
  EXPECT_EQ(law(R"("pick": "uniform")").kind, core::Law::Kind::kUniform);
  EXPECT_EQ(law(R"("pick": "weights", "weights": [5, 3, 1])").weights,
            (std::vector<double>{5, 3, 1}));
  const core::Law zipf = law(R"("pick": "zipf", "zipf": 1)");
  EXPECT_EQ(zipf.kind, core::Law::Kind::kAlias);
  EXPECT_EQ(zipf.values, (std::vector<uint64_t>{0, 1, 2}));
  EXPECT_DOUBLE_EQ(zipf.weights[2], 1.0 / 3);
}

TEST(Hosts, RolesKeepTheirHostPerInstance) {
  const core::Scenario s = MustCompile(R"({"spate": 1,
"hosts": {"c": {"count": 9, "ipv4": {"increment": {"start": "198.18.0.1"}}}},
"messages": {"m": {"packet": [{"ethernet": {}}, {"ipv4": {"src": {"host": "me"}}}, {"udp": {}}]}},
"groups": {"g": {"count": 9, "bind": {"me": "c"}, "flows": {
"x": {"message": "m", "every": "1s"}, "y": {"message": "m", "every": "2s"}}},
"h": {"bind": {"me": {"host": "c", "per": "pass"}}, "flows": {"z": {"message": "m", "every": "1s"}}}}})");
  ASSERT_EQ(s.messages.size(), 3u);
  const auto draw = [&](size_t message) { return s.messages[message].patches.at(0).index; };
  EXPECT_EQ(draw(0), draw(1));
  EXPECT_EQ(s.draws[draw(0)].scope, core::Scope::kInstance);
  EXPECT_EQ(s.draws[draw(2)].scope, core::Scope::kPass);
}

TEST(Hosts, WideAddressesAreTwoPieces) {
  const auto ipv6 = [](const std::string& law) {
    return MustCompile(
        R"({"spate": 1, "messages": {"m": {"packet": [{"ethernet": {}}, {"ipv6": {"dst": )" + law +
        R"(}}, {"udp": {}}]}}, "flows": {"f": {"message": "m", "rate": "1pps"}}})");
  };
  // Within the lower half, the upper one is constant.
  const core::Scenario low = ipv6(R"({"increment": {"start": "2001:2::5", "count": 100}})");
  ASSERT_EQ(low.messages[0].patches.size(), 1u);
  EXPECT_EQ(low.messages[0].patches[0].offset_bits, (14u + 32) * 8);
  EXPECT_EQ(low.columns[low.messages[0].patches[0].column].start, 5u);
  // Without a count it begins again at the end of the lower half.
  const core::Scenario open = ipv6(R"({"increment": {"start": "2001:2::5"}})");
  EXPECT_EQ(open.laws[open.draws[open.messages[0].patches.at(0).index].law].count, UINT64_MAX - 4);
  // A step of a /64 moves the upper half alone.
  const core::Scenario high =
      ipv6(R"({"increment": {"start": "2001:2::5", "step": "0:0:0:1::", "count": 3}})");
  ASSERT_EQ(high.messages[0].patches.size(), 1u);
  EXPECT_EQ(high.messages[0].patches[0].offset_bits, (14u + 24) * 8);
  const core::Column& subnets = high.columns[high.messages[0].patches[0].column];
  EXPECT_EQ(subnets.start, 0x2001000200000000u);
  EXPECT_EQ(subnets.step, 1u);
  EXPECT_EQ(high.messages[0].frame.bytes[14 + 39], 5);
  // Across the middle both halves are written out.
  const core::Scenario across =
      ipv6(R"({"increment": {"start": "2001:2::ffff:ffff:ffff:ffff", "count": 2}})");
  ASSERT_EQ(across.messages[0].patches.size(), 2u);
  EXPECT_EQ(across.columns[0].values, (std::vector<uint64_t>{UINT64_MAX, 0}));
  EXPECT_EQ(across.columns[1].values,
            (std::vector<uint64_t>{0x2001000200000000, 0x2001000200000001}));
  const core::Scenario listed = ipv6(R"({"values": ["2001:2::1", "2001:3::2"]})");
  ASSERT_EQ(listed.messages[0].patches.size(), 2u);
  EXPECT_EQ(listed.messages[0].patches[0].index, listed.messages[0].patches[1].index);
}

TEST(Hosts, TableRowsStayTogether) {
  const core::Scenario s = MustCompile(R"({"spate": 1,
"tables": {"t": {"columns": ["ip", "port"], "rows": [["198.18.0.7", 53], ["198.18.0.8", 80]], "weights": [9, 1]}},
"messages": {"m": {"packet": [{"ethernet": {}}, {"ipv4": {"dst": {"row": "t", "column": "ip"}}},
{"udp": {"dst_port": {"row": "t", "column": "port"}}}]}}, "flows": {"f": {"message": "m", "rate": "1pps"}}})");
  const auto& patches = s.messages[0].patches;
  ASSERT_EQ(patches.size(), 2u);
  EXPECT_EQ(patches[0].index, patches[1].index);
  EXPECT_EQ(s.columns[patches[0].column].values, (std::vector<uint64_t>{0xc6120007, 0xc6120008}));
  EXPECT_EQ(s.columns[patches[1].column].values, (std::vector<uint64_t>{53, 80}));
  EXPECT_EQ(s.laws[s.draws[patches[0].index].law].weights, (std::vector<double>{9, 1}));
}

}  // namespace
}  // namespace spate::tmpl
