// Debian builds Abseil with a string_view of its own; these pass views between it and std's.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace spate {

inline absl::string_view AsAbsl(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view AsStd(absl::string_view text) { return {text.data(), text.size()}; }

namespace internal {
inline absl::string_view TextPart(std::string_view text) { return AsAbsl(text); }
template <class T>
  requires(!std::is_convertible_v<const T&, std::string_view>)
const T& TextPart(const T& value) {
  return value;
}
}  // namespace internal

// absl::StrCat and absl::StrAppend that take std::string_view too.
template <class... Parts>
std::string Concat(const Parts&... parts) {
  return absl::StrCat(internal::TextPart(parts)...);
}
template <class... Parts>
void Append(std::string* text, const Parts&... parts) {
  absl::StrAppend(text, internal::TextPart(parts)...);
}

}  // namespace spate
