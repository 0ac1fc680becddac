#include "generator/model/json_text.h"

#include <cstdint>

#include "absl/strings/ascii.h"
#include "base/text.h"
#include "template/node.h"

namespace spate::model {
namespace {

// Bytes of the UTF-8 character that `text` begins with; 0: it begins with none (RFC 3629).
size_t Utf8Bytes(std::string_view text) {
  auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = byte(0);
  if (first < 0x80) return 1;
  const size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return 0;
  uint32_t code = first & (0x7fu >> size);
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    code = code << 6 | (byte(i) & 0x3f);
  }
  const uint32_t least = size == 4 ? 0x10000 : size == 3 ? 0x800 : 0x80;
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  return code >= least && code <= 0x10ffff && !surrogate ? size : 0;
}

// Where the object that begins at `begin` ends; npos: it does not.
size_t ObjectEnd(std::string_view text, size_t begin) {
  int depth = 0;
  bool in_string = false;
  for (size_t i = begin; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

}  // namespace

std::string ValidUtf8(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t size = Utf8Bytes(text);
    out.append(size == 0 ? "\ufffd" : text.substr(0, size));
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return out;
}

std::string Quote(std::string_view text) {
  return tmpl::WriteCompactJson(tmpl::Text(ValidUtf8(text)));
}

absl::StatusOr<std::string_view> FindObject(std::string_view text) {
  std::string_view best;
  size_t begin = text.find('{');
  if (begin == std::string_view::npos) {
    return absl::InvalidArgumentError("the answer holds no JSON object");
  }
  for (; begin != std::string_view::npos; begin = text.find('{', begin)) {
    const size_t end = ObjectEnd(text, begin);
    if (end == std::string_view::npos) {
      if (text.size() - begin <= best.size()) break;
      return absl::InvalidArgumentError("the JSON object breaks off before its end");
    }
    if (end - begin > best.size()) best = text.substr(begin, end - begin);
    begin = end;
  }
  return best;
}

std::string Excerpt(std::string_view text, size_t bytes) {
  text = AsStd(absl::StripAsciiWhitespace(AsAbsl(text)));
  std::string out;
  while (!text.empty() && out.size() < bytes) {
    const size_t size = Utf8Bytes(text);
    const bool plain = size > 0 && static_cast<uint8_t>(text.front()) >= 0x20 && text[0] != 0x7f;
    out.append(plain ? text.substr(0, size) : " ");
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return text.empty() ? out : out + "…";
}

}  // namespace spate::model
