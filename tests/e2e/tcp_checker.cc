#include "tests/e2e/tcp_checker.h"

#include <algorithm>
#include <optional>
#include <span>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "packet/bits.h"
#include "packet/frame.h"

namespace spate::testing {
namespace {

using packet::Get16;
using packet::Get32;
using Span = std::span<const uint8_t>;

constexpr uint8_t kFin = 1, kSyn = 2, kRst = 4, kAck = 16;
constexpr uint16_t kVxlanPort = 4789;

struct Segment {
  std::string from, to;  // address and port
  uint32_t seq = 0, ack = 0, window = 0, bytes = 0;
  uint8_t flags = 0;
  std::optional<uint16_t> ip_id;
  uint32_t mss = 0;
  int scale = -1;
  std::optional<uint32_t> stamp;
  uint32_t echo = 0;
  std::optional<std::pair<uint32_t, uint32_t>> sack;  // the first block
};

void ReadOptions(Span options, Segment& segment) {
  for (size_t at = 0; at < options.size() && options[at] != 0;) {
    if (options[at] == 1) {
      ++at;
      continue;
    }
    if (at + 1 >= options.size() || options[at + 1] < 2) return;
    if (options[at] == 2) segment.mss = Get16(&options[at + 2]);
    if (options[at] == 3) segment.scale = options[at + 2];
    if (options[at] == 5) segment.sack = {Get32(&options[at + 2]), Get32(&options[at + 6])};
    if (options[at] == 8) {
      segment.stamp = Get32(&options[at + 2]);
      segment.echo = Get32(&options[at + 6]);
    }
    at += options[at + 1];
  }
}

// The TCP segment in a frame; nullopt: it holds none.
std::optional<Segment> SegmentOf(Span frame) {
  size_t at = 12;
  while (at + 2 <= frame.size() && (Get16(&frame[at]) == 0x8100 || Get16(&frame[at]) == 0x88a8)) {
    at += 4;
  }
  if (at + 22 > frame.size()) return std::nullopt;
  const uint16_t type = Get16(&frame[at]);
  at += 2;
  Segment segment;
  size_t address_bytes = 4, addresses = at + 12, transport = 0, end = 0;
  uint8_t protocol = 0;
  if (type == 0x800) {
    transport = at + (frame[at] & 15u) * 4;
    end = at + Get16(&frame[at + 2]);
    protocol = frame[at + 9];
    segment.ip_id = Get16(&frame[at + 4]);
  } else if (type == 0x86dd) {
    address_bytes = 16, addresses = at + 8, transport = at + 40;
    end = transport + Get16(&frame[at + 4]);
    protocol = frame[at + 6];
  } else {
    return std::nullopt;
  }
  if (protocol == 17 && Get16(&frame[transport + 2]) == kVxlanPort) {
    return SegmentOf(frame.subspan(transport + 16));
  }
  if (protocol != 6 || end > frame.size() || transport + 20 > end) return std::nullopt;
  const auto address = [&](size_t from, size_t port) {
    return absl::BytesToHexString(
               absl::string_view(reinterpret_cast<const char*>(&frame[from]), address_bytes)) +
           absl::StrCat(":", Get16(&frame[port]));
  };
  segment.from = address(addresses, transport);
  segment.to = address(addresses + address_bytes, transport + 2);
  segment.seq = Get32(&frame[transport + 4]);
  segment.ack = Get32(&frame[transport + 8]);
  segment.flags = frame[transport + 13];
  segment.window = Get16(&frame[transport + 14]);
  const size_t data = transport + (frame[transport + 12] >> 4) * 4u;
  segment.bytes = static_cast<uint32_t>(end - data);
  ReadOptions(frame.subspan(transport + 20, data - transport - 20), segment);
  return segment;
}

struct Sender {
  bool seen = false;
  uint32_t next = 0;   // sequence number
  uint32_t acked = 0;  // by the other side
  bool heard = false;  // the other side has acknowledged something
  uint32_t window = 0, mss = 0;
  int scale = -1;
  std::optional<uint16_t> ip_id;
  std::optional<bool> stamps;  // whether its packets have timestamps
  uint32_t stamp = 0;          // the last one
  // What the other side holds of it (TS.Recent of RFC 7323), and what it held before: the last
  // packet may have been lost.
  uint32_t recent = 0, before = 0;
};

struct Live {
  std::string client, name;
  Sender sides[2];
};

class Judge {
 public:
  void Take(const Segment& s);
  TcpVerdict Finish();

 private:
  Live& Find(const Segment& s);
  void Fault(const std::string& what) {
    if (verdict_.faults.size() < 20) {
      verdict_.faults.push_back(absl::StrCat("packet ", verdict_.packets, ": ", what));
    }
  }
  void TakeNumbers(const Segment& s, Sender& me, Sender& other, TcpSide& side);
  void TakeAck(const Segment& s, Sender& other, TcpSide& side);
  void TakeStamp(const Segment& s, Sender& me, const Sender& other, TcpSide& side);

  TcpVerdict verdict_;
  std::map<std::string, Live> live_;  // by both ends, the lesser first
  uint64_t count_ = 0;
};

Live& Judge::Find(const Segment& s) {
  Live& live = live_[std::min(s.from, s.to) + "-" + std::max(s.from, s.to)];
  const bool begins = (s.flags & (kSyn | kAck)) == kSyn &&
                      !(live.sides[0].seen && live.client == s.from && !live.sides[1].seen);
  if (live.client.empty() || begins) {
    live = {};
    live.client = s.from;
    live.name = absl::StrCat(s.from, " ", s.to, " ", ++count_);
  }
  return live;
}

void Judge::TakeNumbers(const Segment& s, Sender& me, Sender& other, TcpSide& side) {
  const uint32_t length = s.bytes + ((s.flags & kSyn) ? 1 : 0) + ((s.flags & kFin) ? 1 : 0);
  if (!me.seen) {
    me.seen = true;
    me.next = s.seq;
    me.acked = s.seq;
  }
  const auto ahead = static_cast<int32_t>(s.seq - me.next);
  if (ahead > 0) Fault(absl::StrCat("a gap of ", ahead, " bytes"));
  if (length > 0 && ahead < 0) {
    ++side.retransmissions;
    if (static_cast<int32_t>(s.seq + length - me.next) > 0) Fault("a retransmission with news");
    if (static_cast<int32_t>(s.seq - me.acked) < 0) Fault("a retransmission of what was acked");
  } else if (length == 0 && ahead < 0) {
    Fault("an empty packet with an old number");
  } else {
    me.next = s.seq + length;
    side.data += s.bytes;
  }
  side.segments += s.bytes > 0;
  if (s.flags & kSyn) {
    side.syn = true;
    me.mss = s.mss;
    me.scale = s.scale;
  }
  side.fin |= (s.flags & kFin) != 0;
  side.rst |= (s.flags & kRst) != 0;
  if (other.mss > 0 && s.bytes > other.mss) Fault("a segment above the MSS");
  const bool scaled = me.scale >= 0 && other.scale >= 0 && !(s.flags & kSyn);
  me.window = s.window << (scaled ? me.scale : 0);
  if (other.seen && me.next - me.acked > other.window) Fault("more in flight than the window");
}

void Judge::TakeStamp(const Segment& s, Sender& me, const Sender& other, TcpSide& side) {
  if (me.stamps.value_or(s.stamp.has_value()) != s.stamp.has_value())
    Fault("timestamps now and then");
  me.stamps = s.stamp.has_value();
  if (!s.stamp) return;
  if (side.stamps++ > 0 && static_cast<int32_t>(*s.stamp - me.stamp) < 0)
    Fault("a clock gone back");
  me.stamp = *s.stamp;
  if (static_cast<int32_t>(s.seq - me.acked) <= 0 && me.recent != me.stamp) {
    me.before = me.recent;
    me.recent = me.stamp;
  }
  const bool echoes = (s.flags & kAck) != 0 && other.seen;
  if (echoes && s.echo != other.recent && s.echo != other.before) Fault("an echo of no timestamp");
  if ((s.flags & kAck) == 0 && s.echo != 0) Fault("an echo before anything was heard");
}

void Judge::TakeAck(const Segment& s, Sender& other, TcpSide& side) {
  if (!(s.flags & kAck)) return;
  if (!other.seen) return Fault("an acknowledgement of nothing");
  const bool pure = s.bytes == 0 && !(s.flags & (kSyn | kFin | kRst));
  side.pure_acks += pure;
  if (static_cast<int32_t>(s.ack - other.next) > 0) Fault("an acknowledgement of the unsaid");
  if (static_cast<int32_t>(s.ack - other.acked) < 0) Fault("an acknowledgement goes back");
  if (pure && other.heard && s.ack == other.acked) ++side.duplicate_acks;
  if (s.sack) {
    const auto [begin, end] = *s.sack;
    const bool gap = static_cast<int32_t>(begin - s.ack) > 0;
    const bool said = static_cast<int32_t>(end - other.next) <= 0;
    if (!gap || !said || static_cast<int32_t>(end - begin) <= 0) Fault("a block that none can be");
    side.sacks += pure && s.ack == other.acked;
  }
  other.acked = s.ack;
  other.heard = true;
}

void Judge::Take(const Segment& s) {
  ++verdict_.packets;
  Live& live = Find(s);
  const bool client = s.from == live.client;
  Sender& me = live.sides[client ? 0 : 1];
  Sender& other = live.sides[client ? 1 : 0];
  TcpConversation& record = verdict_.conversations[live.name];
  TcpSide& side = client ? record.client : record.server;
  TcpSide& peer = client ? record.server : record.client;
  if (side.rst || peer.rst) Fault("a packet after a reset");
  if (side.fin && s.bytes > 0) Fault("data after FIN");
  TakeAck(s, other, side);
  TakeNumbers(s, me, other, side);
  TakeStamp(s, me, other, side);
  if (s.ip_id && me.ip_id && static_cast<int16_t>(*s.ip_id - *me.ip_id) <= 0) {
    Fault(absl::StrCat("IP identification ", *s.ip_id, " after ", *me.ip_id));
  }
  me.ip_id = s.ip_id;
  side.all_acknowledged = me.acked == me.next;
  peer.all_acknowledged = other.acked == other.next;
}

TcpVerdict Judge::Finish() { return std::move(verdict_); }

}  // namespace

TcpVerdict JudgeTcp(const std::vector<Bytes>& frames) {
  Judge judge;
  for (const Bytes& frame : frames) {
    if (const auto segment = SegmentOf(frame)) judge.Take(*segment);
  }
  return judge.Finish();
}

}  // namespace spate::testing
