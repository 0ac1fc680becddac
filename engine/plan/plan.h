// The plan: a scenario as flat, contiguous, read-only data for the hot path. Made once; no pointers
// into the template; every lcore reads the same one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/huge_array.h"
#include "base/random.h"
#include "base/units.h"
#include "engine/plan/time_map.h"
#include "engine/ring/descriptor.h"
#include "packet/frame.h"
#include "template/core.h"

namespace spate::engine {

// A law, its tables in Plan::words. Times are already scaled to the asked rate.
struct LawPlan {
  core::Law::Kind kind = core::Law::Kind::kConstant;
  uint64_t start = 0, step = 0, count = 1;
  uint32_t table = 0;  // first word
  uint32_t size = 0;   // entries: kList, kQuantiles; kAlias: `size` cells (law.h)
                       // (balanced: `size` upper edges of the distribution function, values)
  bool cells = false;  // kAlias: cells of one word
  uint32_t balanced = 0;
  bool permuted = false;
  // kQuantiles: what the table's numbers are multiplied by, in 2^-63, for laws that are the same
  // but for their scale share a table.
  uint64_t factor = kWhole;
  static constexpr uint64_t kWhole = uint64_t{1} << 63;
};

struct DrawPlan {
  LawPlan law;
  core::Scope scope = core::Scope::kPacket;
  uint64_t key = 0;  // of its name
};

// What an operand word of a record holds. kOutcome: a draw that the generation lcore evaluates
// because its law has no burst kernel (balanced deals, interpolated quantiles). kPacketBits: the
// packet's place in its instance's stream (PlaceIn), from which each of its draws makes its own
// bits.
enum class Word : uint8_t { kPacketBits, kPassBits, kPacketCount, kPassCount, kVariable, kOutcome };

struct WordPlan {
  Word word = Word::kPacketBits;
  uint32_t index = 0;  // variable or draw
};

// One varying field. outcome = selector(input), value = outcome mapped by `start + step * outcome`
// or by a table; the value is or-ed into the frame at a window of 8 bytes.
struct FieldOp {
  enum class Input : uint8_t { kIndex, kWord };
  enum class Select : uint8_t { kIdentity, kModulo, kBelow, kAlias, kCell };
  Input input = Input::kIndex;
  Select select = Select::kIdentity;
  bool table = false;          // map by table instead of affine
  bool little_endian = false;  // of whole bytes
  uint8_t word = 0;            // which operand word …
  uint8_t place = 0;           // … and where it stands (PlaceOf)
  uint8_t bytes = 0;           // > 0: the field is this many whole bytes (1, 2, 4, 6, 8)
  uint8_t shift = 0;           // else: left shift within the window
  uint8_t bits = 64;
  uint8_t sum_shift = 0;   // left shift that aligns it to 16-bit words of the checksums
  uint16_t offset = 0;     // of the field (whole bytes) or of its window
  uint8_t sums = 0;        // bit i: checksum site i covers it
  uint64_t draw_key = 0;   // random selectors: added to the scope's bits
  uint64_t scope_key = 0;  // kIndex with random selectors: key of the group
  uint64_t count = 1;      // kModulo, kBelow; kIdentity: the cycle of the index, 0: none
  uint64_t inverse = 0;    // kModulo, kIdentity: (2^64 - 1) / count, for Reduce()
  uint64_t start = 0, step = 1;
  uint64_t again = 0;  // not 0: outcomes from here on, below twice this, count from 0 again
  uint8_t column = 0;  // its low 32 bits, the high ones (if `wide`) in the next one
  bool wide = false;
  uint32_t select_table = 0, select_size = 0;  // kAlias, kCell: in Plan::words
  uint32_t map_table = 0, map_size = 0;        // in Plan::words
  bool cycles = false;     // steps with the index or the packet's number: 32 bits are enough for it
  bool low_half = false;   // kIdentity: of the outcome 32 bits are enough; the high ones of a wide
                           // field stay
  bool same_draw = false;  // its outcomes are those of the operation before

  friend bool operator==(const FieldOp&, const FieldOp&) = default;
};

struct SumSite {
  uint64_t base = 0;  // folded sum of all that never changes, pseudo-header included; CRC: flips
                      // its bits
  uint16_t offset = 0;
  uint16_t begin = 0;      // where the covered data begins
  uint16_t end = 0;        // CRC: where it ends; 0: with the frame
  uint8_t covered_by = 0;  // later sites that cover this checksum's own bytes
  bool zero_as_ones = false;
  bool crc = false;          // CRC-32C of all that is covered, taken over the finished frame
  bool to_end = false;       // covers the bytes up to the frame's end, whose sum is in `tails`
  bool adds_length = false;  // its pseudo-header holds the length
  bool covers_payload = false;
  uint8_t lengths = 0;  // bit i: length site i lies in what it covers …
  uint8_t times = 0;    // … but for those that add the length as it is, with the pseudo-header's
  uint8_t column = 0;   // of the finished checksum, on whose upper half …
  bool carries = false;
  uint8_t carried = 0;  // … the numbers of this column ride
  uint32_t tails = 0;   // to_end: Plan::tails[tails + length] = what the prototype's bytes up to
                        // there, and the length where the pseudo-header holds it, add
};

// All that varies in a frame is computed as columns, a 32-bit number per packet each. A patch says
// where the bytes of four neighbouring columns (a block: 16 bytes per packet) go in one 64-byte
// line of the frame: byte i of the line is byte Plan::bytes[shuffle + i] of the block, or none (≥
// 0x80).
struct LinePatch {
  uint32_t shuffle = 0;
  uint16_t line = 0;
  uint8_t block = 0;
};

// What the records of a message are: packets, runs of packets (RunOf), packets that are planned but
// not sent.
enum class RecordForm : uint8_t { kPacket, kRun, kAbsent };

struct MessagePlan {
  uint32_t prototype = 0;  // first byte in Plan::bytes, 64-byte aligned
  uint16_t length = 0;     // of the prototype
  uint16_t payload_offset = 0;
  uint16_t payload_bytes = 0;  // of the prototype, link padding left out
  uint8_t operand_slots = 0;
  uint8_t word_count = 0;   // operand words, of which …
  uint8_t wide_words = 0;   // … the first need 64 bits
  uint8_t damage_word = 0;  // of a damaged packet's twin: that of its random bits, all words wide
  bool varying_size = false;
  bool has_crc = false;             // one of its sums is a CRC that varies
  uint8_t shortest = 0;             // varying size: shorter frames are padded with zeros to it;
                                    // 0: there are none
  bool counters_only = false;       // every field cycles with Descriptor::index
  bool is_run = false;              // its records are runs (RunOf) of packets of a stream
  uint32_t run_form = core::kNone;  // the message whose records are runs of this one
  uint16_t padding = 0;             // link padding behind the data
  uint64_t missed = 0;              // of 2^64: how often the observer misses it; 0: never
  uint32_t index_modulus = 0;  // groups of one: Descriptor::index = packet counter mod this; 0: the
                               // number of the instance
  uint64_t index_inverse = 0;  // for Reduce()
  uint32_t flow = 0;
  uint32_t track = core::kNone;    // frames of this track instead of a prototype
  uint32_t absent = core::kNone;   // impaired flows: the message that stands for a lost packet …
  uint32_t corrupt = core::kNone;  // … and the one for a damaged packet
  bool is_absent = false;          // planned, but never sent
  bool flips_right = false;        // checksums follow the flipped bits, which lie in the payload
  uint8_t flips = 0;               // bits flipped in each frame
  uint8_t link_bytes = 0;          // of the link header, which is spared
  uint32_t port = 0;               // by which it leaves: index into Plan::ports
  uint32_t size_draw = core::kNone, size_variable = core::kNone;
  uint32_t first_word = 0;  // in Plan::word_plans
  uint32_t first_op = 0, op_count = 0;
  uint32_t first_sum = 0, sum_count = 0;
  uint32_t first_length = 0, length_count = 0;
  uint32_t first_patch = 0, patch_count = 0;  // by line
  uint8_t blocks = 0;                         // of columns
  uint16_t tail_line = 0;                     // lines of payload from here on never vary
  uint8_t length_column = 0;  // of the first length; the others follow. Beyond the blocks where
                              // each rides on a checksum
  uint32_t first_seal = 0, seal_count = 0;    // in Plan::seals, innermost first
  uint32_t first_resum = 0, resum_count = 0;  // in Plan::resums, innermost first
};

struct OpPlan {
  core::OpCode code = core::OpCode::kEnd;
  core::Relation relation = core::Relation::kIs;
  core::Action action = core::Action::kStart;
  core::Operand::Kind operand = core::Operand::Kind::kConstant;
  bool only_waits = false;  // nothing but time and the flow's own numbers moves on
  uint32_t next = 0;        // the operation behind it, jumps followed; kJump: where it leads
  uint32_t a = 0, b = 0;
  uint64_t value = 0, modulus = 0;
  uint32_t message = 0;         // kSendCaptured: the first message that stands for the track
  uint32_t uses = core::kNone;  // hidden variable that counts how often its draw was used
};

inline constexpr int kPaceFractionBits = 20;

// core::Pace with times in 2^-20 ps.
struct PacePlan {
  uint32_t mark = 0;  // slots of two variables, in the unit's block
  uint64_t per_byte = 0, per_frame = 0;
};

struct FlowPlan {
  uint32_t group = 0;
  uint32_t first_op = 0;
  uint32_t variables = 0;       // the flow's own, then the hidden use counters of its draws
  uint32_t first_variable = 0;  // where they begin within the block of the unit
  core::Clock clock;
  int64_t period_q = 0;          // kRate, kGrid: period in ps, whole part …
  uint64_t period_fraction = 0;  // … and 2^-64 parts
  uint32_t start = core::kNone;
  uint32_t clock_uses = core::kNone;  // as OpPlan::uses, for the clock's gap or jitter …
  uint32_t on_uses = core::kNone, off_uses = core::kNone;  // … and its phases
  uint32_t sent = core::kNone;                             // as in core::Flow, in the unit's block
  uint32_t first_pace = 0;                                 // in Plan::paces
  uint32_t variant = core::kNone;                          // as in core::Flow, in the unit's block
  uint32_t first_variant = 0;                              // in Plan::variants
  uint64_t passes = 0;
  uint32_t phase = core::kNone;
  bool spread = false;
  uint64_t packets = 0;               // 0: no limit
  uint32_t map = core::kNone;         // of the clock, counted from the start; in Plan::maps
  uint32_t map_start = core::kNone;   // the variable that holds that start; kNone: as `start` says
  bool scale = true;                  // whether rate and schedule of the whole apply
  uint32_t impairment = core::kNone;  // in Plan::impairments
  bool idle = false;                  // begins only when another flow starts it
  uint64_t key = 0;                   // SubKey(seed, group name, flow name)
  bool stream = false;                // closed form: pass n is one packet at start + n * period
  uint32_t stream_message = 0;
  // Many instances that only wait by a renewal clock and send one packet: their state travels in
  // the records of a ladder (engine/expand/ladder.h). `stream_message` is theirs too.
  bool timer = false;
  bool beats = false;  // its sending operations have a BeatPlan
};

// A program's operations joined (engine/expand/beats.cc): what an instance does when it sends, and
// the waits behind that. Both have an entry for each operation, as Plan::ops.

// Where an operand word of a packet is found: the number of the packet or one of the variables.
struct BeatWord {
  bool variable = false;
  uint32_t index = 0;
};

struct BeatPlan {
  bool sends = false;         // else nothing here holds, and the operation is run as it is
  bool plain = false;         // all operand words are BeatWords
  uint8_t computes = 0;       // operations on variables that come before the packet
  uint8_t operand_slots = 0;  // of the record
  uint8_t word_count = 0, wide_words = 0;
  uint16_t message = 0;
  uint16_t length = 0;
  uint16_t payload_bytes = 0;
  BeatWord total;  // what `amount` is added to, if only 0 to the number of the packet
  uint64_t amount = 0;
  uint32_t first_word = 0;  // plain: in Plan::beat_words
  // Where it goes on: at the outcome of a table of cells, or without one (size 0) at `next`.
  uint32_t table = 0, size = 0;
  uint64_t draw_key = 0;
  uint32_t next = 0;
};

// Waits that begin at an operation, joined up to the second drawn one.
struct RestPlan {
  int64_t pause_ps = 0;          // the constant ones
  uint32_t table = 0, size = 0;  // of quantiles, of the drawn one; size 0: there is none
  uint64_t factor = 0, draw_key = 0;
  uint32_t next = 0;  // the operation behind them
};

// core::Column, its list in Plan::words.
struct ColumnPlan {
  uint32_t table = 0, size = 0;  // size 0: affine
  uint64_t start = 0, step = 1;
};

// An instance of a group is a unit if its flows act on each other or share variables. The flows of
// a unit have one block of variables: the shared ones, then those of each flow.
struct GroupPlan {
  uint64_t count = 1;
  uint64_t key = 0;  // SubKey(seed, name)
  bool unit = false;
  uint32_t first_flow = 0, flow_count = 0;
  uint32_t variables = 0;      // of a unit's block
  uint32_t first_initial = 0;  // of the shared variables, in Plan::initials
  uint32_t shared = 0;
  uint32_t arrival = core::kNone;  // as in core::Group
  bool gaps = false;
  uint32_t identity = core::kNone;
};

struct Plan {
  std::string name;
  uint64_t seed = 1;
  packet::LinkType link = packet::LinkType::kEthernet;
  core::View view;
  std::vector<uint8_t> bytes;  // prototypes
  HugeVector<uint64_t> words;  // tables
  std::vector<MessagePlan> messages;
  std::vector<uint8_t> record_slots;  // per message: 1 + operand_slots, packed for the hot path …
  std::vector<RecordForm> forms;      // … what its records are …
  std::vector<uint32_t> shapes;       // … and the first message of its shape: messages of one shape
                                      // differ in prototype, length and sums only
  std::vector<std::string> message_names;
  std::vector<std::string> message_infos;
  std::vector<WordPlan> word_plans;
  std::vector<FieldOp> field_ops;
  std::vector<SumSite> sums;
  std::vector<uint16_t> tails;
  std::vector<packet::LengthSite> lengths;
  std::vector<LinePatch> patches;
  std::vector<packet::Seal> seals;
  std::vector<packet::ChecksumSite> resums;  // sums over sealed bytes: taken when those are final
  std::vector<DrawPlan> draws;
  std::vector<OpPlan> ops;
  std::vector<BeatPlan> beats;  // as many as ops …
  std::vector<RestPlan> rests;  // … and as these
  unsigned timer_bits = 0;      // of the id of a timer, for its number; above stands of which flow
  std::vector<BeatWord> beat_words;
  std::vector<ColumnPlan> columns;  // of operands: OpPlan::b of kSet
  std::vector<PacePlan> paces;
  std::vector<FlowPlan> flows;
  std::vector<FlowPlan> variants;  // flows with another clock
  std::vector<std::string> flow_names;
  std::vector<std::string> flow_places;  // what messages name: "file:line: $.path"
  std::vector<GroupPlan> groups;
  std::vector<core::Operand> initials;
  std::vector<core::Impairment> impairments;
  std::vector<std::shared_ptr<const core::Track>> tracks;
  std::vector<TimeMap> maps;
  std::vector<TimeMap> schedule;          // of the whole: none or one
  std::vector<std::string> ports = {""};  // as the template names them; at least one
  uint32_t max_frame = 0;                 // bytes without FCS
  double scale = 1;                       // by which all times were multiplied (--rate)
  double mean_pps = 0;                    // planned, after scaling; 0: unknown (no packets)
  double mean_frame = 0;                  // bytes without FCS
  std::vector<std::string> notes;         // what it cannot do as it was asked for, for people
  Picos duration = Picos::Max();          // of the run, after scaling
  uint64_t packets = UINT64_MAX;

  const uint8_t* Prototype(const MessagePlan& m) const { return bytes.data() + m.prototype; }
};

// Consecutive packets of a stream in one record: a descriptor whose `length` is their number, then
// operands. All due times and fields follow from the number of the first.
struct PacketRun {
  int64_t due_ps = 0;     // of the first, whole part …
  uint64_t fraction = 0;  // … and 2^-64 ps
  uint64_t packet = 0;    // number of the first within the stream
  uint16_t message = 0;   // the run form
  uint16_t count = 0;
};
inline PacketRun RunOf(const Slot* record) {
  const Descriptor& d = record[0].descriptor;
  return {.due_ps = d.due_ps,
          .fraction = record[1].operands.word[0],
          .packet = record[1].operands.word[1],
          .message = d.message,
          .count = d.length};
}
inline void PutRun(const PacketRun& run, Slot* record) {
  record[0].descriptor = {run.due_ps, run.message, run.count, 0};
  record[1].operands = {{run.fraction, run.packet}};
}

// The run without its first `packets` packets.
inline PacketRun Skip(const FlowPlan& flow, uint32_t packets, PacketRun run) {
  const uint128 parts = static_cast<uint128>(flow.period_fraction) * packets + run.fraction;
  run.due_ps += flow.period_q * static_cast<int64_t>(packets) + static_cast<int64_t>(parts >> 64);
  run.fraction = static_cast<uint64_t>(parts);
  run.packet += packets;
  run.count = static_cast<uint16_t>(run.count - packets);
  return run;
}

// Where an operand word stands in a record, in units of 32 bits behind the descriptor.
inline uint32_t PlaceOf(const MessagePlan& message, uint32_t word) {
  return word + std::min<uint32_t>(word, message.wide_words);
}
inline uint8_t OperandSlots(uint32_t places) { return static_cast<uint8_t>((places + 3) / 4); }

// Slots of the record that begins with `descriptor`.
inline uint32_t SlotsOf(const Plan& plan, const Descriptor& descriptor) {
  return plan.record_slots[descriptor.message];
}

// Where a variable stands within the block of the flow's instance.
inline uint32_t SlotIn(const FlowPlan& flow, uint32_t slot) {
  return slot & core::kShared ? slot & ~core::kShared : flow.first_variable + slot;
}

// The record's place in the total order of the trace.
inline OrderKey KeyOf(const Plan& plan, const Descriptor& d) {
  const uint32_t flow = plan.messages[d.message].flow;
  const bool single = plan.groups[plan.flows[flow].group].count == 1;
  return {d.due_ps, uint64_t{flow} << 32 | (single ? 0 : d.index)};
}

// The keys that open the plan's sealed frames, each once.
std::vector<packet::Key> KeysOf(const Plan& plan);

// What `spate show --plan` prints: prototypes, fields with offset, width and law, programs, sizes.
std::string DescribePlan(const Plan& plan);

}  // namespace spate::engine
