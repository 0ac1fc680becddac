// Sorting the conversations of a service into kinds.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "generator/fit/behaviour.h"
#include "generator/fit/fit.h"

namespace spate::generator {

// Short conversations of one shape (directions, flags, about the sizes) are one kind; long ones
// with much the same messages at much the same pace are one kind. What this cannot tell within the
// cost that the options allow shares a chain, by pace. Kinds come with the most packets first.
std::vector<Kind> FindKinds(const Sample& sample, uint32_t service, const FitOptions& options,
                            Typing& typing);

// What conversations of one kind must have in common: address family, VLAN tags, tunnels. Opaque.
std::string StackOf(const Sample& sample, uint32_t conversation);

}  // namespace spate::generator
