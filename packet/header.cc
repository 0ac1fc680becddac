#include "packet/header.h"

#include <algorithm>

namespace spate::packet {

const FieldSpec* HeaderSpec::Find(std::string_view field) const {
  const auto it = std::ranges::find(fields, field, &FieldSpec::name);
  return it == fields.end() ? nullptr : &*it;
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
