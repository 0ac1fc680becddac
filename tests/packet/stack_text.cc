#include "tests/packet/stack_text.h"

#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_split.h"
#include "base/text.h"

namespace spate::packet {
namespace {

[[noreturn]] void Die(const std::string& what) {
  std::fprintf(stderr, "mistake in a test: %s\n", what.c_str());
  std::abort();
}

}  // namespace

HeaderValues Values(std::string_view header) {
  const HeaderSpec* spec = FindHeader(header);
  if (spec == nullptr) Die("no header " + std::string(header));
  return {spec, {}};
}

void SetField(HeaderValues& values, std::string_view field, std::string_view text) {
  const FieldSpec* spec = values.spec->Find(field);
  if (spec == nullptr) Die("no field " + std::string(field));
  auto bytes = ParseField(*spec, text);
  if (!bytes.ok()) Die(bytes.status().ToString());
  values.fields.push_back({spec, *std::move(bytes)});
}

std::vector<HeaderValues> Stack(std::string_view text) {
  std::vector<HeaderValues> stack;
  for (absl::string_view part : absl::StrSplit(AsAbsl(text), " / ")) {
    const std::vector<absl::string_view> words = absl::StrSplit(part, ' ', absl::SkipEmpty());
    stack.push_back(Values(AsStd(words.at(0))));
    for (size_t i = 1; i < words.size(); ++i) {
      const std::pair<absl::string_view, absl::string_view> field =
          absl::StrSplit(words[i], absl::MaxSplits('=', 1));
      SetField(stack.back(), AsStd(field.first), AsStd(field.second));
    }
  }
  return stack;
}

Frame MakeFrame(std::string_view text, const std::vector<uint8_t>& payload, uint32_t size) {
  auto frame = Encode(Stack(text), payload, size);
  if (!frame.ok()) Die(frame.status().ToString());
  return *std::move(frame);
}

}  // namespace spate::packet
