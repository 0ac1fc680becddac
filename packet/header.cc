#include "packet/header.h"

#include <algorithm>

namespace spate::packet {

const FieldSpec* HeaderSpec::Find(std::string_view field) const {
  const auto it = std::ranges::find(fields, field, &FieldSpec::name);
  return it == fields.end() ? nullptr : &*it;
}

const FieldSpec* HeaderSpec::First(Derived derived) const {
  const auto it = std::ranges::find(fields, derived, &FieldSpec::derived);
  return it == fields.end() ? nullptr : &*it;
}

uint32_t HeaderSpec::BitOffset(const FieldSpec& field, std::span<const uint8_t> bytes) const {
  if (!field.tail()) return field.bit_offset;
  uint32_t offset = fixed_bytes * 8u;
  for (const FieldSpec& before : fields) {
    if (&before == &field) break;
    if (before.tail() && Met(before.when, bytes)) offset += before.bits;
  }
  return offset;
}

uint32_t HeaderSpec::PartBytes(Part part, std::span<const uint8_t> bytes) const {
  if (part == Part::kFixed) return fixed_bytes;
  uint32_t bits = 0;
  for (const FieldSpec& field : fields) {
    if (field.part == part && Met(field.when, bytes)) bits += field.bits;
  }
  return bits / 8;
}

const Place* HeaderSpec::In(Space space) const {
  if (space == Space::kNone) return nullptr;
  const auto it = std::ranges::find(follows, space, &Place::space);
  return it == follows.end() ? nullptr : &*it;
}

const HeaderSpec* FindHeader(std::string_view name) {
  const auto headers = Headers();
  const auto it = std::ranges::find(headers, name, &HeaderSpec::name);
  return it == headers.end() ? nullptr : *it;
}

bool MayFollow(const HeaderSpec* previous, const HeaderSpec& next) {
  if (previous == nullptr) return next.In(Space::kLink) != nullptr;
  if (!next.only_after.empty() && next.only_after != previous->name) return false;
  return next.In(previous->selects) != nullptr;
}

}  // namespace spate::packet
