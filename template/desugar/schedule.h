// Schedules → pieces of time in which a rate is constant or changes evenly.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "template/desugar/context.h"

namespace spate::tmpl {

// One stretch, repetitions inside of a schedule written out.
struct Stretch {
  Place place;
  double seconds = 0;
  std::string begin, end;  // rates
};
struct Stretches {
  std::vector<Stretch> list;
  uint64_t repeat = 1;  // of the whole; 0: without end
};

// nullopt: faults were reported.
std::optional<Stretches> FlattenSchedule(Context& context, const Schedule& schedule);

// Mean of the pieces' speeds over their time; 0 where there are none.
double MeanSpeed(const std::vector<core::TimePiece>& pieces);

// The map that ends after `seconds`.
core::TimeMap CutMap(const core::TimeMap& map, double seconds);

}  // namespace spate::tmpl
