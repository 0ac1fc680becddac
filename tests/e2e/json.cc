#include "tests/e2e/json.h"

#include <gtest/gtest.h>

#include <string_view>

#include "simdjson.h"

namespace spate::testing {

struct JsonText::Parsed {
  simdjson::dom::parser parser;  // owns what `root` points to
  simdjson::dom::element root;
};

JsonText::JsonText(const std::string& text) : parsed_(std::make_unique<Parsed>()) {
  const auto error = parsed_->parser.parse(text).get(parsed_->root);
  EXPECT_EQ(error, simdjson::SUCCESS) << simdjson::error_message(error) << ":\n" << text;
}

JsonText::~JsonText() = default;

template <class T>
T JsonText::Get(const std::string& pointer) const {
  T value{};
  const auto error = parsed_->root.at_pointer(pointer).get(value);
  EXPECT_EQ(error, simdjson::SUCCESS) << pointer << ": " << simdjson::error_message(error);
  return value;
}

uint64_t JsonText::Integer(const std::string& pointer) const { return Get<uint64_t>(pointer); }
double JsonText::Real(const std::string& pointer) const { return Get<double>(pointer); }
bool JsonText::Boolean(const std::string& pointer) const { return Get<bool>(pointer); }
std::string JsonText::String(const std::string& pointer) const {
  return std::string(Get<std::string_view>(pointer));
}
size_t JsonText::Size(const std::string& pointer) const {
  return Get<simdjson::dom::array>(pointer).size();
}
uint64_t JsonText::Sum(const std::string& pointer) const {
  uint64_t sum = 0;
  for (const auto field : Get<simdjson::dom::object>(pointer)) {
    uint64_t value = 0;
    EXPECT_EQ(field.value.get(value), simdjson::SUCCESS) << pointer << '/' << field.key;
    sum += value;
  }
  return sum;
}

}  // namespace spate::testing
