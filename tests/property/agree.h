// What the schema cannot say about an object: keys that need or exclude each other.
#pragma once

#include "template/node.h"
#include "tests/property/dice.h"
#include "tests/property/draw_at.h"

namespace spate::testing {

// Makes the parts of a drawn object agree, for nearly all objects; mending does it for the rest.
void Agree(Dice& dice, const At& at, tmpl::Node::Object& object);

}  // namespace spate::testing
