// `include`: brings the named things of other templates into a tree.
#pragma once

#include <string>

#include "template/node.h"

namespace spate::tmpl {

// Replaces the key "include" of `root`, read from `file` and with its params applied, by what the
// named files hold: each with its own params applied, inclusions of its own first. Of an included
// file come the objects of named things (hosts, messages, flows, …); its name, rate, duration and
// the like do not matter. A name that two files give is a fault, and so is a cycle.
void Include(Node& root, const std::string& file, Faults& faults);

}  // namespace spate::tmpl
