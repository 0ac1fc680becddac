// Patches → field operations: where the varying value of a field comes from, how it is mapped and
// where it is put.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/plan/plan.h"
#include "template/core.h"

namespace spate::engine {

// Where the tables of columns stand in Plan::words, each once.
using ColumnTables = std::map<const core::Column*, uint32_t>;

// The least length of the message's frames, for what a small packet would cut off.
uint64_t SmallestSize(const MessagePlan& message, const Plan& plan);

// Puts operand words of which no field needs more than 32 bits behind the others, when all fields
// of the message are there.
void PlaceWords(MessagePlan& message, Plan& plan);

class FieldPlanner {
 public:
  // Adds operand words to `message` and tables to `plan`; bakes constants into `bytes`.
  FieldPlanner(const core::Scenario& scenario, const core::Message& source, ColumnTables& tables,
               MessagePlan& message, Plan& plan, std::vector<uint8_t>& bytes);

  // nullopt: the value never changes within a run and stands in the prototype now.
  absl::StatusOr<std::optional<FieldOp>> Add(const core::Patch& patch);

 private:
  // Whether the identity of the group's instances changes.
  bool Replaced() const;
  std::optional<uint64_t> ConstantOutcome(const DrawPlan& draw) const;
  bool HasKernel(const DrawPlan& draw, const core::Column* column) const;
  void SelectCounter(const DrawPlan& draw, FieldOp& op);
  void SelectRandom(const DrawPlan& draw, FieldOp& op);
  void MapColumn(const core::Column& column, FieldOp& op);
  absl::Status Place(const core::Patch& patch, FieldOp& op) const;
  absl::Status CheckWithinSmallestSize(const core::Patch& patch) const;
  void ReadWord(Word word, uint32_t index, FieldOp& op);
  void PlanIndexModulus(const core::Message& source);
  void Bake(const FieldOp& place, uint64_t value);

  const core::Scenario& scenario_;
  ColumnTables& tables_;
  MessagePlan& message_;
  Plan& plan_;
  std::vector<uint8_t>& bytes_;
  bool single_ = false;  // the flow's group has one instance
};

}  // namespace spate::engine
