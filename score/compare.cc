#include "score/compare.h"

#include <algorithm>
#include <cmath>

#include "base/status.h"

namespace spate::score {
namespace {

double Ratio(double generated, double sample) { return sample > 0 ? generated / sample : 0; }

double ShareToServer(const ServiceStats& s) {
  return s.packets > 0 ? static_cast<double>(s.packets_to_server) / static_cast<double>(s.packets)
                       : 0;
}

template <class T>
double AsDouble(T value) {
  return static_cast<double>(value);
}

// Every address that speaks in the generated capture plays a part that it has in the sample.
bool SameRoles(const ServiceStats& generated, const ServiceStats& sample) {
  const auto within = [](const std::set<std::string>& part, const std::set<std::string>& whole) {
    return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
  };
  return generated.packets > 0 && within(generated.clients, sample.clients) &&
         within(generated.servers, sample.servers);
}

CompareRow MakeRow(const std::string& service, const ServiceStats& generated,
                   const ServiceStats& sample) {
  CompareRow row{.service = service, .generated = generated, .sample = sample};
  row.packets_ratio = Ratio(AsDouble(generated.packets), AsDouble(sample.packets));
  row.bytes_ratio = Ratio(AsDouble(generated.bytes), AsDouble(sample.bytes));
  row.mean_size_ratio = Ratio(generated.mean_size(), sample.mean_size());
  const bool gaps = generated.packets > 1 || sample.packets > 1;
  row.mean_gap_ratio = gaps ? Ratio(generated.mean_gap_s(), sample.mean_gap_s()) : 1;
  row.to_server_ratio = Ratio(ShareToServer(generated), ShareToServer(sample));
  row.size_jsd = JensenShannonDistance(generated.sizes, sample.sizes);
  row.same_roles = SameRoles(generated, sample);
  return row;
}

double WorstOf(const std::vector<CompareRow>& rows) {
  double worst = 0;
  for (const CompareRow& row : rows) {
    if (row.sample.packets == 0) continue;
    for (double ratio : {row.packets_ratio, row.bytes_ratio, row.mean_gap_ratio}) {
      worst = std::max(worst, std::fabs(ratio - 1));
    }
  }
  return worst;
}

}  // namespace

double JensenShannonDistance(const std::map<uint32_t, uint64_t>& a,
                             const std::map<uint32_t, uint64_t>& b) {
  double total_a = 0, total_b = 0;
  std::map<uint32_t, std::pair<double, double>> both;
  for (const auto& [size, n] : a) both[size].first = AsDouble(n), total_a += AsDouble(n);
  for (const auto& [size, n] : b) both[size].second = AsDouble(n), total_b += AsDouble(n);
  if (total_a == 0 || total_b == 0) return 1;
  double divergence = 0;
  for (const auto& [size, n] : both) {
    const double p = n.first / total_a, q = n.second / total_b, m = (p + q) / 2;
    if (p > 0) divergence += p / 2 * std::log2(p / m);
    if (q > 0) divergence += q / 2 * std::log2(q / m);
  }
  return std::sqrt(std::clamp(divergence, 0.0, 1.0));
}

Comparison Compare(TraceStats generated, TraceStats sample) {
  Comparison result;
  for (const auto& [service, stats] : sample.services) {
    const auto other = generated.services.find(service);
    const bool found = other != generated.services.end();
    result.rows.push_back(MakeRow(service, found ? other->second : ServiceStats{}, stats));
  }
  for (const auto& [service, stats] : generated.services) {
    if (!sample.services.contains(service)) result.rows.push_back(MakeRow(service, stats, {}));
  }
  std::stable_sort(
      result.rows.begin(), result.rows.end(),
      [](const CompareRow& a, const CompareRow& b) { return a.sample.packets > b.sample.packets; });
  result.packets_ratio = Ratio(AsDouble(generated.packets), AsDouble(sample.packets));
  result.bytes_ratio = Ratio(AsDouble(generated.bytes), AsDouble(sample.bytes));
  result.worst = WorstOf(result.rows);
  result.generated = std::move(generated);
  result.sample = std::move(sample);
  return result;
}

absl::StatusOr<Comparison> CompareFiles(const std::string& generated, const std::string& sample) {
  SPATE_ASSIGN_OR_RETURN(TraceStats a, ReadTraceStats(generated));
  SPATE_ASSIGN_OR_RETURN(TraceStats b, ReadTraceStats(sample));
  return Compare(std::move(a), std::move(b));
}

}  // namespace spate::score
