#include "report/run_report.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/plural.h"
#include "nlohmann/json.hpp"
#include "report/table.h"
#include "report/units.h"

namespace spate::report {
namespace {

using measure::LcoreResult;
using measure::PortResult;
using measure::RunResult;

std::string PortTable(const RunResult& result, const Terminal& terminal) {
  Table table({{"Port"},
               {"Kind"},
               {"Packets", Align::kRight},
               {"Bytes", Align::kRight},
               {"Rate", Align::kRight},
               {"L1", Align::kRight},
               {"L2", Align::kRight}});
  for (const PortResult& port : result.ports) {
    table.Add({port.name, port.kind, Count(port.tx_packets), Count(port.tx_bytes), Pps(port.tx_pps),
               Bps(port.tx_bps_l1), Bps(port.tx_bps_l2)});
  }
  return table.Render(terminal.bold(), terminal.plain());
}

// "" when no port receives.
std::string ReceiveTable(const RunResult& result, const Terminal& terminal) {
  Table table({{"Received at"},
               {"Packets", Align::kRight},
               {"Bytes", Align::kRight},
               {"Missed", Align::kRight}});
  for (const PortResult& port : result.ports) {
    if (!port.receives) continue;
    table.Add({port.name, Count(port.rx_packets), Count(port.rx_bytes), Count(port.rx_missed)});
  }
  return table.empty() ? "" : table.Render(terminal.bold(), terminal.plain());
}

std::string LcoreTable(const RunResult& result, const Terminal& terminal) {
  Table table({{"Lcore", Align::kRight},
               {"Role"},
               {"Packets", Align::kRight},
               {"Busy", Align::kRight},
               {"Cycles/packet", Align::kRight}});
  for (const LcoreResult& lcore : result.lcores) {
    table.Add({lcore.id < 0 ? "any" : absl::StrCat(lcore.id), lcore.role, Count(lcore.packets),
               Percent(lcore.busy), absl::StrFormat("%.0f", lcore.cycles_per_packet)});
  }
  return table.Render(terminal.bold(), terminal.plain());
}

uint64_t Total(const std::map<std::string, uint64_t>& dropped) {
  uint64_t total = 0;
  for (const auto& [reason, count] : dropped) total += count;
  return total;
}

std::string AccountLine(const RunResult& result) {
  std::string text = absl::StrCat("sent ", Count(result.sent), " of ", Count(result.planned),
                                  " planned, dropped ", Count(Total(result.dropped)));
  const char* separator = " (";
  for (const auto& [reason, count] : result.dropped) {
    absl::StrAppend(&text, separator, Printable(reason), " ", Count(count));
    separator = ", ";
  }
  return text + (result.dropped.empty() ? "\n" : ")\n");
}

std::string DepartureLine(const PortResult& port) {
  const measure::Histogram& error = port.departure_ns;
  const measure::Interruptions& away = port.interruptions;
  std::string text =
      absl::StrCat(port.keeps_time ? "departures by the device's own clock, handed over late at "
                                   : "departure error at ",
                   port.name, ": p50 ", Nanos(error.Quantile(0.5)), ", p99 ",
                   Nanos(error.Quantile(0.99)), ", max ", Nanos(error.max()), "\n");
  if (away.count > 0) {
    absl::StrAppend(&text, "  left out: ", Count(away.lateness_ns.count()), " ",
                    Plural(away.lateness_ns.count(), "packet"), " after ", Count(away.count), " ",
                    Plural(away.count, "interruption"), " of ",
                    Seconds(static_cast<double>(away.total_ns) / 1e9), " in all, the longest ",
                    Nanos(away.longest_ns), "\n");
  }
  return text;
}

// How it was sent and, where it was paced, by which clock.
std::string ModeLine(const RunResult& result) {
  std::string text = absl::StrCat("mode ", result.mode);
  if (result.clock.tsc_hz > 0) {
    absl::StrAppendFormat(&text, ", paced by the TSC at %.3f GHz", result.clock.tsc_hz / 1e9);
  } else if (result.clock.paced) {
    absl::StrAppend(&text, ", paced by CLOCK_MONOTONIC: ", result.clock.reason);
  }
  return text + "\n";
}

// "" where the plan stayed the same.
std::string SwapLine(const std::vector<measure::Swap>& swaps) {
  if (swaps.empty()) return "";
  std::string text =
      absl::StrCat("plan changed ", Count(swaps.size()), " ", Plural(swaps.size(), "time"), ": ");
  const char* separator = "";
  for (const measure::Swap& swap : swaps) {
    absl::StrAppend(&text, separator, "at ", Seconds(swap.elapsed_s), " after ", Count(swap.sent),
                    " ", Plural(swap.sent, "packet"));
    separator = ", ";
  }
  return text + "\n";
}

std::string TimeLines(const RunResult& result) {
  std::string text = absl::StrCat("trace of ", Seconds(result.trace_s), ", took ",
                                  Seconds(result.elapsed_s), ", seed ", result.seed, "\n");
  const measure::Histogram& late = result.lateness_ns;
  if (late.count() > 0) {
    absl::StrAppend(&text, "lateness p50 ", Nanos(late.Quantile(0.5)), ", p99 ",
                    Nanos(late.Quantile(0.99)), ", p99.9 ", Nanos(late.Quantile(0.999)), ", max ",
                    Nanos(late.max()), "\n");
    for (const PortResult& port : result.ports) {
      if (port.tx_packets > 0) text += DepartureLine(port);
    }
  }
  if (result.stalls > 0) {
    absl::StrAppend(&text, "stalls ", Count(result.stalls), ": the schedule stood still for ",
                    Seconds(result.stalled_s), " in all\n");
  }
  return text + SwapLine(result.swaps);
}

Json LatenessJson(const measure::Histogram& late) {
  return {{"p50", late.Quantile(0.5)},
          {"p99", late.Quantile(0.99)},
          {"p999", late.Quantile(0.999)},
          {"max", late.max()}};
}

// A histogram with the number of packets in it.
Json DepartureJson(const measure::Histogram& error) {
  Json json = LatenessJson(error);
  json["packets"] = error.count();
  return json;
}

Json InterruptionsJson(const measure::Interruptions& away) {
  return {{"count", away.count},
          {"total_s", static_cast<double>(away.total_ns) / 1e9},
          {"longest_ns", away.longest_ns},
          {"departure_ns", DepartureJson(away.lateness_ns)}};
}

Json ClockJson(const measure::ClockResult& clock) {
  if (!clock.paced) return nullptr;
  if (clock.tsc_hz > 0) return {{"kind", "tsc"}, {"hz", clock.tsc_hz}};
  return {{"kind", "monotonic"}, {"reason", clock.reason}};
}

Json PortJson(const PortResult& port) {
  Json json = {
      {"name", port.name},          {"kind", port.kind},     {"tx_packets", port.tx_packets},
      {"tx_bytes", port.tx_bytes},  {"tx_pps", port.tx_pps}, {"tx_bps_l1", port.tx_bps_l1},
      {"tx_bps_l2", port.tx_bps_l2}};
  if (port.receives) {
    json["rx_packets"] = port.rx_packets;
    json["rx_bytes"] = port.rx_bytes;
    json["rx_missed"] = port.rx_missed;
  }
  return json;
}

Json SwapJson(const measure::Swap& swap) {
  return {{"elapsed_s", swap.elapsed_s},
          {"trace_s", swap.trace_s},
          {"sent", swap.sent},
          {"mode", swap.mode}};
}

Json LcoreJson(const LcoreResult& lcore) {
  return {{"id", lcore.id},
          {"role", lcore.role},
          {"packets", lcore.packets},
          {"busy", lcore.busy},
          {"cycles_per_packet", lcore.cycles_per_packet}};
}

}  // namespace

std::string RunText(const RunResult& result, const Terminal& terminal) {
  return absl::StrCat(PortTable(result, terminal), ReceiveTable(result, terminal),
                      AccountLine(result), TimeLines(result), ModeLine(result), "\n",
                      LcoreTable(result, terminal));
}

Json RunJson(const RunResult& result) {
  Json json = {{"elapsed_s", result.elapsed_s},
               {"trace_s", result.trace_s},
               {"seed", result.seed},
               {"planned", result.planned},
               {"sent", result.sent},
               {"dropped", Json::object()},
               {"stalls", result.stalls},
               {"stalled_s", result.stalled_s},
               {"ports", Json::array()},
               {"lateness_ns", LatenessJson(result.lateness_ns)},
               {"lcores", Json::array()},
               {"swaps", Json::array()},
               {"mode", result.mode},
               {"clock", ClockJson(result.clock)},
               {"verdict", result.verdict.ok() ? "done" : std::string(result.verdict.message())}};
  for (const auto& [reason, count] : result.dropped) json["dropped"][reason] = count;
  for (const PortResult& port : result.ports) {
    Json& of_port = json["ports"].emplace_back(PortJson(port));
    if (!result.clock.paced) continue;
    of_port["departs_by"] = port.keeps_time ? "device" : "lcore";
    of_port["departure_ns"] = DepartureJson(port.departure_ns);
    of_port["interruptions"] = InterruptionsJson(port.interruptions);
  }
  for (const LcoreResult& lcore : result.lcores) json["lcores"].push_back(LcoreJson(lcore));
  for (const measure::Swap& swap : result.swaps) json["swaps"].push_back(SwapJson(swap));
  return json;
}

}  // namespace spate::report
