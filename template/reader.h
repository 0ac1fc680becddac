// What the readers of single constructs share: where they stand and what went wrong so far.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "template/fault.h"
#include "template/node.h"

namespace spate::tmpl {

class Reader {
 public:
  explicit Reader(Faults& faults) : faults_(faults) {}

  Place Here(const Node& node) const { return {node.line, path_, faults_.FileOf(node.file)}; }
  void Fail(const Node& node, std::string_view expected, std::string hint = {}) {
    faults_.Add(Here(node), Describe(node), std::string(expected), std::move(hint));
  }
  void Fail(const Node& node, std::string found, std::string expected, std::string hint) {
    faults_.Add(Here(node), std::move(found), std::move(expected), std::move(hint));
  }
  size_t faults() const { return faults_.size(); }

  // While it lives, the reader stands at a part ("[3]" or a key) of where it stood.
  class Inside {
   public:
    Inside(Reader& reader, std::string_view part) : reader_(reader), size_(reader.path_.size()) {
      reader.path_ = At({0, reader.path_}, part).path;
    }
    ~Inside() { reader_.path_.resize(size_); }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

   private:
    Reader& reader_;
    size_t size_;
  };

 private:
  Faults& faults_;
  std::string path_ = "$";
};

}  // namespace spate::tmpl
