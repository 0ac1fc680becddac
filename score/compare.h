// A generated capture beside its sample, service by service.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "score/trace_stats.h"

namespace spate::score {

// One service in both captures. Ratios are generated / sample; 0 where the sample has nothing,
// mean_gap_ratio 1 where neither has two packets.
struct CompareRow {
  std::string service;
  ServiceStats generated, sample;
  double packets_ratio = 0, bytes_ratio = 0, mean_size_ratio = 0, mean_gap_ratio = 0;
  double to_server_ratio = 0;  // share of packets towards the server
  double size_jsd = 0;         // Jensen-Shannon distance of exact sizes, base 2, in [0, 1]
  bool same_roles = false;     // the sample's clients and servers, none of them swapped
};

struct Comparison {
  TraceStats generated, sample;
  std::vector<CompareRow> rows;  // every service of either, the sample's most packets first
  double packets_ratio = 0, bytes_ratio = 0;
  // Largest |ratio - 1| of packets, bytes and mean gap over the sample's services.
  double worst = 0;
};

Comparison Compare(TraceStats generated, TraceStats sample);
// Errors: those of ReadTraceStats.
absl::StatusOr<Comparison> CompareFiles(const std::string& generated, const std::string& sample);

// Square root of the base-2 Jensen-Shannon divergence of two histograms; 1 when one is empty.
double JensenShannonDistance(const std::map<uint32_t, uint64_t>& a,
                             const std::map<uint32_t, uint64_t>& b);

}  // namespace spate::score
