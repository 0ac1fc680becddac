// What the machine gives to fast ports: hugepages, rights, drivers, CPUs.
#pragma once

#include <filesystem>
#include <vector>

#include "engine/port/cpus.h"
#include "engine/port/port.h"

namespace spate::engine {

// Sets SystemAdvice::system, and ::lcores by its ports; reads only. `sysfs`: where it is mounted;
// `mask`: CPUs that the process may use.
void SurveySystem(SystemAdvice& advice, const std::filesystem::path& sysfs = "/sys",
                  const std::vector<int>& mask = MaskedCpus());

}  // namespace spate::engine
