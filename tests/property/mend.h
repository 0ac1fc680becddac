// Makes a template valid by what its faults say: what stands at their places goes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "template/core.h"
#include "template/node.h"
#include "template/template.h"

namespace spate::testing {

struct Mended {
  std::string text;  // as a person would have written it
  tmpl::Template source;
  core::Scenario scenario;
  int rounds = 0;  // of mending
};

// nullopt: nothing is left of it, or (`stuck`) a fault names a place that is not in it.
struct MendLog {
  std::vector<tmpl::Fault> faults;  // all that were found on the way
  std::string stuck;
};
std::optional<Mended> Mend(tmpl::Node root, const std::string& file, MendLog& log);

}  // namespace spate::testing
