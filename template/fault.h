// Collects the faults of one template, so that all of a file are reported at once.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "template/surface.h"

namespace spate::tmpl {

// One fault of a template. Format() gives
//   file:line: $.path: found X, expected Y (did you mean "z"?)
struct Fault {
  std::string file;
  Place place;
  std::string found, expected, hint;
  std::string Format() const;
};

// "file:line: $.path", as far as they are known; `file` unless the place has one of its own.
std::string Where(const Place& place, const std::string& file);

class Faults {
 public:
  explicit Faults(std::string file) : file_(std::move(file)) {}

  void Add(const Place& place, std::string found, std::string expected, std::string hint = {});
  // Takes over the faults of another file.
  void Take(const Faults& others);
  // Numbers for files besides the first (0), which nodes carry.
  uint32_t AddFile(std::string file);
  const std::string& FileOf(uint32_t number) const { return files_[number]; }
  bool empty() const { return faults_.empty(); }
  size_t size() const { return faults_.size(); }
  // A message that several flows send is rewritten for each; its faults are told once.
  void RemoveRepeated();
  const std::vector<Fault>& all() const { return faults_; }
  // OK when there are none; else kInvalidArgument with one fault a line, in the order of the file.
  absl::Status Status();

 private:
  std::string file_;
  std::vector<std::string> files_ = {""};  // by number; the first has no name of its own
  std::vector<Fault> faults_;
};

// `place` of a part of it: "[3]" or a key.
Place At(const Place& place, std::string_view part);

std::string Quote(std::string_view text);

// The name nearest to `name` by edit distance, "" when none is near (more than a third differs).
std::string Nearest(std::string_view name, const std::vector<std::string>& names);
// "a", "b" or "c"; beyond a dozen the rest is counted.
std::string OneOf(const std::vector<std::string>& names);

template <class T>
std::vector<std::string> NamesOf(const Named<T>& named) {
  std::vector<std::string> names;
  for (const auto& [name, value] : named) names.push_back(name);
  return names;
}

template <class T>
const T* FindNamed(const Named<T>& named, std::string_view name) {
  for (const auto& [key, value] : named) {
    if (key == name) return &value;
  }
  return nullptr;
}

}  // namespace spate::tmpl
