// JSON that spate printed, read by another library than the one that wrote it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace spate::testing {

// Values by JSON pointer: "/ports/0/tx_packets". What is no JSON, absent or of another type fails
// the test.
class JsonText {
 public:
  explicit JsonText(const std::string& text);
  ~JsonText();

  uint64_t Integer(const std::string& pointer) const;
  double Real(const std::string& pointer) const;
  bool Boolean(const std::string& pointer) const;
  std::string String(const std::string& pointer) const;
  size_t Size(const std::string& pointer) const;   // of an array
  uint64_t Sum(const std::string& pointer) const;  // of an object's integers

 private:
  struct Parsed;
  template <class T>
  T Get(const std::string& pointer) const;

  std::unique_ptr<Parsed> parsed_;
};

}  // namespace spate::testing
