#include "packet/header.h"

#include <algorithm>

namespace spate::packet {

const FieldSpec* HeaderSpec::Find(std::string_view field) const {
  const auto it = std::ranges::find(fields, field, &FieldSpec::name);
  return it == fields.end() ? nullptr : &*it;
}

const LengthRule* HeaderSpec::LengthOf(const FieldSpec& field) const {
  const auto it = std::ranges::find(lengths, field.name, &LengthRule::field);
  return it == lengths.end() ? nullptr : &*it;
}

const FieldSpec* HeaderSpec::First(Derived derived) const {
  const auto it = std::ranges::find(fields, derived, &FieldSpec::derived);
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

namespace {

bool HasWord(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    const size_t blank = std::min(words.find(' '), words.size());
    if (words.substr(0, blank) == word) return true;
    words.remove_prefix(std::min(blank + 1, words.size()));
  }
  return false;
}

}  // namespace

bool MayFollow(const HeaderSpec* previous, const HeaderSpec& next) {
  if (previous == nullptr) return next.In(Space::kLink) != nullptr;
  if (!next.only_after.empty() && !HasWord(next.only_after, previous->name)) return false;
  return next.In(previous->selects) != nullptr;
}

}  // namespace spate::packet
