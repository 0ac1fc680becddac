// What the engine asks of a place to send packets to. A port kind is one file in engine/port/ and
// one line in engine/port/table.cc. Calls are per burst, never per packet.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "packet/frame.h"
#include "template/core.h"

namespace spate::engine {

inline constexpr uint16_t kBurst = 64;

// Frames of one burst, as columns: each kernel walks only the columns it needs.
struct Burst {
  alignas(64) void* handle[kBurst];   // the port's own (mbuf)
  alignas(64) uint8_t* data[kBurst];  // room for at least the port's frame room, written by compose
  alignas(64) uint16_t length[kBurst];  // without FCS
  alignas(64) int64_t due_ps[kBurst];
  alignas(64) int64_t leave_ps[kBurst];  // by CLOCK_MONOTONIC; only for queues that look ahead
};

// One transmit queue, owned by one emission lcore; no call may come from another thread.
class TxQueue {
 public:
  virtual ~TxQueue() = default;

  // Provides frames [begin, end) of the burst: handle and data. Returns false when there is no
  // room now (frames still in flight): try again. Room behind each frame's end, up to what the
  // queue was opened for and the next multiple of 64 bytes, may be overwritten by compose.
  virtual bool Acquire(Burst& burst, uint16_t begin, uint16_t end) = 0;

  // Hands frames [begin, end) over in order; returns how many were taken. Fewer than all: the
  // device is full, call again with the rest; the frames stay the caller's. On a failure that will
  // not pass returns 0 and status() is not OK.
  virtual uint16_t Send(Burst& burst, uint16_t begin, uint16_t end) = 0;

  // Provides the first `count` frames of the burst, whose lengths are set, for the rest of the
  // plan: once they are written, Resend takes them any number of times, also before they are back.
  // Returns false when there are not so many, or where a port does not do this (keeps_frames).
  // Before the first Acquire of a plan.
  virtual bool Keep(Burst&, uint16_t) { return false; }
  // As Send, of frames that were kept.
  virtual uint16_t Resend(Burst&, uint16_t, uint16_t) { return 0; }

  // How long before its time a frame is wanted, by the clock: the device holds it and sends it when
  // Burst::leave_ps has come. 0: it leaves when it is handed over.
  virtual int64_t ahead_ps() const { return 0; }

  // Gives frames [begin, end) that will not be sent back.
  virtual void Release(Burst& burst, uint16_t begin, uint16_t end) = 0;

  // Called between the last Send of one plan and whatever comes first of the next one, from the
  // same thread: due times count from `begin_ps` of the run from here on, and kept frames are given
  // back.
  virtual void NextPlan(int64_t begin_ps) { begin_ps_ = begin_ps; }

  // Called once after the last Send, from the same thread: all that was taken has left.
  virtual absl::Status Finish() { return status(); }

  const absl::Status& status() const { return status_; }

 protected:
  absl::Status status_;
  int64_t begin_ps_ = 0;  // of the plan whose frames come, in the run
};

// Frames of one poll, as columns.
struct RxBurst {
  const uint8_t* data[kBurst];  // valid until the next Receive
  uint32_t length[kBurst];      // on the wire, without FCS; a VLAN tag that the kernel took out of
                                // the data counts
};

// What arrives at a port, polled by one receive lcore.
class RxQueue {
 public:
  virtual ~RxQueue() = default;

  // The frames that have arrived, up to kBurst; 0: none now. Never blocks.
  virtual uint16_t Receive(RxBurst& burst) = 0;

  // Frames that arrived and were lost for want of room before Receive could take them.
  virtual uint64_t missed() { return 0; }

  // Not OK: nothing more will come (the peer left, the interface went away).
  const absl::Status& status() const { return status_; }

 protected:
  absl::Status status_;
};

class Port {
 public:
  virtual ~Port() = default;

  virtual std::string_view name() const = 0;  // as the user named it
  virtual std::string_view kind() const = 0;  // PortKind::name
  virtual packet::LinkType link() const { return packet::LinkType::kEthernet; }
  // Largest frame without FCS that it carries; 0: no limit of its own.
  virtual uint32_t max_frame() const = 0;
  // Bits per second on the wire; 0: unknown.
  virtual uint64_t speed_bps() const { return 0; }
  // Its queues keep frames (TxQueue::Keep), and what happens to a frame does not change it.
  virtual bool keeps_frames() const { return false; }
  // The device sends each frame at its time (TxQueue::ahead_ps): PortOptions::device_time.
  virtual bool keeps_time() const { return false; }
  // While frames are sent, some fifty times a second, always from the same thread.
  virtual void Tick() {}
  // NUMA node of the card; -1: none of its own.
  virtual int numa_node() const { return -1; }
  // Virtual time: frames leave as fast as they come, stamped with their due times, and must be
  // handed over in the total order of the trace.
  virtual bool virtual_time() const { return false; }
  // For ports that are to receive too: called before Start. Not every kind can.
  virtual absl::StatusOr<std::unique_ptr<RxQueue>> OpenReceiver();
  // Queues are opened before the run, one per emission lcore; `max_frame` bytes of room a frame.
  virtual absl::StatusOr<std::unique_ptr<TxQueue>> OpenQueue(uint32_t queue,
                                                             uint32_t max_frame) = 0;
  // Before queues are opened: how many there will be. After all queues have finished: Close, which
  // makes the file visible, stops the device, … `keep`: false removes a half-written file.
  virtual absl::Status Start(uint32_t queues) = 0;
  virtual absl::Status Close(bool keep) = 0;
};

struct PortOptions {
  // Of the frames to come: a file says so in its header, other ports must carry it.
  packet::LinkType link = packet::LinkType::kEthernet;
  std::vector<packet::Key> keys = {};  // that open sealed frames, for ports that read them
  core::View view = {};                // of files: how their stamps count
  bool device_time = false;  // a device that offers it sends each frame at its time by itself
};

// Finds out what `name` is: "null", a file (*.pcap, *.pcapng, *.jsonl, *.csv), a network interface,
// "xdp:INTERFACE", "memif:PATH", "vhost:PATH", "virtio:PATH", "tap:NAME", or a DPDK device
// ("net_…", "0000:01:00.0"). Errors say what was tried, what is missing and how to mend it. Nothing
// is sent, and no file created, before Start (virtual devices exist from here on).
// A port that does not carry frames of this link type is none: see CarriesLink.
absl::StatusOr<std::unique_ptr<Port>> OpenPort(const std::string& name,
                                               const PortOptions& options = {});

// Whether a port of this name carries frames of this link type; true for a name that is no port.
bool CarriesLink(std::string_view name, packet::LinkType link);

// What `spate ports` lists.
struct PortAdvice {
  std::string name;  // "null", "eth0", "0000:01:00.0", "*.pcap"
  std::string kind;
  bool usable = false;
  std::string state;  // "up, 10 Gb/s, MTU 1500", "no permission"
  std::string mend;   // the command that mends it; "" when nothing is missing
  int node = -1;      // NUMA node of a card; -1: none of its own
};
// Where a run on one lcore of each role would have them.
struct LcoreAdvice {
  std::string port;
  int node = -1;
  int emission = 0, generation = 0;  // CPUs
};
struct SystemAdvice {
  std::vector<PortAdvice> ports;
  std::vector<PortAdvice> system;   // hugepages, rights, lcores, drivers, governor: same shape
  std::vector<LcoreAdvice> lcores;  // of ports on cards
};
SystemAdvice SurveyPorts();

}  // namespace spate::engine
