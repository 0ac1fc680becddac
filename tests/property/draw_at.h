// Places of a template that is being drawn, and what is likely to stand there.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "tests/property/draw_literal.h"

namespace spate::testing {

using Keys = std::set<std::string, std::less<>>;

// Where the drawer is in the template.
struct At {
  std::string_view key;     // of the object that it is in: "send", "count" …
  std::string_view within;  // the definition that the object is of: "flow", "step" …
  std::string_view sent;    // a message that the flow sends for certain
  int depth = 0;            // of steps within steps
  std::string_view name;    // of the flow or host set
  bool group = false;       // in a group
  bool shared = false;      // in a variable of a group
  bool said = false;        // in what a side says
  bool udp = false;         // in a conversation over UDP
  bool talk = false;        // in a conversation
  bool speaks = false;      // whose sides say something
  bool column = false;      // of a host set
  Domain domain = {};       // of value laws
};

// How likely an optional key is, in an object that has the keys `all`.
double Likely(const At& at, std::string_view key, const Keys& all);

}  // namespace spate::testing
