// The port kinds. A new kind is one file in engine/port/ and one line in table.cc.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/port/port.h"

namespace spate::engine {

struct PortKind {
  std::string_view name;     // Port::kind()
  std::string_view pattern;  // of the names that it takes, as users write them
  std::string_view help;     // one line
  // Whether `name` is meant for this kind; the first kind that says yes opens it.
  bool (*match)(std::string_view name);
  absl::StatusOr<std::unique_ptr<Port>> (*open)(const std::string& name,
                                                const PortOptions& options);
  // Adds what there is on this machine to SystemAdvice::ports.
  void (*survey)(SystemAdvice& advice);
  bool any_link = false;  // else it carries Ethernet frames only
};

std::span<const PortKind> PortKinds();

}  // namespace spate::engine
