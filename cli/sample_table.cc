#include "cli/sample_table.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/units.h"
#include "report/table.h"
#include "report/units.h"

namespace spate::cli {
namespace {

// Groups are named after the service that they tell: "mqtt", "mqtt_2"; of "http" and "http_alt" the
// longer one fits "http_alt_2".
bool NamedAfter(const std::string& group, const std::string& service) {
  return group == service || absl::StartsWith(group, service + "_");
}

std::string GroupsOf(const generator::Sample& sample, const tmpl::Template& made,
                     const std::string& service) {
  std::vector<std::string> groups;
  for (const auto& [name, group] : made.groups) {
    const bool others = std::ranges::any_of(sample.services, [&](const auto& other) {
      return other.name.size() > service.size() && NamedAfter(name, other.name);
    });
    if (others || !NamedAfter(name, service)) continue;
    groups.push_back(group.count == 1 ? name : absl::StrCat(name, " × ", group.count));
  }
  return absl::StrJoin(groups, ", ");
}

}  // namespace

std::string SampleTable(const generator::Sample& sample, const tmpl::Template& made,
                        const report::Terminal& terminal) {
  using report::Align;
  report::Table table({{"Service"},
                       {"Packets", Align::kRight},
                       {"Bytes", Align::kRight},
                       {"Conversations", Align::kRight},
                       {"Groups"}});
  for (const generator::SampleService& service : sample.services) {
    // Of the frames with FCS, as everywhere; captures hold them without.
    const uint64_t bytes = service.bytes + service.packets * kFcsBytes;
    table.Add({service.name, report::Count(service.packets), report::Count(bytes),
               report::Count(service.conversations.size()), GroupsOf(sample, made, service.name)});
  }
  return absl::StrCat(
      report::Printable(sample.file), ": ", report::Count(sample.packets.size()), " packets in ",
      report::Nanos(sample.duration_ns), ", ", report::Count(sample.endpoints.size()), " endpoints",
      sample.skipped > 0
          ? absl::StrCat(", ", report::Count(sample.skipped), " more packets were not read")
          : "",
      "\n", table.Render(terminal.bold(), terminal.plain()), "template: ", made.hosts.size(),
      " host sets, ", made.messages.size(), " messages, ", made.groups.size(), " groups\n");
}

}  // namespace spate::cli
