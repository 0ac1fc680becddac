#include "template/template.h"

#include <cerrno>
#include <cstdio>
#include <memory>

#include "base/status.h"
#include "template/codec.h"
#include "template/limits.h"
#include "template/params.h"

namespace spate::tmpl {
namespace {

// The whole file, but no more than just beyond the limit, which ParseJson reports.
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

}  // namespace

absl::StatusOr<Template> Read(std::string_view text, const std::string& file,
                              const ReadOptions& options, std::vector<Fault>* faults) {
  Faults found(file);
  Node root = ParseJson(text, found);
  Template t;
  t.file = file;
  if (root.object()) {
    ApplyParams(root, options, found);
    // After an undefined param the types of values are unknown, but their names can be checked.
    Reader reader(found);
    ReadObject(reader, root, SpecOf<Template>(), t);
  }
  const absl::Status status = found.Status();
  if (faults) *faults = found.all();
  if (!status.ok()) return status;
  return t;
}

absl::StatusOr<Template> ReadFile(const std::string& path, const ReadOptions& options,
                                  std::vector<Fault>* faults) {
  SPATE_ASSIGN_OR_RETURN(const std::string text, ReadText(path));
  return Read(text, path, options, faults);
}

std::string Print(const Template& t, bool full) {
  Node node = WriteObject(t, SpecOf<Template>(), full);
  EscapeDollars(node);
  return WriteJson(node);
}

}  // namespace spate::tmpl
