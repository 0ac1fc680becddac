// What a run tells: its figures while it goes on and its account at the end. Filled by the engine,
// printed by report/.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "measure/records.h"

namespace spate::measure {

struct PortResult {
  std::string name;
  std::string kind;
  uint64_t tx_packets = 0, tx_bytes = 0;  // bytes with FCS
  double tx_pps = 0, tx_bps_l1 = 0, tx_bps_l2 = 0;
  bool receives = false;                  // what arrives is counted, too
  uint64_t rx_packets = 0, rx_bytes = 0;  // bytes with FCS
  uint64_t rx_missed = 0;                 // arrived, but there was no room for them
  bool keeps_time = false;                // paced runs: the device sent each packet at its time
  // Paced runs: departure − due, or late hand-over to a device that keeps time, of the packets that
  // no interruption of an lcore delayed …
  Histogram departure_ns;
  Interruptions interruptions;  // … and the others
};

struct LcoreResult {
  int id = 0;        // CPU
  std::string role;  // "generation", "emission", "fused"
  uint64_t packets = 0;
  double busy = 0;               // share of its time that was not idle polling, 0–1
  double cycles_per_packet = 0;  // TSC cycles of busy time
};

// What paced runs go by.
struct ClockResult {
  bool paced = false;
  double tsc_hz = 0;   // 0: CLOCK_MONOTONIC is read …
  std::string reason;  // … because of this
};

// A plan that took over from another while the run went on.
struct Swap {
  double elapsed_s = 0;  // when: of the clock …
  double trace_s = 0;    // … and of the trace, where its own begins
  uint64_t sent = 0;     // packets before it
  std::string mode;      // of the new plan
};

struct RunResult {
  std::string mode;  // "prefilled", "run-to-completion", "pipeline"
  ClockResult clock;
  double elapsed_s = 0;  // of the clock
  double trace_s = 0;    // of the trace: due time of the last packet
  uint64_t seed = 0;
  uint64_t planned = 0, sent = 0;
  std::map<std::string, uint64_t> dropped;  // by reason
  std::vector<PortResult> ports;
  Histogram lateness_ns;  // paced runs; departure − due
  uint64_t stalls = 0;    // times the schedule was shifted …
  double stalled_s = 0;   // … and by how much in all
  std::vector<LcoreResult> lcores;
  std::vector<Swap> swaps;  // in order
  absl::Status verdict;     // not OK: truncated; says why
};

struct Progress {
  double elapsed_s = 0;
  uint64_t sent = 0, bytes = 0;  // bytes with FCS
  uint64_t dropped = 0;
  uint64_t stalls = 0;
  double trace_s = 0;
  std::vector<PortResult> ports;  // rates since the last call
  // What it was told meanwhile.
  double speed = 1;                  // of the schedule
  bool held = false;                 // nothing is sent
  std::vector<std::string> stopped;  // flows
  uint64_t swaps = 0;
};

}  // namespace spate::measure
