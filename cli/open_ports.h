// The ports of a run, open for as long as it takes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/template_input.h"
#include "engine/port/port.h"
#include "engine/run/wiring.h"
#include "template/core.h"

namespace spate::cli {

class OpenPorts {
 public:
  // `rx`: ports at which what arrives is counted. One that is sent by receives as well, under its
  // name in the template or its own; others only receive. `device_time`: PortOptions.
  static absl::StatusOr<OpenPorts> Open(engine::PortBinding binding,
                                        const std::vector<std::string>& rx,
                                        const core::Scenario& scenario, bool device_time);

  // Valid as long as this.
  const engine::Wiring& wiring() const { return wiring_; }

 private:
  absl::StatusOr<engine::Port*> Add(const std::string& spec);
  engine::Port* Find(const std::string& name, const core::Scenario& scenario) const;
  absl::Status AddReceivers(const std::vector<std::string>& rx, const core::Scenario& scenario);

  engine::PortOptions options_;  // of all of them
  std::vector<std::unique_ptr<engine::Port>> ports_;
  engine::Wiring wiring_;
};

// Whether all these ports carry the template's frames; says which does not, and of what.
bool CheckLinks(const std::vector<std::string>& specs, const TemplateInput& input);

bool AllVirtual(const engine::Wiring& wiring);

// Bits per second of all ports together; 0: not known of each.
uint64_t LineRate(const engine::Wiring& wiring);

}  // namespace spate::cli
