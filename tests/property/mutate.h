// Templates that are broken at random.
#pragma once

#include <string>

#include "template/node.h"
#include "tests/property/dice.h"

namespace spate::testing {

// Bytes are flipped, lost, doubled or put in.
std::string MutateBytes(Dice& dice, std::string text);
// Words, numbers and marks change places, vanish or come twice.
std::string MutateTokens(Dice& dice, const std::string& text);
// Values of the tree vanish, take each other's places, or become something else altogether.
void MutateStructure(Dice& dice, tmpl::Node& root);

}  // namespace spate::testing
