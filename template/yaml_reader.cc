// YAML text → Node, from the events of yaml-cpp: no tree of its own is built, so that the limits
// hold while the text is read.
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "base/text.h"
#include "template/limits.h"
#include "template/node.h"
#include "template/text_input.h"
#include "yaml-cpp/eventhandler.h"
#include "yaml-cpp/exceptions.h"
#include "yaml-cpp/parser.h"

namespace spate::tmpl {
namespace {

// Numbers are those of JSON, and hexadecimal integers. Everything else that looks like one in some
// version of YAML (010, 1_000, 12:30:45) is text: addresses and hex strings stay what they are.
Node::Value PlainValue(const std::string& text) {
  if (text == "null" || text == "~" || text.empty()) return {};
  if (text == "true") return true;
  if (text == "false") return false;
  const size_t digits = text[0] == '-' ? 1 : 0;
  if (digits == text.size()) return text;
  int64_t integer = 0;
  uint64_t natural = 0;
  double real = 0;
  if (text.starts_with("0x") && absl::SimpleHexAtoi(text, &natural)) {
    return natural <= INT64_MAX ? Node::Value(static_cast<int64_t>(natural)) : Node::Value(natural);
  }
  const bool leading_zero = text[digits] == '0' && text.size() > digits + 1;
  if (text.find_first_not_of("0123456789", digits) == std::string::npos) {
    if (leading_zero) return text;
    if (absl::SimpleAtoi(text, &integer)) return integer;
    if (absl::SimpleAtoi(text, &natural)) return natural;
    return text;
  }
  const bool number = text[digits] >= '0' && text[digits] <= '9' &&
                      (!leading_zero || text[digits + 1] == '.') &&
                      text.find_first_not_of("0123456789.eE+-", digits) == std::string::npos;
  if (number && absl::SimpleAtod(text, &real)) return real;
  return text;
}

// After a fault that ends the reading all further events are let pass.
class YamlBuilder final : public YAML::EventHandler {
 public:
  explicit YamlBuilder(Faults& faults) : faults_(faults) {}

  Node Take() { return root_ ? *std::move(root_) : Node(); }
  bool stopped() const { return stopped_; }
  // Where the reader stands.
  Place Here(const YAML::Mark& mark) const { return {LineOf(mark), PathOf(open_.size())}; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1 && !stopped_) {
      Refuse({LineOf(mark), "$"}, "a second document", "one template in a file");
    }
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { Add({}, mark, anchor, 1); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(Node(Node::List{}), mark, anchor);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(Node(Node::Object{}), mark, anchor);
  }
  void OnMapEnd() override { Close(); }

 private:
  // An object or list whose end has not been seen.
  struct Level {
    Node node;
    YAML::anchor_t anchor = 0;
    std::optional<Member> member;  // an object's key that waits for its value
    std::set<std::string> keys;
    size_t nodes_before = 0;
    size_t depth_below = 0;
  };
  struct Anchored {
    Node node;
    size_t nodes = 0, depth = 0;
  };

  static uint32_t LineOf(const YAML::Mark& mark) { return static_cast<uint32_t>(mark.line) + 1; }
  std::string PathOf(size_t levels) const;
  void Refuse(const Place& place, std::string found, std::string expected) {
    faults_.Add(place, std::move(found), std::move(expected));
    stopped_ = true;
  }
  // False: there are too many, or they lie too deep.
  bool Count(const YAML::Mark& mark, size_t nodes, size_t depth);
  bool WaitsForKey() const {
    return !open_.empty() && open_.back().node.object() && !open_.back().member;
  }
  void Open(Node node, const YAML::Mark& mark, YAML::anchor_t anchor);
  void Close();
  void Add(Node node, const YAML::Mark& mark, YAML::anchor_t anchor, size_t nodes);
  void AddKey(const Node& node, const YAML::Mark& mark);
  void Put(Node node, size_t depth);

  Faults& faults_;
  std::vector<Level> open_;
  std::optional<Node> root_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  size_t nodes_ = 0;
  int documents_ = 0;
  bool stopped_ = false;
};

std::string YamlBuilder::PathOf(size_t levels) const {
  Place place{0, "$"};
  for (size_t i = 0; i < levels; ++i) {
    const Level& level = open_[i];
    if (level.member) place = At(place, level.member->key);
    if (level.node.list()) place = At(place, Concat("[", level.node.list()->size(), "]"));
  }
  return place.path;
}

bool YamlBuilder::Count(const YAML::Mark& mark, size_t nodes, size_t depth) {
  nodes_ += nodes;
  if (nodes_ > kMaxNodes) {
    Refuse(Here(mark), Concat("over ", kMaxNodes, " values"),
           Concat("at most ", kMaxNodes, " values in a file, aliases written out"));
  } else if (open_.size() + depth > static_cast<size_t>(kMaxDepth)) {
    Refuse(Here(mark), Concat(open_.size() + depth, " levels"),
           Concat("at most ", kMaxDepth, " levels of objects and lists"));
  }
  return !stopped_;
}

void YamlBuilder::Open(Node node, const YAML::Mark& mark, YAML::anchor_t anchor) {
  if (stopped_) return;
  if (WaitsForKey()) return Refuse(Here(mark), "a key that is no plain text", "text as key");
  if (!Count(mark, 1, 1)) return;
  node.line = LineOf(mark);
  Level level;
  level.node = std::move(node);
  level.anchor = anchor;
  level.nodes_before = nodes_ - 1;
  open_.push_back(std::move(level));
}

void YamlBuilder::Close() {
  if (stopped_) return;
  Level level = std::move(open_.back());
  open_.pop_back();
  const size_t depth = level.depth_below + 1;
  if (level.anchor != 0) {
    anchors_[level.anchor] = {level.node, nodes_ - level.nodes_before, depth};
  }
  Put(std::move(level.node), depth);
}

void YamlBuilder::Put(Node node, size_t depth) {
  if (open_.empty()) {
    root_ = std::move(node);
    return;
  }
  Level& level = open_.back();
  level.depth_below = std::max(level.depth_below, depth);
  if (level.member) {
    level.member->value = std::move(node);
    std::get<Node::Object>(level.node.value).push_back(*std::move(level.member));
    level.member.reset();
  } else {
    std::get<Node::List>(level.node.value).push_back(std::move(node));
  }
}

void YamlBuilder::AddKey(const Node& node, const YAML::Mark& mark) {
  Level& level = open_.back();
  Member member;
  member.line = LineOf(mark);
  member.key = node.text() ? *node.text() : WriteCompactJson(node);
  if (!level.keys.insert(member.key).second) {
    faults_.Add(At({member.line, PathOf(open_.size())}, member.key),
                Concat("the key ", Quote(member.key), " a second time"), "each key once");
  }
  level.member = std::move(member);
}

void YamlBuilder::Add(Node node, const YAML::Mark& mark, YAML::anchor_t anchor, size_t nodes) {
  if (stopped_ || !Count(mark, nodes, 0)) return;
  node.line = LineOf(mark);
  if (anchor != 0) anchors_[anchor] = {node, nodes, 0};
  if (WaitsForKey()) return AddKey(node, mark);
  Put(std::move(node), 0);
}

void YamlBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& value) {
  if (stopped_) return;
  const bool plain = tag == "?" || tag.empty();
  if (!plain && tag != "!" && tag != "tag:yaml.org,2002:str") {
    return Refuse(Here(mark), Concat("the tag ", Quote(tag)), "a value without a tag");
  }
  Add(plain ? Node(PlainValue(value)) : Text(value), mark, anchor, 1);
}

void YamlBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  if (stopped_) return;
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end()) {
    return Refuse(Here(mark), "an alias inside of what it stands for",
                  "an alias of something complete");
  }
  const Anchored& anchored = found->second;
  if (!Count(mark, anchored.nodes, anchored.depth)) return;
  if (!WaitsForKey()) return Put(anchored.node, anchored.depth);
  if (anchored.depth == 0) return AddKey(anchored.node, mark);
  Refuse(Here(mark), "a key that is no plain text", "text as key");
}

// YAML knows no control characters, and yaml-cpp would take one of them for the end of the file.
bool HasControlCharacter(std::string_view text, Faults& faults) {
  uint32_t line = 1;
  for (const char c : text) {
    if (c == '\n') ++line;
    if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t' || c == '\r') continue;
    faults.Add({line, "$"}, "a control character", "YAML text");
    return true;
  }
  return false;
}

void Parse(std::string_view text, YamlBuilder& builder, Faults& faults) {
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (!builder.stopped() && parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    if (builder.stopped()) return;
    faults.Add(builder.Here(error.mark), Concat("what is no YAML (", error.msg, ")"), "YAML");
  } catch (const std::exception& error) {
    faults.Add({0, "$"}, Concat("what yaml-cpp cannot read (", error.what(), ")"), "YAML");
  }
}

}  // namespace

Node ParseYaml(std::string_view text, Faults& faults) {
  if (text.size() > kMaxYamlBytes) {
    faults.Add({0, "$"}, Concat(text.size(), " bytes"),
               Concat("at most ", kMaxYamlBytes, " bytes of YAML (JSON: ", kMaxFileBytes, ")"));
    return {};
  }
  if (!CheckEncoding(text, faults) || HasControlCharacter(text, faults)) return {};
  YamlBuilder builder(faults);
  const size_t before = faults.size();
  Parse(text, builder, faults);
  Node root = builder.Take();
  if (faults.size() == before && !root.object()) {
    faults.Add({std::max(root.line, 1u), "$"}, root.null() ? "an empty file" : Describe(root),
               "a template: keys and their values");
  }
  return root;
}

bool IsYamlName(std::string_view file) {
  return absl::EndsWithIgnoreCase(AsAbsl(file), ".yaml") ||
         absl::EndsWithIgnoreCase(AsAbsl(file), ".yml");
}

Node ParseText(std::string_view text, std::string_view file, Faults& faults) {
  return IsYamlName(file) ? ParseYaml(text, faults) : ParseJson(text, faults);
}

}  // namespace spate::tmpl
