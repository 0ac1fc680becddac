#include "generator/prompt/digest.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "generator/prompt/calibrate.h"
#include "template/quantity.h"

namespace spate::generator {
namespace {

constexpr size_t kShownSteps = 14;     // of a typical conversation
constexpr size_t kShownFollowers = 4;  // messages whose followers are listed
constexpr size_t kShownRows = 6;       // packets in order of time

// "12ms": two digits, as more would say nothing to a reader.
std::string Time(int64_t ns) {
  double scale = 1;
  while (ns >= 100 * scale || ns <= -100 * scale) scale *= 10;
  const double rounded =
      static_cast<double>(static_cast<int64_t>(static_cast<double>(ns) / scale)) * scale;
  return tmpl::FormatDuration(rounded * 1e-9);
}

std::string Quartiles(std::vector<int64_t> values) {
  if (values.empty()) return "none";
  std::sort(values.begin(), values.end());
  const auto at = [&](size_t percent) { return Time(values[(values.size() - 1) * percent / 100]); };
  return absl::StrCat(at(10), " / ", at(50), " / ", at(90));
}

std::string Hosts(const Sample& sample, const OutlineService& service, bool clients) {
  std::set<uint32_t> endpoints;
  for (uint32_t c : sample.services[service.service].conversations) {
    const SampleConversation& conversation = sample.conversations[c];
    endpoints.insert(clients ? conversation.client : conversation.server);
  }
  std::vector<std::string> names;
  for (uint32_t e : endpoints) {
    const Endpoint& endpoint = sample.endpoints[e];
    names.push_back(endpoint.ip.empty() ? endpoint.mac : endpoint.ip);
  }
  const std::string shown =
      names.size() < 3 ? absl::StrJoin(names, ", ") : absl::StrCat(names[0], " … ", names.back());
  return absl::StrCat(names.size(), clients ? " client" : " server", names.size() == 1 ? "" : "s",
                      " (", shown, ")");
}

void AppendMessages(const OutlineService& service, std::string& out) {
  absl::StrAppend(&out, "messages (sender, packets, bytes):\n");
  for (const OutlineMessage& m : service.messages) {
    absl::StrAppend(&out, "  ", m.id, ": ", m.from_client ? "client" : "server", ", ", m.count,
                    ", ", m.least_bytes);
    if (m.most_bytes > m.least_bytes) absl::StrAppend(&out, "-", m.most_bytes);
    absl::StrAppend(&out, "\n");
  }
}

// The beginning that most conversations share.
void AppendTypicalOrder(const OutlineService& service, std::string& out) {
  std::map<std::vector<uint16_t>, size_t> beginnings;
  for (const auto& events : service.conversations) {
    std::vector<uint16_t> beginning;
    for (size_t i = 0; i < std::min(events.size(), kShownSteps); ++i) {
      beginning.push_back(events[i].message);
    }
    ++beginnings[beginning];
  }
  const auto most =
      std::max_element(beginnings.begin(), beginnings.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  absl::StrAppend(&out, "typical order:");
  for (uint16_t message : most->first) {
    absl::StrAppend(&out, " ", message == kUnlisted ? "(other)" : service.messages[message].id);
  }
  absl::StrAppend(&out, most->first.size() == kShownSteps ? " …\n" : "\n");
}

void AppendFollowers(const OutlineService& service, std::string& out) {
  const std::vector<uint64_t> counts = Successions(service);
  const size_t n = service.messages.size();
  for (size_t a = 0; a < std::min(n, kShownFollowers); ++a) {
    std::vector<size_t> next;
    uint64_t total = 0;
    for (size_t b = 0; b < n; ++b) {
      if (counts[a * n + b] > 0) next.push_back(b);
      total += counts[a * n + b];
    }
    if (next.empty()) continue;
    std::stable_sort(next.begin(), next.end(),
                     [&](size_t x, size_t y) { return counts[a * n + x] > counts[a * n + y]; });
    if (next.size() > 3) next.resize(3);
    absl::StrAppend(&out, "after ", service.messages[a].id, ":");
    for (size_t b : next) {
      absl::StrAppendFormat(&out, " %s %d%%", service.messages[b].id,
                            100 * counts[a * n + b] / total);
    }
    absl::StrAppend(&out, "\n");
  }
}

void AppendTimes(const Sample& sample, const OutlineService& service, std::string& out) {
  std::vector<int64_t> gaps, starts, between;
  std::vector<size_t> lengths;
  for (const auto& events : service.conversations) {
    lengths.push_back(events.size());
    starts.push_back(sample.packets[events.front().packet].time_ns);
    for (size_t i = 1; i < events.size(); ++i) gaps.push_back(events[i].gap_ns);
  }
  std::sort(starts.begin(), starts.end());
  for (size_t i = 1; i < starts.size(); ++i) between.push_back(starts[i] - starts[i - 1]);
  std::sort(lengths.begin(), lengths.end());
  absl::StrAppend(&out, lengths.size(), " conversations of ", lengths.front(), " to ",
                  lengths.back(), " packets (median ", lengths[lengths.size() / 2],
                  "); between their starts ", Quartiles(between), ", between packets ",
                  Quartiles(gaps), "\n");
}

void AppendRows(const Sample& sample, const OutlineService& service, std::string& out) {
  absl::StrAppend(&out, "the first packets:\n");
  const auto& events = service.conversations.front();
  for (size_t i = 0; i < std::min(events.size(), kShownRows); ++i) {
    const SamplePacket& p = sample.packets[events[i].packet];
    const uint16_t message = events[i].message;
    absl::StrAppendFormat(&out, "  %.6f %s %d\n", static_cast<double>(p.time_ns) * 1e-9,
                          message == kUnlisted ? "(other)" : service.messages[message].id,
                          p.frame_bytes);
  }
}

std::string Names(const Outline& outline) {
  return absl::StrJoin(outline.services, ", ", [](std::string* out, const OutlineService& s) {
    absl::StrAppend(out, s.name);
  });
}

}  // namespace

std::string Digest(const Outline& outline, const OutlineService& service) {
  const Sample& sample = *outline.sample;
  const SampleService& from = sample.services[service.service];
  std::string out = absl::StrFormat(
      "A capture of %.1f s with the services %s. Times are the 10 / 50 / 90 %% quantiles.\n\n",
      static_cast<double>(sample.duration_ns) * 1e-9, Names(outline));
  absl::StrAppend(&out, "Service ", service.name, " (", score::ProtocolName(from.protocol), " ",
                  from.number, "): ", service.packets, " packets of ",
                  service.bytes / service.packets, " bytes, ", Hosts(sample, service, true), ", ",
                  Hosts(sample, service, false), "\n");
  AppendTimes(sample, service, out);
  AppendMessages(service, out);
  AppendTypicalOrder(service, out);
  AppendFollowers(service, out);
  AppendRows(sample, service, out);
  return out;
}

}  // namespace spate::generator
