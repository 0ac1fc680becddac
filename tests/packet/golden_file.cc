#include "tests/packet/golden_file.h"

#include <cstdlib>
#include <fstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "base/text.h"
#include "tests/packet/stack_text.h"

namespace spate::packet {
namespace {

std::pair<std::string, std::string> KeyAndValue(absl::string_view line) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(absl::StripAsciiWhitespace(line), absl::MaxSplits(' ', 1));
  return {std::string(parts.first), std::string(parts.second)};
}

std::vector<uint8_t> Hexadecimal(std::string digits) {
  std::erase(digits, ' ');
  const std::string raw = absl::HexStringToBytes(digits);
  return {raw.begin(), raw.end()};
}

void Take(Golden& golden, const std::string& key, const std::string& value) {
  if (key == "protocol") golden.protocol = value;
  if (key == "header") golden.stack.push_back(Values(value));
  if (key == "size") golden.size = static_cast<uint32_t>(std::stoul(value));
  if (key == "bytes") golden.bytes += value;
  if (key == "blind") {
    for (absl::string_view name : absl::StrSplit(value, ' ')) golden.blind.emplace(name);
  }
  if (key == "tshark") golden.tshark.push_back(KeyAndValue(value));
  if (key == "payload") golden.payload = Hexadecimal(value);
  if (key == "carries") golden.carries = Hexadecimal(value);
}

std::string PathOf(std::string_view header) {
  const char* root = std::getenv("SPATE_SOURCE_ROOT");
  return std::string(root != nullptr ? root : ".") + "/tests/golden/packets/" +
         std::string(header) + ".txt";
}

}  // namespace

void UpdateGolden(std::string_view header, std::string_view hex) {
  constexpr size_t kDigits = 64;
  std::ifstream file(PathOf(header));
  std::string text;
  bool written = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("bytes ")) continue;
    if (line.starts_with("tshark ") && !std::exchange(written, true)) {
      for (size_t at = 0; at < hex.size(); at += kDigits) {
        Append(&text, "bytes ", hex.substr(at, kDigits), "\n");
      }
    }
    Append(&text, line, "\n");
  }
  file.close();
  std::ofstream(PathOf(header)) << text;
}

Golden ReadGolden(std::string_view header) {
  std::ifstream file(PathOf(header));
  Golden golden;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const auto [key, value] = KeyAndValue(line);
    if (line[0] == ' ') {
      SetField(golden.stack.back(), key, value);
    } else {
      Take(golden, key, value);
    }
  }
  return golden;
}

}  // namespace spate::packet
