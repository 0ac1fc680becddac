#include "engine/plan/flatten_fields.h"

#include <algorithm>
#include <numeric>
#include <span>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "base/status.h"
#include "engine/plan/field_store.h"
#include "engine/plan/law.h"

namespace spate::engine {
namespace {

using core::Law;
using core::Scope;

bool IsCounter(const LawPlan& law) {
  return law.kind == Law::Kind::kArithmetic || law.kind == Law::Kind::kList;
}

uint64_t Cycle(const LawPlan& law) { return law.kind == Law::Kind::kList ? law.size : law.count; }

uint64_t ValueOf(const core::Column& column, uint64_t row) {
  if (column.values.empty()) return column.start + column.step * row;
  return column.values[std::min<uint64_t>(row, column.values.size() - 1)];
}

uint32_t AppendTable(const std::vector<uint64_t>& values, Plan& plan) {
  const uint32_t at = static_cast<uint32_t>(plan.words.size());
  plan.words.insert(plan.words.end(), values.begin(), values.end());
  return at;
}

uint64_t SmallestOutcome(const LawPlan& law, const Plan& plan) {
  const uint64_t* table = plan.words.data() + law.table;
  switch (law.kind) {
    case Law::Kind::kList:
    case Law::Kind::kQuantiles:
      return *std::min_element(table, table + law.size);
    case Law::Kind::kAlias: {
      uint64_t least = UINT64_MAX;
      for (uint32_t i = 0; i < law.size; ++i) {
        // Balanced: `size` edges, then the values.
        const uint64_t value = law.balanced > 0 ? table[law.size + i]
                               : law.cells      ? OutcomeOfCell(table[i], 0)
                                                : table[3 * i + 1];
        least = std::min(least, value);
      }
      return least;
    }
    case Law::Kind::kArithmetic:
      return std::min(law.start, law.start + law.step * (law.count - 1));
    default:
      return law.start;
  }
}

// Whether the field holds no more than its cycle, so that it begins anew at the same time.
bool WrapsAlone(const FieldOp& op) {
  return op.select == FieldOp::Select::kModulo && op.input == FieldOp::Input::kWord && !op.table &&
         op.bits < 64 && op.count % (uint64_t{1} << op.bits) == 0;
}

// Values that step evenly, as addresses and ports of host sets do.
struct Steps {
  uint64_t start = 0, step = 0;
  uint64_t again = 0;  // as FieldOp::again
};

// Those that `values` are, if they begin anew once at most.
std::optional<Steps> StepsOf(const std::vector<uint64_t>& values) {
  if (values.size() < 2) return std::nullopt;
  const Steps steps{.start = values[0], .step = values[1] - values[0]};
  size_t cycle = 2;
  while (cycle < values.size() && values[cycle] == steps.start + steps.step * cycle) ++cycle;
  if (cycle == values.size()) return steps;
  if (2 * cycle < values.size()) return std::nullopt;
  if (!std::equal(values.begin() + static_cast<ptrdiff_t>(cycle), values.end(), values.begin())) {
    return std::nullopt;
  }
  return Steps{.start = steps.start, .step = steps.step, .again = cycle};
}

}  // namespace

uint64_t SmallestSize(const MessagePlan& message, const Plan& plan) {
  if (!message.varying_size) return message.length;
  return message.size_draw == core::kNone
             ? message.payload_offset
             : SmallestOutcome(plan.draws[message.size_draw].law, plan);
}

void PlaceWords(MessagePlan& message, Plan& plan) {
  const std::span<FieldOp> ops(plan.field_ops.data() + message.first_op, message.op_count);
  const auto first = plan.word_plans.begin() + message.first_word;
  const std::vector<WordPlan> words(first, plan.word_plans.end());
  const auto is_wide = [&](size_t word) {
    return std::ranges::any_of(ops, [&](const FieldOp& op) {
      return op.input == FieldOp::Input::kWord && op.word == word && !op.low_half;
    });
  };
  std::vector<uint8_t> position(words.size());
  uint8_t next = 0;
  for (const bool wide : {true, false}) {
    for (size_t w = 0; w < words.size(); ++w) {
      if (is_wide(w) != wide) continue;
      position[w] = next;
      first[next++] = words[w];
    }
    if (wide) message.wide_words = next;
  }
  for (FieldOp& op : ops) {
    if (op.input != FieldOp::Input::kWord) continue;
    op.word = position[op.word];
    op.place = static_cast<uint8_t>(PlaceOf(message, op.word));
  }
  message.operand_slots = OperandSlots(PlaceOf(message, message.word_count));
}

FieldPlanner::FieldPlanner(const core::Scenario& scenario, const core::Message& source,
                           ColumnTables& tables, MessagePlan& message, Plan& plan,
                           std::vector<uint8_t>& bytes)
    : scenario_(scenario), tables_(tables), message_(message), plan_(plan), bytes_(bytes) {
  single_ = plan_.groups[plan_.flows[message_.flow].group].count == 1;
  if (single_) PlanIndexModulus(source);
}

// In groups of one, all counters of packets fit into one index when their common cycle does.
void FieldPlanner::PlanIndexModulus(const core::Message& source) {
  uint64_t cycle = 1;
  for (const core::Patch& patch : source.patches) {
    if (patch.source != core::Patch::Source::kDraw) continue;
    const DrawPlan& draw = plan_.draws[patch.index];
    const bool dealt = draw.law.balanced > 0 || draw.law.permuted;
    if (draw.scope != Scope::kPacket || !IsCounter(draw.law) || dealt) continue;
    if (Cycle(draw.law) == 0) continue;
    const uint64_t joint = cycle / std::gcd(cycle, Cycle(draw.law)) * Cycle(draw.law);
    if (joint <= UINT32_MAX) cycle = joint;
  }
  message_.index_modulus = cycle > 1 ? static_cast<uint32_t>(cycle) : 0;
  message_.index_inverse = InverseOf(cycle);
}

absl::StatusOr<std::optional<FieldOp>> FieldPlanner::Add(const core::Patch& patch) {
  FieldOp op;
  SPATE_RETURN_IF_ERROR(Place(patch, op));
  const core::Column* column =
      patch.column == core::kNone ? nullptr : &scenario_.columns[patch.column];
  if (patch.source == core::Patch::Source::kVariable) {
    ReadWord(Word::kVariable, SlotIn(plan_.flows[message_.flow], patch.index), op);
  } else {
    const DrawPlan& draw = plan_.draws[patch.index];
    if (const std::optional<uint64_t> constant = ConstantOutcome(draw)) {
      Bake(op, column == nullptr ? *constant : ValueOf(*column, *constant));
      return std::optional<FieldOp>();
    }
    if (!HasKernel(draw, column)) {
      ReadWord(Word::kOutcome, patch.index, op);
    } else if (IsCounter(draw.law)) {
      SelectCounter(draw, op);
    } else {
      SelectRandom(draw, op);
    }
  }
  if (column != nullptr) {
    MapColumn(*column, op);
  } else if (WrapsAlone(op)) {
    op.select = FieldOp::Select::kIdentity;
    op.count = op.inverse = 0;
  }
  return std::optional<FieldOp>(op);
}

bool FieldPlanner::Replaced() const {
  return plan_.groups[plan_.flows[message_.flow].group].identity != core::kNone;
}

// Draws of the run, and of the instance where there is but one, are settled before it starts.
std::optional<uint64_t> FieldPlanner::ConstantOutcome(const DrawPlan& draw) const {
  if (draw.law.kind == Law::Kind::kConstant) return draw.law.start;
  const bool instance = draw.scope == Scope::kInstance && single_ && !Replaced();
  if (draw.scope != Scope::kRun && !instance) return std::nullopt;
  const FlowPlan& flow = plan_.flows[message_.flow];
  const uint64_t key = instance ? plan_.groups[flow.group].key : SubKey(Mix(plan_.seed), 0);
  return DealtOutcome(draw.law, plan_.words.data(), key + draw.key, 0, 0, ScopeBits(key, 0, draw));
}

// Burst kernels exist for cycles and for independent numbers; the rest (balanced deals,
// interpolation, cycles that start elsewhere than at row 0 of a table) the generation lcore draws.
bool FieldPlanner::HasKernel(const DrawPlan& draw, const core::Column* column) const {
  if (draw.law.balanced > 0 || draw.law.permuted || draw.law.kind == Law::Kind::kQuantiles) {
    return false;
  }
  if (draw.scope == Scope::kInstance && Replaced()) return false;
  const bool tabled = column != nullptr && !column->values.empty();
  const bool offset_rows = draw.law.start != 0 || draw.law.step != 1;
  if (tabled && draw.law.kind == Law::Kind::kArithmetic && offset_rows) return false;
  if (tabled && draw.law.kind == Law::Kind::kUniform && draw.law.start != 0) return false;
  const bool joined = column != nullptr && draw.law.kind == Law::Kind::kList;
  if (draw.law.kind == Law::Kind::kUniform && draw.law.count == 0) return false;
  return !joined;
}

void FieldPlanner::SelectCounter(const DrawPlan& draw, FieldOp& op) {
  const uint64_t cycle = Cycle(draw.law);
  const bool indexed = draw.scope == Scope::kPacket
                           ? single_ && message_.index_modulus != 0 && cycle != 0 &&
                                 message_.index_modulus % cycle == 0
                           : draw.scope == Scope::kInstance;
  if (!indexed)
    ReadWord(draw.scope == Scope::kPacket ? Word::kPacketCount : Word::kPassCount, 0, op);
  const bool in_range =
      indexed && (draw.scope == Scope::kPacket
                      ? message_.index_modulus == cycle
                      : plan_.groups[plan_.flows[message_.flow].group].count <= cycle);
  if (cycle != 0 && !in_range) op.select = FieldOp::Select::kModulo;
  op.count = cycle;
  op.inverse = cycle == 0 ? 0 : InverseOf(cycle);
  op.start = draw.law.start;
  op.step = draw.law.step;
  if (draw.law.kind == Law::Kind::kList) {
    op.table = true;
    op.map_table = draw.law.table;
    op.map_size = draw.law.size;
  }
}

void FieldPlanner::SelectRandom(const DrawPlan& draw, FieldOp& op) {
  if (draw.scope != Scope::kInstance) {
    ReadWord(draw.scope == Scope::kPacket ? Word::kPacketBits : Word::kPassBits, 0, op);
  }
  op.scope_key = plan_.groups[plan_.flows[message_.flow].group].key;
  op.draw_key = draw.key;
  if (draw.law.kind == Law::Kind::kAlias) {
    op.select = draw.law.cells ? FieldOp::Select::kCell : FieldOp::Select::kAlias;
    op.select_table = draw.law.table;
    op.select_size = draw.law.size;
  } else {
    op.select = FieldOp::Select::kBelow;
    op.count = draw.law.count;
    op.start = draw.law.start;
  }
}

void FieldPlanner::MapColumn(const core::Column& column, FieldOp& op) {
  if (const std::optional<Steps> steps = StepsOf(column.values)) {
    op.start = steps->start;
    op.step = steps->step;
    op.again = steps->again;
  } else if (!column.values.empty()) {
    op.table = true;
    const auto [table, is_new] = tables_.try_emplace(&column, 0);
    if (is_new) table->second = AppendTable(column.values, plan_);
    op.map_table = table->second;
    op.map_size = static_cast<uint32_t>(column.values.size());
  } else {
    op.start = column.start + column.step * op.start;
    op.step *= column.step;
  }
}

void FieldPlanner::ReadWord(Word word, uint32_t index, FieldOp& op) {
  op.input = FieldOp::Input::kWord;
  for (uint8_t w = 0; w < message_.word_count; ++w) {
    const WordPlan& have = plan_.word_plans[message_.first_word + w];
    if (have.word == word && have.index == index) {
      op.word = w;
      return;
    }
  }
  op.word = message_.word_count++;
  plan_.word_plans.push_back({.word = word, .index = index});
}

absl::Status FieldPlanner::CheckWithinSmallestSize(const core::Patch& patch) const {
  if (!message_.varying_size) return absl::OkStatus();
  const uint64_t smallest = SmallestSize(message_, plan_);
  const uint64_t end = (patch.offset_bits + patch.bits + 7) / 8;
  if (end <= smallest) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("flow \"", plan_.flow_names[message_.flow], "\": a field ends at byte ", end,
                   " of a frame whose smallest size is ", smallest, " bytes without FCS"));
}

absl::Status FieldPlanner::Place(const core::Patch& patch, FieldOp& op) const {
  SPATE_RETURN_IF_ERROR(CheckWithinSmallestSize(patch));
  const uint32_t length = static_cast<uint32_t>(bytes_.size());
  if (patch.bits == 0 || patch.bits > 64 || patch.offset_bits + patch.bits > length * 8) {
    return absl::InternalError(absl::StrCat("a field of ", patch.bits, " bits at bit ",
                                            patch.offset_bits, " does not lie in its frame"));
  }
  op.bits = static_cast<uint8_t>(patch.bits);
  op.little_endian = patch.little_endian;
  const uint32_t bytes = patch.bits / 8;
  const bool whole = patch.offset_bits % 8 == 0 && patch.bits % 8 == 0 &&
                     (bytes == 1 || bytes == 2 || bytes == 4 || bytes == 6 || bytes == 8);
  if (whole) {
    op.bytes = static_cast<uint8_t>(bytes);
    op.offset = static_cast<uint16_t>(patch.offset_bits / 8);
    op.sum_shift = (op.offset + bytes) % 2 != 0 ? 8 : 0;
    return absl::OkStatus();
  }
  const uint32_t even = patch.offset_bits / 16 * 2;
  // Of a frame with an odd number of bytes the last window reaches one byte further.
  const uint32_t window = std::min(even, length >= 8 ? (length - 7) & ~1u : 0u);
  const uint32_t before = patch.offset_bits - window * 8;
  if (before + patch.bits > 64) {
    return absl::InternalError(absl::StrCat("a field of ", patch.bits, " bits at bit ",
                                            patch.offset_bits, " straddles two words"));
  }
  op.offset = static_cast<uint16_t>(window);
  op.shift = static_cast<uint8_t>(64 - before - patch.bits);
  return absl::OkStatus();
}

void FieldPlanner::Bake(const FieldOp& place, uint64_t value) {
  // Windows may reach past a frame shorter than 8 bytes: store with room, then cut again.
  const size_t length = bytes_.size();
  bytes_.resize(length + 8);
  StoreField(place, bytes_.data(), value);
  bytes_.resize(length);
}

}  // namespace spate::engine
