// What the machine gives to fast ports: hugepages, rights, drivers, CPUs.
#pragma once

#include "engine/port/port.h"

namespace spate::engine {

// Adds to SystemAdvice::system; reads only.
void SurveySystem(SystemAdvice& advice);

}  // namespace spate::engine
