// Tables of fields put together from parts that several headers share.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "packet/header.h"

namespace spate::packet {

template <size_t... Sizes>
constexpr std::array<FieldSpec, (Sizes + ...)> Join(const std::array<FieldSpec, Sizes>&... parts) {
  std::array<FieldSpec, (Sizes + ...)> all;
  auto* at = all.begin();
  ((at = std::copy(parts.begin(), parts.end(), at)), ...);
  return all;
}

}  // namespace spate::packet
