// The account of a run, for people and for programs.
#pragma once

#include <string>

#include "measure/result.h"
#include "report/json.h"
#include "report/terminal.h"

namespace spate::report {

// Ports, drops, lateness, stalls and lcores as short tables; drops and stalls only where there
// were some.
std::string RunText(const measure::RunResult& result, const Terminal& terminal);

// {"elapsed_s", "trace_s", "seed", "planned", "sent", "dropped": {reason: n}, "stalls",
//  "stalled_s", "ports": [{"name", "kind", "tx_packets", "tx_bytes", "tx_pps", "tx_bps_l1",
//  "tx_bps_l2"}; with "rx_packets", "rx_bytes", "rx_missed" where it receives], "lateness_ns":
//  {"p50", "p99", "p999", "max"}, "lcores": [{"id", "role", "packets", "busy",
//  "cycles_per_packet"}], "verdict"}; "mode", "clock": {"kind": "tsc"|"monotonic", …} or null;
//  ports of paced runs have "departure_ns" and "interruptions"; "swaps": [{"elapsed_s", "trace_s",
//  "sent", "mode"}], when and after how many packets another plan took over and how that one is
//  sent; verdict is "done" or says what cut the run short.
Json RunJson(const measure::RunResult& result);

}  // namespace spate::report
