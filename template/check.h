// Checks that need the whole template, before it is rewritten: names, chains, endless passes.
#pragma once

#include "template/fault.h"
#include "template/surface.h"

namespace spate::tmpl {

// Flows that act on each other: undefined ones, idle ones that nothing starts, variables.
void CheckRelations(const Template& t, Faults& faults);

void Check(const Template& t, Faults& faults);
// chains: undefined and unreachable states, cycles without time.
void CheckChain(const ChainStep& chain, const Place& place, Faults& faults);

}  // namespace spate::tmpl
