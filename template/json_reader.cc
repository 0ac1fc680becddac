// JSON text → Node, by simdjson's On-Demand front end, whose tokens tell where they stand.
#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "base/text.h"
#include "simdjson.h"
#include "template/limits.h"
#include "template/node.h"
#include "template/text_input.h"

namespace spate::tmpl {
namespace {

namespace od = simdjson::ondemand;

class JsonReader {
 public:
  JsonReader(std::string_view text, Faults& faults) : padded_(text), faults_(faults) {
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') line_ends_.push_back(i);
    }
  }

  Node Read();

 private:
  uint32_t LineOf(const char* at) const;
  simdjson::error_code ReadValue(od::value value, int depth, Node& node);
  simdjson::error_code ReadList(od::value value, int depth, Node& node);
  simdjson::error_code ReadObject(od::value value, int depth, Node& node);
  simdjson::error_code ReadNumber(od::value value, Node& node);
  simdjson::error_code ReadRoot(od::document& document, Node& node);
  void Report(simdjson::error_code error, od::document& document);

  simdjson::padded_string padded_;
  Faults& faults_;
  std::vector<size_t> line_ends_;
  std::string path_ = "$";
  size_t nodes_ = 0;
};

uint32_t JsonReader::LineOf(const char* at) const {
  const size_t offset =
      std::clamp<ptrdiff_t>(at - padded_.data(), 0, static_cast<ptrdiff_t>(padded_.size()));
  const auto ends = std::lower_bound(line_ends_.begin(), line_ends_.end(), offset);
  return static_cast<uint32_t>(ends - line_ends_.begin()) + 1;
}

simdjson::error_code JsonReader::ReadList(od::value value, int depth, Node& node) {
  od::array list;
  if (auto error = value.get_array().get(list)) return error;
  Node::List items;
  for (auto item : list) {
    od::value inner;
    if (auto error = item.get(inner)) return error;
    const size_t path = path_.size();
    Append(&path_, "[", items.size(), "]");
    items.emplace_back();
    if (auto error = ReadValue(inner, depth + 1, items.back())) return error;
    path_.resize(path);
  }
  node.value = std::move(items);
  return simdjson::SUCCESS;
}

simdjson::error_code JsonReader::ReadObject(od::value value, int depth, Node& node) {
  od::object object;
  if (auto error = value.get_object().get(object)) return error;
  Node::Object members;
  absl::flat_hash_set<std::string> keys;
  for (auto field : object) {
    if (field.error()) return field.error();
    Member member;
    member.line = LineOf(field.value_unsafe().key().raw());
    std::string_view key;
    if (auto error = field.unescaped_key().get(key)) return error;
    member.key = key;
    od::value inner;
    if (auto error = field.value().get(inner)) return error;
    const Place place = At({member.line, path_}, key);
    if (!keys.insert(member.key).second) {
      faults_.Add(place, Concat("the key ", Quote(key), " a second time"), "each key once");
    }
    const size_t path = path_.size();
    path_ = place.path;
    if (auto error = ReadValue(inner, depth + 1, member.value)) return error;
    path_.resize(path);
    members.push_back(std::move(member));
  }
  node.value = std::move(members);
  return simdjson::SUCCESS;
}

simdjson::error_code JsonReader::ReadNumber(od::value value, Node& node) {
  od::number number;
  if (auto error = value.get_number().get(number)) return error;
  if (number.is_int64()) {
    node.value = number.get_int64();
  } else if (number.is_uint64()) {
    node.value = number.get_uint64();
  } else {
    node.value = number.get_double();
  }
  return simdjson::SUCCESS;
}

simdjson::error_code JsonReader::ReadValue(od::value value, int depth, Node& node) {
  node.line = LineOf(value.raw_json_token().data());
  if (depth > kMaxDepth) return simdjson::DEPTH_ERROR;
  if (++nodes_ > kMaxNodes) return simdjson::CAPACITY;
  od::json_type type;
  if (auto error = value.type().get(type)) return error;
  switch (type) {
    case od::json_type::array:
      return ReadList(value, depth, node);
    case od::json_type::object:
      return ReadObject(value, depth, node);
    case od::json_type::number:
      return ReadNumber(value, node);
    case od::json_type::string: {
      std::string_view text;
      if (auto error = value.get_string().get(text)) return error;
      node.value = std::string(text);
      return simdjson::SUCCESS;
    }
    case od::json_type::boolean: {
      bool flag = false;
      if (auto error = value.get_bool().get(flag)) return error;
      node.value = flag;
      return simdjson::SUCCESS;
    }
    case od::json_type::null:
      return value.is_null().error();
  }
  return simdjson::UNEXPECTED_ERROR;
}

simdjson::error_code JsonReader::ReadRoot(od::document& document, Node& node) {
  od::value root;
  if (auto error = document.get_value().get(root)) return error;
  if (auto error = ReadValue(root, 1, node)) return error;
  // Nothing may follow: the iterator stands behind the last token.
  return document.current_location().error() == simdjson::OUT_OF_BOUNDS
             ? simdjson::SUCCESS
             : simdjson::TRAILING_CONTENT;
}

std::string Expected(simdjson::error_code error) {
  switch (error) {
    case simdjson::DEPTH_ERROR:
      return Concat("at most ", kMaxDepth, " levels of objects and lists");
    case simdjson::CAPACITY:
      return Concat("at most ", kMaxNodes, " values in a file");
    case simdjson::TRAILING_CONTENT:
      return "nothing after the template's closing brace";
    case simdjson::STRING_ERROR:
    case simdjson::UNCLOSED_STRING:
    case simdjson::UNESCAPED_CHARS:
      return "JSON: a string ends with \", and in it control characters and \\ are escaped";
    case simdjson::NUMBER_ERROR:
    case simdjson::NUMBER_OUT_OF_RANGE:
      return "JSON: a number of at most 64 bits";
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
      return "JSON: every { and [ is closed";
    default:
      return "JSON";
  }
}

void JsonReader::Report(simdjson::error_code error, od::document& document) {
  const char* at = nullptr;
  if (document.current_location().get(at)) at = padded_.data() + padded_.size();
  std::string_view rest(at, static_cast<size_t>(padded_.data() + padded_.size() - at));
  rest = rest.substr(0, std::min<size_t>(rest.find('\n'), 20));
  faults_.Add({LineOf(at), path_}, rest.empty() ? "the end of the file" : Quote(rest),
              Expected(error));
}

Node JsonReader::Read() {
  Node node;
  od::parser parser;
  od::document document;
  const auto error = parser.iterate(padded_).get(document);
  if (error == simdjson::SUCCESS) {
    if (const auto inner = ReadRoot(document, node)) Report(inner, document);
  } else {
    // Found before any token was read: an unclosed string or nothing but white space.
    const uint32_t last = static_cast<uint32_t>(line_ends_.size()) + 1;
    faults_.Add({last, "$"}, "the end of the file", Expected(error));
  }
  return node;
}

}  // namespace

Node ParseJson(std::string_view text, Faults& faults) {
  if (text.size() > kMaxFileBytes) {
    faults.Add({0, "$"}, Concat(text.size(), " bytes"),
               Concat("at most ", kMaxFileBytes, " bytes"));
    return {};
  }
  if (!CheckEncoding(text, faults)) return {};
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || text[first] != '{') {
    const auto line = static_cast<uint32_t>(
        1 + std::count(text.begin(),
                       text.begin() + static_cast<ptrdiff_t>(std::min(first, text.size())), '\n'));
    const std::string_view rest = first == std::string_view::npos ? "" : text.substr(first);
    faults.Add({line, "$"},
               rest.empty() ? "an empty file"
                            : Quote(rest.substr(0, std::min<size_t>(rest.find('\n'), 20))),
               "a template: a JSON object that begins with {");
    return {};
  }
  return JsonReader(text, faults).Read();
}

}  // namespace spate::tmpl
