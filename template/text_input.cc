#include "template/text_input.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>

#include "simdjson.h"
#include "template/limits.h"

namespace spate::tmpl {
namespace {

// 0: all lines are UTF-8; else the first that is not. A line break never lies within a character.
uint32_t LineOfBadUtf8(std::string_view text) {
  if (simdjson::validate_utf8(text.data(), text.size())) return 0;
  uint32_t line = 1;
  for (size_t begin = 0; begin < text.size(); ++line) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    if (!simdjson::validate_utf8(text.data() + begin, end - begin)) return line;
    begin = end + 1;
  }
  return line;
}

}  // namespace

absl::StatusOr<std::string> ReadText(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             &std::fclose);
  if (!file) return absl::ErrnoToStatus(errno, path);
  std::string text;
  char block[1 << 16];
  size_t count = 0;
  while (text.size() <= kMaxFileBytes &&
         (count = std::fread(block, 1, sizeof block, file.get())) > 0) {
    text.append(block, count);
  }
  if (std::ferror(file.get())) return absl::ErrnoToStatus(errno, path);
  return text;
}

bool CheckEncoding(std::string_view& text, Faults& faults) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const uint32_t line = LineOfBadUtf8(text);
  if (line > 0) faults.Add({line, "$"}, "bytes that are not UTF-8", "UTF-8 text");
  return line == 0;
}

}  // namespace spate::tmpl
