// What a session tells: figures while it runs, its account at the end.
#include <algorithm>
#include <chrono>
#include <string>

#include "engine/run/session.h"

namespace spate::engine {
namespace {

using std::chrono::duration;
using std::chrono::steady_clock;

void SetRates(packet::LinkType link, double seconds, uint64_t packets, uint64_t bytes_with_fcs,
              PortResult& port) {
  if (seconds <= 0) return;
  const double p = static_cast<double>(packets), b = static_cast<double>(bytes_with_fcs);
  port.tx_pps = p / seconds;
  port.tx_bps_l2 = b * 8 / seconds;
  port.tx_bps_l1 = (b + p * packet::FramingOf(link).l1_bytes) * 8 / seconds;
}

}  // namespace

// A leg is over: what its emitters and generators counted becomes part of the run's account.
void Session::Settle(Leg& leg) {
  for (size_t i = 0; i < emitted_.size(); ++i) {
    const Emitter& emitter = leg.emitters()[i];
    emitted_[i].lateness_ns.Merge(emitter.lateness().own_ns());
    emitted_[i].interruptions.Merge(emitter.lateness().interruptions());
    emitted_[i].departures.Merge(emitter.departures());
    emitted_[i].busy_cycles += emitter.busy_cycles();
  }
  for (size_t i = 0; i < generated_.size(); ++i) {
    generated_[i].packets += leg.generators()[i].packets();
    generated_[i].busy_cycles += leg.generators()[i].busy_cycles();
  }
}

bool Session::AnyPaced() const {
  return std::ranges::any_of(wiring_.ports, [&](const Port* port) { return base_.Paced(*port); });
}

std::vector<PortResult> Session::Totals() const {
  std::vector<PortResult> ports;
  for (const Port* port : wiring_.ports) {
    ports.push_back({.name = std::string(port->name()), .kind = std::string(port->kind())});
  }
  const uint32_t fcs = packet::FramingOf(link_).fcs_bytes;
  for (uint32_t lane = 0; lane < base_.lanes(); ++lane) {
    const LaneCounters& counters = shared_.counters[lane];
    PortResult& port = ports[lane / base_.per_port()];
    const uint64_t packets = counters.packets.load(std::memory_order_acquire);
    port.tx_packets += packets;
    port.tx_bytes += counters.bytes.load(std::memory_order_relaxed) + packets * fcs;
  }
  AddReceived(ports);
  return ports;
}

void Session::AddReceived(std::vector<PortResult>& ports) const {
  const uint32_t fcs = packet::FramingOf(link_).fcs_bytes;
  for (size_t i = 0; i < rx_queues_.size(); ++i) {
    const Port* const port = wiring_.receivers[i];
    const auto sends = std::ranges::find(wiring_.ports, port);
    auto at = static_cast<size_t>(sends - wiring_.ports.begin());
    if (sends == wiring_.ports.end()) {
      at = ports.size();
      ports.push_back({.name = std::string(port->name()), .kind = std::string(port->kind())});
    }
    ports[at].receives = true;
    ports[at].rx_packets = receiver_->counters(i).packets.load(std::memory_order_relaxed);
    ports[at].rx_bytes =
        receiver_->counters(i).bytes.load(std::memory_order_relaxed) + ports[at].rx_packets * fcs;
  }
}

// Figures for people while it runs; rates since `last`, which becomes the present.
Progress Session::Report(double seconds, std::vector<PortResult>& last) const {
  Progress progress;
  progress.ports = Totals();
  for (size_t i = 0; i < last.size(); ++i) {
    PortResult& now = progress.ports[i];
    SetRates(link_, seconds, now.tx_packets - last[i].tx_packets, now.tx_bytes - last[i].tx_bytes,
             now);
    progress.sent += now.tx_packets;
    progress.bytes += now.tx_bytes;
  }
  last = progress.ports;
  progress.elapsed_s = duration<double>(steady_clock::now() - began_).count();
  progress.stalls = shared_.schedule.stalls();
  progress.speed = speed_;
  progress.held = held_;
  for (const std::string& name : leg_->plan().flow_names) {
    if (muted_.contains(name)) progress.stopped.push_back(name);
  }
  progress.swaps = swaps_.size();
  for (const LaneCounters& lane : shared_.counters) {
    progress.dropped += lane.dropped_late.load(std::memory_order_relaxed) +
                        lane.dropped_stopped.load(std::memory_order_relaxed);
    progress.trace_s = std::max(progress.trace_s,
                                Picos{lane.last_due_ps.load(std::memory_order_relaxed)}.seconds());
  }
  return progress;
}

// The time in which the port sent all its packets: of paced ones as many gaps as there are packets,
// which is what their rate is taken over; of others the whole run.
double Session::SecondsOf(size_t port, double elapsed_s) const {
  if (!base_.Paced(*wiring_.ports[port])) return elapsed_s;
  Departures all;
  for (size_t lane = port * base_.per_port(); lane < (port + 1) * base_.per_port(); ++lane) {
    all.Merge(emitted_[lane].departures);
  }
  return all.GapsSeconds().value_or(elapsed_s);
}

RunResult Session::Result() const {
  RunResult result;
  result.mode = ModeName(leg_->mode());
  result.clock = {.paced = AnyPaced(), .tsc_hz = base_.tsc.hz, .reason = base_.tsc.reason};
  result.seed = seed_;
  result.elapsed_s = std::max(0.0, duration<double>(ended_ - began_).count());
  result.stalls = shared_.schedule.stalls();
  result.stalled_s = Picos{shared_.schedule.stalled_ps()}.seconds();
  result.ports = Totals();
  const auto add = [&](const char* reason, uint64_t count) {
    if (count > 0) result.dropped[reason] += count;
    result.planned += count;
  };
  for (const LaneCounters& lane : shared_.counters) {
    add("impairment", lane.impaired);
    add("late", lane.dropped_late);
    add("port", lane.dropped_port);
    add("interrupted", lane.dropped_interrupted);
    add("stopped", lane.dropped_stopped);
    result.trace_s = std::max(result.trace_s, Picos{lane.last_due_ps}.seconds());
  }
  for (size_t i = 0; i < rx_queues_.size(); ++i) {
    const auto port =
        std::ranges::find(result.ports, wiring_.receivers[i]->name(), &PortResult::name);
    port->rx_missed = rx_queues_[i]->missed();
  }
  for (size_t i = 0; i < wiring_.ports.size(); ++i) {
    PortResult& port = result.ports[i];
    port.keeps_time = base_.Paced(*wiring_.ports[i]) && wiring_.ports[i]->keeps_time();
    result.sent += port.tx_packets;
    const double seconds =
        wiring_.ports[i]->virtual_time() ? result.trace_s : SecondsOf(i, result.elapsed_s);
    SetRates(link_, seconds, port.tx_packets, port.tx_bytes, port);
  }
  result.planned += result.sent;
  for (size_t lane = 0; lane < emitted_.size(); ++lane) {
    PortResult& port = result.ports[lane / base_.per_port()];
    port.departure_ns.Merge(emitted_[lane].lateness_ns);
    port.interruptions.Merge(emitted_[lane].interruptions);
  }
  for (const PortResult& port : result.ports) {
    result.lateness_ns.Merge(port.departure_ns);
    result.lateness_ns.Merge(port.interruptions.lateness_ns);
  }
  result.lcores = LcoreResults();
  result.swaps = swaps_;
  return result;
}

std::vector<LcoreResult> Session::LcoreResults() const {
  std::vector<LcoreResult> results;
  const auto add = [&](const Lcore& lcore, uint64_t packets, uint64_t busy) {
    const double cycles = static_cast<double>(std::max<uint64_t>(lcore.cycles, 1));
    results.push_back(
        {.id = lcore.cpu,
         .role = lcore.role,
         .packets = packets,
         .busy = std::min(1.0, static_cast<double>(busy) / cycles),
         .cycles_per_packet =
             packets == 0 ? 0 : static_cast<double>(busy) / static_cast<double>(packets)});
  };
  for (size_t i = 0; i < emitted_.size(); ++i) {
    add(lcores_[i], shared_.counters[i].packets, emitted_[i].busy_cycles);
  }
  for (size_t i = 0; i < generated_.size(); ++i) {
    add(lcores_[emitted_.size() + i], generated_[i].packets, generated_[i].busy_cycles);
  }
  if (receiver_.has_value()) add(rx_lcore_, receiver_->packets(), receiver_->busy_cycles());
  return results;
}

}  // namespace spate::engine
