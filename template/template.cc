#include "template/template.h"

#include "base/status.h"
#include "template/codec.h"
#include "template/include.h"
#include "template/params.h"
#include "template/text_input.h"

namespace spate::tmpl {
absl::StatusOr<Template> Read(std::string_view text, const std::string& file,
                              const ReadOptions& options, std::vector<Fault>* faults) {
  Faults found(file);
  Node root = ParseText(text, file, found);
  Template t;
  t.file = file;
  if (root.object()) {
    ApplyParams(root, options, found);
    const size_t before = found.size();
    Include(root, file, found);
    // What is not there because it could not come in needs no further words.
    if (found.size() > before) root = Node();
  }
  if (root.object()) {
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

std::string PrintYaml(const Template& t) {
  Node node = WriteObject(t, SpecOf<Template>(), false);
  EscapeDollars(node);
  return WriteYaml(node);
}

absl::StatusOr<std::string> Reformat(const std::string& path, bool yaml,
                                     std::vector<Fault>* faults) {
  SPATE_ASSIGN_OR_RETURN(const std::string text, ReadText(path));
  if (const auto read = Read(text, path, {}, faults); !read.ok()) return read.status();
  Faults none(path);
  const Node root = ParseText(text, path, none);
  return yaml ? WriteYaml(root) : WriteJson(root);
}

}  // namespace spate::tmpl
