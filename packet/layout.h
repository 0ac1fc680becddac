// Where the fields of one header stand: from values (encoding) and from bytes (reading).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "packet/frame.h"

namespace spate::packet {

// A field's value in its header: the first bit and the width.
struct FieldPlace {
  const FieldSpec* field = nullptr;
  uint32_t bit = 0;
  uint32_t bits = 0;
};

struct Layout {
  std::vector<FieldPlace> tail;  // the fields behind the fixed part that are there, in order
  size_t bytes = 0;              // of the whole header, its trailer left out

  // nullopt where the field is not there.
  std::optional<FieldPlace> PlaceOf(const FieldSpec& field) const;
};

struct Built {
  std::vector<uint8_t> bytes;
  Layout layout;
};

// The header with its given and preset values and its own lengths; what derives from other headers
// is preset. `rest`: bytes between its end and that of its datagram (for lengths whose width
// depends on it). The error names header and field.
absl::StatusOr<Built> Build(const HeaderValues& values, size_t rest);

// What stands behind `payload` bytes: padding to the header's alignment (if `pad`), then the
// trailer's fields as far as `header` says that they are there, whose places count from the
// trailer's first bit. bytes: of all of it; `padding`: of the padding alone.
struct Trailer {
  std::vector<uint8_t> bytes;
  std::vector<FieldPlace> places;
  size_t padding = 0;
};
absl::StatusOr<Trailer> BuildTrailer(const HeaderValues& values, std::span<const uint8_t> header,
                                     size_t payload, bool pad);

// The header at the begin of `bytes`, which go on to the end of its datagram; total. nullopt: it is
// not wholly there, or contradicts itself.
std::optional<Layout> Parse(const HeaderSpec& spec, std::span<const uint8_t> bytes);

// The text of a field of the header at the begin of `bytes`; empty where it is not there.
std::string FieldText(const HeaderSpec& spec, std::string_view field,
                      std::span<const uint8_t> bytes);
// A number of at most 64 bits likewise; 0 where it is not there.
uint64_t FieldNumber(const HeaderSpec& spec, std::string_view field,
                     std::span<const uint8_t> bytes);

// From which byte of its header a length counts.
size_t LengthStart(const HeaderSpec& spec, const LengthRule& rule, const Layout& layout);

// Whether a field that hangs on `when` is there in `header`.
bool Met(const When& when, std::span<const uint8_t> header);

const FieldValue* Given(const HeaderValues& values, const FieldSpec* field);

}  // namespace spate::packet
