// The plan: a scenario as flat, contiguous, read-only data for the hot path. Made once; no pointers
// into the template; every lcore reads the same one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/units.h"
#include "engine/ring/descriptor.h"
#include "packet/frame.h"
#include "template/core.h"

namespace spate::engine {

// A law, its tables in Plan::words. Times are already scaled to the asked rate.
struct LawPlan {
  core::Law::Kind kind = core::Law::Kind::kConstant;
  uint64_t start = 0, step = 0, count = 1;
  uint32_t table = 0;  // first word
  uint32_t size = 0;   // entries: kList, kQuantiles; kAlias: `size` thresholds, values, aliases
                       // (balanced: `size` upper edges of the distribution function, values)
  uint32_t balanced = 0;
};

struct DrawPlan {
  LawPlan law;
  core::Scope scope = core::Scope::kPacket;
  uint64_t key = 0;  // of its name
};

// What an operand word of a record holds. kOutcome: a draw that the generation lcore evaluates
// because its law has no burst kernel (balanced deals, interpolated quantiles).
enum class Word : uint8_t { kPacketBits, kPassBits, kPacketCount, kPassCount, kVariable, kOutcome };

struct WordPlan {
  Word word = Word::kPacketBits;
  uint32_t index = 0;  // variable or draw
};

// One varying field. outcome = selector(input), value = outcome mapped by `start + step * outcome`
// or by a table; the value is or-ed into the frame at a window of 8 bytes.
struct FieldOp {
  enum class Input : uint8_t { kIndex, kWord };
  enum class Select : uint8_t { kIdentity, kModulo, kBelow, kAlias };
  Input input = Input::kIndex;
  Select select = Select::kIdentity;
  bool table = false;  // map by table instead of affine
  uint8_t word = 0;    // which operand word
  uint8_t bytes = 0;   // > 0: the field is this many whole bytes (1, 2, 4, 6, 8)
  uint8_t shift = 0;   // else: left shift within the window
  uint8_t bits = 64;
  uint8_t sum_shift = 0;   // left shift that aligns it to 16-bit words of the checksums
  uint16_t offset = 0;     // of the field (whole bytes) or of its window
  uint8_t sums = 0;        // bit i: checksum site i covers it
  uint64_t draw_key = 0;   // random selectors: added to the scope's bits
  uint64_t scope_key = 0;  // kIndex with random selectors: key of the group
  uint64_t count = 1;      // kModulo, kBelow
  uint64_t inverse = 0;    // kModulo: (2^64 - 1) / count, for Reduce()
  uint64_t start = 0, step = 1;
  uint32_t select_table = 0, select_size = 0;  // kAlias: in Plan::words
  uint32_t map_table = 0;                      // in Plan::words
};

struct SumSite {
  uint64_t base = 0;  // sum of all that never changes, pseudo-header included
  uint16_t offset = 0;
  uint16_t begin = 0;      // where the covered data begins
  uint8_t covered_by = 0;  // later sites that cover this checksum's own bytes
  bool zero_as_ones = false;
  bool to_end = false;       // covers up to the frame's end: varies with the size
  bool adds_length = false;  // its pseudo-header holds the length
  uint8_t lengths = 0;       // bit i: length site i lies in what it covers
};

struct MessagePlan {
  uint32_t prototype = 0;  // first byte in Plan::bytes, 64-byte aligned
  uint16_t length = 0;     // of the prototype
  uint16_t payload_offset = 0;
  uint16_t payload_bytes = 0;  // of the prototype, link padding left out
  uint8_t operand_slots = 0;
  uint8_t word_count = 0;
  bool varying_size = false;
  bool counters_only = false;  // every field cycles with Descriptor::index: ComposeCounters
  uint32_t index_modulus = 0;  // groups of one: Descriptor::index = packet counter mod this; 0: the
                               // number of the instance
  uint32_t flow = 0;
  uint32_t size_draw = core::kNone;
  uint32_t first_word = 0;  // in Plan::word_plans
  uint32_t first_op = 0, op_count = 0;
  uint32_t first_sum = 0, sum_count = 0;
  uint32_t first_length = 0, length_count = 0;
  uint32_t tail_sums = 0;  // varying size: Plan::words[tail_sums + i] = sum of prototype bytes
                           // [0, 2 i)
};

struct OpPlan {
  core::OpCode code = core::OpCode::kEnd;
  core::Operand::Kind operand = core::Operand::Kind::kConstant;
  uint32_t a = 0, b = 0;
  uint64_t value = 0, modulus = 0;
  uint32_t uses = core::kNone;  // hidden variable that counts how often its draw was used
};

struct FlowPlan {
  uint32_t group = 0;
  uint32_t first_op = 0;
  uint32_t variables = 0;  // the flow's own, then the hidden use counters of its draws
  core::Clock clock;
  int64_t period_q = 0;          // kRate, kGrid: period in ps, whole part …
  uint64_t period_fraction = 0;  // … and 2^-64 parts
  uint32_t start = core::kNone;
  uint32_t clock_uses = core::kNone;  // as OpPlan::uses, for the clock's gap or jitter
  uint64_t passes = 0;
  uint64_t key = 0;     // SubKey(seed, group name, flow name)
  bool stream = false;  // closed form: pass n is one packet at start + n * period
  uint32_t stream_message = 0;
};

struct GroupPlan {
  uint64_t count = 1;
  uint64_t key = 0;  // SubKey(seed, name)
};

struct Plan {
  std::string name;
  uint64_t seed = 1;
  packet::LinkType link = packet::LinkType::kEthernet;
  std::vector<uint8_t> bytes;   // prototypes
  std::vector<uint64_t> words;  // tables
  std::vector<MessagePlan> messages;
  std::vector<uint8_t> record_slots;  // per message: 1 + operand_slots, packed for the hot path
  std::vector<std::string> message_names;
  std::vector<std::string> message_infos;
  std::vector<WordPlan> word_plans;
  std::vector<FieldOp> field_ops;
  std::vector<SumSite> sums;
  std::vector<packet::LengthSite> lengths;
  std::vector<DrawPlan> draws;
  std::vector<OpPlan> ops;
  std::vector<FlowPlan> flows;
  std::vector<std::string> flow_names;
  std::vector<GroupPlan> groups;
  uint32_t max_frame = 0;         // bytes without FCS
  double scale = 1;               // by which all times were multiplied (--rate)
  double mean_pps = 0;            // planned, after scaling; 0: unknown (no packets)
  double mean_frame = 0;          // bytes without FCS
  Picos duration = Picos::Max();  // of the run, after scaling
  uint64_t packets = UINT64_MAX;

  const uint8_t* Prototype(const MessagePlan& m) const { return bytes.data() + m.prototype; }
};

// Slots of the record that begins with `descriptor`.
inline uint32_t SlotsOf(const Plan& plan, const Descriptor& descriptor) {
  return plan.record_slots[descriptor.message];
}

// The record's place in the total order of the trace.
inline OrderKey KeyOf(const Plan& plan, const Descriptor& d) {
  const uint32_t flow = plan.messages[d.message].flow;
  const bool single = plan.groups[plan.flows[flow].group].count == 1;
  return {d.due_ps, uint64_t{flow} << 32 | (single ? 0 : d.index)};
}

// What `spate show --plan` prints: prototypes, fields with offset, width and law, programs, sizes.
std::string DescribePlan(const Plan& plan);

}  // namespace spate::engine
