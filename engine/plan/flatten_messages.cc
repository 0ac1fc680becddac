#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <map>
#include <numeric>
#include <span>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "base/status.h"
#include "engine/plan/flatten.h"
#include "engine/plan/flatten_columns.h"
#include "engine/plan/flatten_fields.h"
#include "engine/plan/flatten_sizes.h"
#include "engine/plan/limits.h"
#include "packet/checksum.h"

namespace spate::engine {
namespace {

constexpr size_t kAlignment = 64;
constexpr uint8_t kShortestEthernet = 60;  // without FCS (IEEE 802.3)

// Prototypes are copied in whole 64-byte lines, so each begins on one and owns its last one.
uint32_t AppendPrototype(const std::vector<uint8_t>& bytes, Plan& plan) {
  const size_t at = plan.bytes.size();
  plan.bytes.resize(at + (bytes.size() + kAlignment - 1) / kAlignment * kAlignment);
  std::memcpy(plan.bytes.data() + at, bytes.data(), bytes.size());
  return static_cast<uint32_t>(at);
}

bool Overlaps(size_t begin, size_t end, size_t from, size_t to) { return begin < to && from < end; }

// Whether checksum `site` of a frame of `length` bytes covers any byte of [from, to).
bool CoversBytes(const packet::ChecksumSite& site, size_t length, size_t from, size_t to) {
  const size_t end = site.end == 0 ? length : site.end;
  return Overlaps(site.begin, end, from, to) ||
         Overlaps(site.pseudo_begin, site.pseudo_end, from, to) ||
         Overlaps(site.final_begin, site.final_end, from, to);
}

// One message of one flow on its way into the plan.
class MessageFlattener {
 public:
  // `all_sums`: whoever damages the payload must be able to set every checksum right.
  MessageFlattener(const core::Scenario& scenario, const core::Message& message, uint32_t flow,
                   ColumnTables& tables, Plan& plan, bool all_sums = false)
      : scenario_(scenario),
        message_(message),
        tables_(tables),
        plan_(plan),
        all_sums_(all_sums),
        bytes_(message.frame.seals.empty() ? message.frame.bytes : message.frame.clear) {
    out_.flow = flow;
    out_.port = message.port;
    out_.length = static_cast<uint16_t>(bytes_.size());
    out_.payload_offset = message.frame.payload_offset;
    out_.payload_bytes = static_cast<uint16_t>(
        message.frame.data_end - message.frame.payload_offset - message.frame.trailer_bytes);
    out_.padding = static_cast<uint16_t>(bytes_.size() - message.frame.data_end);
    out_.size_draw = message.size_draw;
    out_.missed =
        message.missed >= 1 ? UINT64_MAX : static_cast<uint64_t>(std::ldexp(message.missed, 64));
    if (message.size_variable != core::kNone) {
      out_.size_variable = SlotIn(plan.flows[flow], message.size_variable);
    }
    out_.varying_size = message.size_draw != core::kNone || message.size_variable != core::kNone;
    if (scenario.link == packet::LinkType::kEthernet && !message.runt) {
      out_.shortest = kShortestEthernet;
    }
  }

  absl::StatusOr<MessagePlan> Run() {
    SPATE_RETURN_IF_ERROR(CheckBounds());
    SPATE_RETURN_IF_ERROR(AddFields());
    SPATE_RETURN_IF_ERROR(AddLengths());
    SPATE_RETURN_IF_ERROR(AddSeals());
    SPATE_RETURN_IF_ERROR(AddSums());
    out_.prototype = AppendPrototype(bytes_, plan_);
    out_.counters_only = CountersOnly();
    const absl::Status columns = AssignColumns(out_, plan_);
    if (!columns.ok()) return Fault(columns.message());
    return out_;
  }

 private:
  absl::Status Fault(absl::string_view what) const {
    return absl::InvalidArgumentError(absl::StrCat("message \"", message_.name, "\": ", what));
  }

  absl::Status CheckBounds() const {
    if (bytes_.size() > kMaxFrame) {
      return Fault(absl::StrCat("a frame of ", bytes_.size() + 4, " bytes with FCS is longer than ",
                                kMaxFrame + 4));
    }
    if (message_.frame.checksums.size() > kMaxSums || message_.frame.lengths.size() > kMaxLengths) {
      return Fault(absl::StrCat("more than ", kMaxSums, " checksums or lengths in one frame"));
    }
    return absl::OkStatus();
  }

  absl::Status AddFields() {
    out_.first_op = static_cast<uint32_t>(plan_.field_ops.size());
    out_.first_word = static_cast<uint32_t>(plan_.word_plans.size());
    FieldPlanner planner(scenario_, message_, tables_, out_, plan_, bytes_);
    for (const core::Patch& patch : message_.patches) {
      SPATE_ASSIGN_OR_RETURN(const std::optional<FieldOp> op, planner.Add(patch));
      const uint32_t sums = SumsOver(patch);
      (op.has_value() ? touched_ : baked_) |= sums;
      if (op.has_value()) AddFieldOp(*op, sums);
    }
    if (out_.word_count > kMaxOperandWords) {
      return Fault(absl::StrCat("more than ", kMaxOperandWords, " independent varying values"));
    }
    out_.op_count = static_cast<uint32_t>(plan_.field_ops.size()) - out_.first_op;
    PlaceWords(out_, plan_);
    if (SmallestSize(out_, plan_) >= out_.shortest) out_.shortest = 0;
    return absl::OkStatus();
  }

  // What a seal makes is the same for equal frames only, so all of them are sealed one by one.
  absl::Status AddSeals() {
    const packet::Frame& frame = message_.frame;
    out_.first_seal = static_cast<uint32_t>(plan_.seals.size());
    out_.first_resum = static_cast<uint32_t>(plan_.resums.size());
    for (const packet::Seal& seal : frame.seals) {
      SPATE_RETURN_IF_ERROR(packet::Sealer::Create(seal).status());
      plan_.seals.push_back(seal);
    }
    out_.seal_count = static_cast<uint32_t>(frame.seals.size());
    for (size_t i = 0; i < frame.checksums.size(); ++i) {
      packet::ChecksumSite site = frame.checksums[i];
      const bool covers = std::ranges::any_of(frame.seals, [&](const packet::Seal& seal) {
        return site.begin <= seal.begin && (site.end == 0 || site.end > seal.begin);
      });
      if (!covers) continue;
      sealed_ |= 1u << i;
      if (site.end == 0 && !out_.varying_size) site.end = frame.data_end;
      plan_.resums.push_back(site);
      ++out_.resum_count;
    }
    return absl::OkStatus();
  }

  // Bit i: checksum i covers the patch.
  uint32_t SumsOver(const core::Patch& patch) const {
    const size_t from = patch.offset_bits / 8, to = (patch.offset_bits + patch.bits + 7) / 8;
    uint32_t sums = 0;
    for (size_t i = 0; i < message_.frame.checksums.size(); ++i) {
      if (CoversBytes(message_.frame.checksums[i], bytes_.size(), from, to)) sums |= 1u << i;
    }
    return sums;
  }

  void AddFieldOp(FieldOp op, uint32_t sums) {
    op.sums = static_cast<uint8_t>(sums);
    op.cycles = Cycles(op);
    op.low_half = LowHalf(op);
    // Next to those that read the same draw, which is made once for all of them.
    const auto begin = plan_.field_ops.rend() - out_.first_op;
    const auto same = std::find_if(plan_.field_ops.rbegin(), begin,
                                   [&](const FieldOp& other) { return SameDraw(other, op); });
    op.same_draw = same != begin;
    plan_.field_ops.insert(op.same_draw ? same.base() : plan_.field_ops.end(), op);
  }

  // Checksums over constants that were baked in after the encoding, and over nothing that varies.
  void RenewBakedSums() {
    const auto& sums = message_.frame.checksums;
    for (size_t i = 0; i < sums.size(); ++i) {
      if ((baked_ & ~touched_ & ~sealed_) >> i & 1) {
        packet::SetChecksum({bytes_.data(), message_.frame.data_end}, sums[i]);
      }
    }
  }

  // Lengths that vary with the size stand as zeros in the prototype.
  absl::Status AddLengths() {
    out_.first_length = static_cast<uint32_t>(plan_.lengths.size());
    if (!out_.varying_size) return absl::OkStatus();
    for (const packet::LengthSite& site : message_.frame.lengths) {
      if (site.bytes > kMaxLengthBytes) return Fault("a length of more than 9999 that varies");
      std::fill_n(bytes_.begin() + site.offset, site.bytes, uint8_t{0});
      plan_.lengths.push_back(site);
    }
    out_.length_count = static_cast<uint32_t>(message_.frame.lengths.size());
    return absl::OkStatus();
  }

  // Whether the field steps with the index, or the number of the packet, by 32-bit numbers: of wide
  // fields the low half, while the high one stays.
  bool Cycles(const FieldOp& op) const {
    const bool selects =
        op.select == FieldOp::Select::kModulo || op.select == FieldOp::Select::kIdentity;
    const bool counts = op.input == FieldOp::Input::kIndex ||
                        plan_.word_plans[out_.first_word + op.word].word == Word::kPacketCount;
    if (!selects || !counts || op.table || op.little_endian) return false;
    if (op.again != 0 || op.count > UINT32_MAX) return false;
    if (op.bits + op.shift % 8u <= 32) return true;
    return op.shift % 8u == 0 && op.count > 0 && op.step <= UINT32_MAX &&
           (op.start & UINT32_MAX) + op.step * (op.count - 1) <= UINT32_MAX;
  }

  static bool LowHalf(const FieldOp& op) {
    const bool indexed = op.input == FieldOp::Input::kIndex;
    if (op.select != FieldOp::Select::kIdentity || op.little_endian) return false;
    if (op.bits + op.shift % 8u > 32) return indexed && op.cycles;
    return indexed || op.again == 0;
  }

  static bool SameDraw(const FieldOp& a, const FieldOp& b) {
    return a.input == b.input && a.word == b.word && a.select == b.select &&
           a.low_half == b.low_half && a.draw_key == b.draw_key && a.scope_key == b.scope_key &&
           a.count == b.count && a.select_table == b.select_table && a.select_size == b.select_size;
  }

  // Stress streams.
  bool CountersOnly() const {
    const auto first = plan_.field_ops.begin() + out_.first_op;
    return !out_.varying_size && !out_.has_crc && out_.seal_count == 0 &&
           std::all_of(first, first + out_.op_count, [](const FieldOp& op) {
             return op.cycles && op.input == FieldOp::Input::kIndex;
           });
  }

  bool LengthIn(const packet::ChecksumSite& sum, const packet::LengthSite& length) const {
    return CoversBytes(sum, bytes_.size(), length.offset, length.offset + size_t{length.bytes});
  }

  // A checksum is computed per packet if a field, a length or another computed checksum lies in
  // what it covers; the others stay as encoded.
  void FindTouched() {
    const auto& sums = message_.frame.checksums;
    for (size_t i = 0; i < sums.size(); ++i) {
      if (all_sums_) touched_ |= 1u << i;
      if (out_.varying_size && (sums[i].end == 0 || HoldsLength(sums[i]))) touched_ |= 1u << i;
      for (size_t j = 0; j < i; ++j) {
        const bool inner = touched_ & (1u << j);
        if (inner && CoversBytes(sums[i], bytes_.size(), sums[j].offset,
                                 sums[j].offset + size_t{sums[j].bytes()})) {
          touched_ |= 1u << i;
        }
      }
    }
    touched_ &= ~sealed_;
  }

  bool HoldsLength(const packet::ChecksumSite& sum) const {
    return std::ranges::any_of(message_.frame.lengths,
                               [&](const auto& length) { return LengthIn(sum, length); });
  }

  absl::Status AddSums() {
    FindTouched();
    RenewBakedSums();
    const auto& sums = message_.frame.checksums;
    out_.first_sum = static_cast<uint32_t>(plan_.sums.size());
    std::vector<int> position(sums.size(), -1);
    int next = 0;
    for (size_t i = 0; i < sums.size(); ++i) {
      if (!(touched_ & (1u << i))) continue;
      if (sums[i].begin % 2 != 0 || sums[i].pseudo_begin % 2 != 0) {
        return Fault("a checksum over data at an odd offset");
      }
      std::fill_n(bytes_.begin() + sums[i].offset, sums[i].bytes(), uint8_t{0});
      position[i] = next++;
    }
    for (size_t i = 0; i < sums.size(); ++i) {
      if (position[i] < 0) continue;
      plan_.sums.push_back(MakeSum(i, position));
      SumSite& sum = plan_.sums.back();
      if (sum.to_end) AddTail(out_, bytes_, sum, plan_);
      JoinLengths(out_, sum, plan_);
      out_.has_crc |= sum.crc;
    }
    out_.sum_count = static_cast<uint32_t>(next);
    RenumberSums(position);
    return absl::OkStatus();
  }

  SumSite MakeSum(size_t i, const std::vector<int>& position) const {
    const auto& sums = message_.frame.checksums;
    const packet::ChecksumSite& site = sums[i];
    SumSite out{.base = site.bias,
                .offset = site.offset,
                .begin = site.begin,
                .end = site.end,
                .zero_as_ones = site.zero_as_ones,
                .crc = site.kind == packet::SumKind::kCrc32c};
    const bool pseudo = site.pseudo_end > site.pseudo_begin;
    out.covers_payload = site.end == 0 && !out.crc;
    out.to_end = out_.varying_size && site.end == 0 && !out.crc;
    out.adds_length = out.to_end && pseudo;
    const size_t end = site.end == 0 ? message_.frame.data_end : site.end;
    if (out.crc) out.end = out_.varying_size ? site.end : static_cast<uint16_t>(end);
    if (!out.to_end && !out.crc) {
      out.base += packet::SumBytes(bytes_.data() + site.begin, end - site.begin);
    }
    if (pseudo) {
      out.base +=
          packet::SumBytes(bytes_.data() + site.pseudo_begin, site.pseudo_end - site.pseudo_begin) +
          packet::SumBytes(bytes_.data() + site.final_begin, site.final_end - site.final_begin) +
          site.protocol;
      if (!out.adds_length) out.base += end - site.begin;
    }
    for (size_t j = i + 1; j < sums.size(); ++j) {
      const bool covers =
          CoversBytes(sums[j], bytes_.size(), site.offset, site.offset + size_t{site.bytes()});
      if (position[j] >= 0 && covers) out.covered_by |= static_cast<uint8_t>(1u << position[j]);
    }
    for (size_t k = 0; k < out_.length_count; ++k) {
      if (LengthIn(site, message_.frame.lengths[k])) out.lengths |= static_cast<uint8_t>(1u << k);
    }
    if (!out.crc) out.base = packet::Fold(out.base);
    return out;
  }

  void RenumberSums(const std::vector<int>& position) {
    for (uint32_t o = 0; o < out_.op_count; ++o) {
      FieldOp& op = plan_.field_ops[out_.first_op + o];
      uint8_t sums = 0;
      for (size_t i = 0; i < position.size(); ++i) {
        if ((op.sums >> i & 1) && position[i] >= 0) sums |= static_cast<uint8_t>(1u << position[i]);
      }
      op.sums = sums;
    }
  }

  const core::Scenario& scenario_;
  const core::Message& message_;
  ColumnTables& tables_;
  Plan& plan_;
  const bool all_sums_;
  std::vector<uint8_t> bytes_;
  MessagePlan out_;
  uint32_t touched_ = 0;  // bit i: checksum i varies
  uint32_t sealed_ = 0;   // bit i: checksum i covers a seal
  uint32_t baked_ = 0;    // bit i: a constant that checksum i covers was settled after the encoding
};

// Whether all of a packet of a stream follows from its number.
bool CanRun(const MessagePlan& message, const Plan& plan) {
  const auto of_packet = [&plan](uint32_t draw) {
    return plan.draws[draw].scope == core::Scope::kPacket;
  };
  const auto first = plan.word_plans.begin() + message.first_word;
  return message.size_variable == core::kNone &&
         (message.size_draw == core::kNone || of_packet(message.size_draw)) &&
         std::all_of(first, first + message.word_count, [&](const WordPlan& word) {
           return word.word == Word::kPacketBits || word.word == Word::kPacketCount ||
                  (word.word == Word::kOutcome && of_packet(word.index));
         });
}

MessagePlan RunForm(MessagePlan message) {
  message.is_run = true;
  message.run_form = core::kNone;
  message.operand_slots = 1;
  return message;
}

uint32_t Append(MessagePlan message, const std::string& name, const std::string& info, Plan& plan) {
  plan.max_frame = std::max<uint32_t>(plan.max_frame, message.length);
  plan.messages.push_back(message);
  plan.record_slots.push_back(static_cast<uint8_t>(1 + message.operand_slots));
  plan.forms.push_back(message.is_run      ? RecordForm::kRun
                       : message.is_absent ? RecordForm::kAbsent
                                           : RecordForm::kPacket);
  plan.message_names.push_back(name);
  plan.message_infos.push_back(info);
  return static_cast<uint32_t>(plan.messages.size() - 1);
}

// The messages that stand for lost and for damaged packets of an impaired flow.
absl::Status AppendTwins(uint32_t index, MessagePlan corrupt, Plan& plan) {
  const core::Impairment& impairment =
      plan.impairments[plan.flows[plan.messages[index].flow].impairment];
  const std::string name = plan.message_names[index], info = plan.message_infos[index];
  if (impairment.loss > 0 || impairment.enter > 0) {
    MessagePlan absent = plan.messages[index];
    absent.is_absent = true;
    absent.operand_slots = absent.word_count = 0;
    plan.messages[index].absent = Append(absent, absl::StrCat(name, " (lost)"), info, plan);
  }
  if (impairment.corrupt == 0) return absl::OkStatus();
  corrupt.damage_word = static_cast<uint8_t>((PlaceOf(corrupt, corrupt.word_count) + 1) / 2);
  if (corrupt.damage_word >= kMaxOperandWords) {
    return absl::InvalidArgumentError(
        absl::StrCat("message \"", name, "\": more than ", kMaxOperandWords - 1,
                     " independent varying values beside its damage"));
  }
  corrupt.operand_slots = OperandSlots(2u * corrupt.damage_word + 2);
  corrupt.flips = static_cast<uint8_t>(impairment.bits);
  corrupt.flips_right = impairment.right_checksums && corrupt.track == core::kNone;
  corrupt.link_bytes = plan.link == packet::LinkType::kEthernet ? 14 : 0;
  plan.messages[index].corrupt = Append(corrupt, absl::StrCat(name, " (damaged)"), info, plan);
  return absl::OkStatus();
}

absl::StatusOr<uint32_t> AppendMessage(const core::Scenario& scenario, uint32_t number,
                                       uint32_t flow, ColumnTables& tables, Plan& plan) {
  const core::Message& message = scenario.messages[number];
  SPATE_ASSIGN_OR_RETURN(const MessagePlan m,
                         MessageFlattener(scenario, message, flow, tables, plan).Run());
  const uint32_t index = Append(m, message.name, message.info, plan);
  if (plan.flows[flow].stream && CanRun(m, plan)) {
    plan.messages[index].run_form = Append(RunForm(m), message.name, message.info, plan);
  }
  if (plan.flows[flow].impairment == core::kNone) return index;
  MessagePlan corrupt = m;
  const core::Impairment& impairment = plan.impairments[plan.flows[flow].impairment];
  if (impairment.corrupt > 0 && impairment.right_checksums) {
    SPATE_ASSIGN_OR_RETURN(corrupt,
                           MessageFlattener(scenario, message, flow, tables, plan, true).Run());
  }
  SPATE_RETURN_IF_ERROR(AppendTwins(index, corrupt, plan));
  return index;
}

// One message stands for all frames of a track that leave by one port: word 0 says which one,
// word 1 which instance. Returns the first; the others follow it in the order of the track's ports.
absl::StatusOr<uint32_t> AppendTrack(uint32_t track, uint32_t flow, Plan& plan) {
  MessagePlan m;
  m.flow = flow;
  m.track = track;
  m.length = static_cast<uint16_t>(plan.tracks[track]->longest);
  m.word_count = m.wide_words = 2;
  m.operand_slots = 1;
  const auto first = static_cast<uint32_t>(plan.messages.size());
  for (const uint32_t port : plan.tracks[track]->ports) {
    m.port = port;
    Append(m, plan.tracks[track]->name, "", plan);
  }
  const auto end = static_cast<uint32_t>(plan.messages.size());
  if (plan.flows[flow].impairment == core::kNone) return first;
  for (uint32_t index = first; index < end; ++index) {
    SPATE_RETURN_IF_ERROR(AppendTwins(index, plan.messages[index], plan));
  }
  return first;
}

}  // namespace

// Each flow gets its own copy of the messages it sends: the flow is part of a packet's place in
// the order of the trace, and its group decides what Descriptor::index holds.
absl::Status FlattenMessages(const core::Scenario& scenario, Plan& plan) {
  ColumnTables tables;
  for (uint32_t f = 0; f < scenario.flows.size(); ++f) {
    std::map<uint32_t, uint32_t> planned;
    const size_t ops = scenario.flows[f].ops.size();
    for (size_t o = 0; o < ops; ++o) {
      OpPlan& op = plan.ops[plan.flows[f].first_op + o];
      if (op.code == core::OpCode::kSendCaptured) {
        SPATE_ASSIGN_OR_RETURN(op.message, AppendTrack(op.b, f, plan));
      }
      if (op.code != core::OpCode::kSend) continue;
      const auto known = planned.find(op.a);
      if (known != planned.end()) {
        op.a = known->second;
        continue;
      }
      SPATE_ASSIGN_OR_RETURN(const uint32_t index, AppendMessage(scenario, op.a, f, tables, plan));
      planned[op.a] = index;
      op.a = index;
    }
    if (plan.flows[f].stream) plan.flows[f].stream_message = plan.ops[plan.flows[f].first_op + 1].a;
  }
  if (plan.messages.size() > kMaxMessages) {
    return absl::InvalidArgumentError(absl::StrCat("the flows send ", plan.messages.size(),
                                                   " different messages, at most ", kMaxMessages,
                                                   " fit"));
  }
  return absl::OkStatus();
}

}  // namespace spate::engine
