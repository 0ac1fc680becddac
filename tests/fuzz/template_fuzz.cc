// Templates: any bytes give a template or faults; what can be read is printed, read again and
// compiled.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "template/template.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using spate::tmpl::Template;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // What does not begin with a brace can only be YAML.
  const bool json = text.starts_with('{');
  const absl::StatusOr<Template> t = spate::tmpl::Read(text, json ? "fuzz.json" : "fuzz.yaml");
  if (!t.ok()) {
    if (t.status().message().empty()) std::abort();
    return 0;
  }
  const std::string printed = spate::tmpl::Print(*t);
  const absl::StatusOr<Template> again = spate::tmpl::Read(printed, "printed.json");
  if (!again.ok() || spate::tmpl::Print(*again) != printed) std::abort();
  const bool compiles = spate::tmpl::Compile(*t).ok();
  if (spate::tmpl::Compile(*again).ok() != compiles) std::abort();
  return 0;
}
