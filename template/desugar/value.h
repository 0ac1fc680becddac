// Value laws → draws, columns and the constant part of a field.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "packet/header.h"
#include "template/desugar/context.h"

namespace spate::tmpl {

// Where a host name of a message leads to in one flow.
struct HostUse {
  const HostSet* set = nullptr;
  std::string name;  // of the set
  std::string draw;  // name of the draw of its row
  Scope scope = Scope::kPacket;
  bool conversation = false;  // of a flow with two sides
};

// The flow for which a law is rewritten: what its names mean there.
struct FlowNames {
  std::string flow;              // "group/flow", for messages
  const Group* group = nullptr;  // nullptr: a flow at top level
  const Flow* surface = nullptr;
  std::vector<std::string> variables;  // slots in order, hidden ones too
  uint32_t first_flow = 0;             // of the group, in Scenario::flows
  Named<NamedDraw> draws;              // of the flow itself (client ports)
};

// How one field gets its value: a constant part, and pieces that vary.
struct FieldPiece {
  uint32_t low_bit = 0;  // of the piece's last bit, counted from the field's last
  uint16_t bits = 0;
  core::Patch::Source source = core::Patch::Source::kDraw;
  uint32_t index = 0;
  uint32_t column = core::kNone;
};
struct FieldValue {
  std::vector<uint8_t> constant;  // as packet::FieldValue has it; zero where pieces are
  std::vector<FieldPiece> pieces;
};

// Values by row number: a list, or start + row · step (modulo 2^128, so a step may be negative).
struct Rows {
  std::vector<uint128> list;
  uint128 start = 0, step = 0;
  uint64_t count = 1;
  uint128 At(uint64_t row) const { return list.empty() ? start + row * step : list[row]; }
};

// A literal as a value of `field`; the fault says what was expected.
std::optional<uint128> ParseLiteral(Context& context, const Place& place, const Literal& literal,
                                    const packet::FieldSpec& field);
std::string LiteralText(const Literal& literal);

// The rows of an increment or decrement of `field`; nullopt: a fault was reported.
std::optional<Rows> CounterRows(Context& context, const ValueLaw& law,
                                const packet::FieldSpec& field);

// Cuts rows into pieces of at most 64 bits read through columns. `key` names the rows, so that
// equal columns are shared.
bool AddPieces(Context& context, const Place& place, const Rows& rows,
               const packet::FieldSpec& field, uint32_t draw, const std::string& key,
               FieldValue& out);

// The law of a field in a message of a flow. `path` is the salt of a draw of its own.
std::optional<FieldValue> LowerField(Context& context, const FlowNames& names, const ValueLaw& law,
                                     const packet::FieldSpec& field, const std::string& path);

// A law of plain numbers (sizes, loop counts, variables): constants and draws.
struct NumberValue {
  core::Law law;
  core::Scope scope = core::Scope::kPacket;
  std::string salt;
  std::optional<uint32_t> variable;  // instead of a law
};
std::optional<NumberValue> LowerNumber(Context& context, const FlowNames& names,
                                       const ValueLaw& law, Scope scope, const std::string& path);

// Likewise, for how often something is done: what may be below 0 is reported.
std::optional<NumberValue> LowerCount(Context& context, const FlowNames& names, const ValueLaw& law,
                                      const std::string& path);

core::Operand ToOperand(Context& context, const NumberValue& value);

// The slot of a variable of the flow or of its group; nullopt: undefined, and reported.
std::optional<uint32_t> SlotOf(Context& context, const FlowNames& names, const std::string& name,
                               const Place& place);

// hosts.cc
std::optional<HostUse> ResolveHost(Context& context, const FlowNames& names, const Place& place,
                                   const std::string& name, std::optional<Scope> per);
uint64_t HostCount(const HostSet& set);
// The values of the column that fits `field`, one per host.
std::optional<Rows> HostRows(Context& context, const HostUse& use, const Place& place,
                             const packet::FieldSpec& field);
std::optional<FieldValue> LowerHost(Context& context, const HostUse& use, const Place& place,
                                    const packet::FieldSpec& field);

}  // namespace spate::tmpl
