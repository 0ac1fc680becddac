// Extension headers that hold options (RFC 8200, 4.2).
#pragma once

#include "packet/headers/join.h"

namespace spate::packet {

// The header around the options that have fields of their own.
template <size_t N>
constexpr std::array<FieldSpec, N + 3> Ipv6OptionFields(const std::array<FieldSpec, N>& options) {
  return Join(
      std::array{FieldSpec{.name = "next_header",
                           .bit_offset = 0,
                           .bits = 8,
                           .derived = Derived::kNext,
                           .preset = 59,
                           .doc = "what follows; 59: nothing"},
                 FieldSpec{.name = "length",
                           .bit_offset = 8,
                           .bits = 8,
                           .derived = Derived::kHeaderLength,
                           .doc = "of this header in units of 8 bytes, the first not counted",
                           .unit = 8,
                           .less = 8}},
      options,
      std::array{
          FieldSpec{.name = "options",
                    .kind = FieldKind::kBytes,
                    .doc = "further options as bytes; padded with PadN to a multiple of 8"}});
}

}  // namespace spate::packet
