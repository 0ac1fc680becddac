// `params` and `$name`.
#pragma once

#include "template/node.h"
#include "template/template.h"

namespace spate::tmpl {

// Puts the values of --set into `params` of the tree and replaces every "$name" string by its
// value ("$$name" becomes the text "$name").
void ApplyParams(Node& root, const ReadOptions& options, Faults& faults);

// The inverse of "$$": strings of a printed tree that begin with $ get a second one.
void EscapeDollars(Node& node);

}  // namespace spate::tmpl
