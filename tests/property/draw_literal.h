// Plain values for the places of a template that hold them.
#pragma once

#include <string>

#include "packet/header.h"
#include "template/node.h"
#include "tests/property/dice.h"

namespace spate::testing {

// What a value law stands for.
struct Domain {
  packet::FieldKind kind = packet::FieldKind::kUint;
  uint64_t min = 0, max = 255;  // of kUint
  bool variable = false;        // of variable length
  bool decimal = false;         // written so, not in hex
  std::string_view letters = {};
};

Domain DomainOf(const packet::FieldSpec& field);

// A value of the domain as a template writes it.
tmpl::Node DrawLiteral(Dice& dice, const Domain& domain);

// "20ms"
std::string DrawDuration(Dice& dice, double min_s, double max_s);

// "9kpps", "1mbps", "20%"
std::string DrawRate(Dice& dice, bool pps_only);

// Rows of the columns "a" and "b", perhaps with weights.
tmpl::Node DrawTable(Dice& dice);

// Rising times of a run.
tmpl::Node DrawTimes(Dice& dice);

// Values at rising probabilities, or rising values.
tmpl::Node DrawQuantiles(Dice& dice, const Domain& domain, bool times);

// The inside of a distribution: {"mean": 5}; its parts agree with each other.
tmpl::Node DrawDistribution(Dice& dice, std::string_view law, const Domain& domain, bool time);

// Whether a field may have any value. Those that say how to read the rest must mostly be true.
bool MayVary(const packet::FieldSpec& field);

}  // namespace spate::testing
