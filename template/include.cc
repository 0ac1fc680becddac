#include "template/include.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "base/text.h"
#include "template/codec.h"
#include "template/limits.h"
#include "template/params.h"
#include "template/text_input.h"

namespace spate::tmpl {
namespace {

namespace fs = std::filesystem;

Member* FindMember(Node& root, std::string_view key) {
  auto& object = std::get<Node::Object>(root.value);
  const auto found = std::find_if(object.begin(), object.end(),
                                  [&](const Member& member) { return member.key == key; });
  return found == object.end() ? nullptr : &*found;
}

void SetFile(Node& node, uint32_t file) {
  node.file = file;
  if (auto* list = std::get_if<Node::List>(&node.value)) {
    for (Node& item : *list) SetFile(item, file);
  } else if (auto* object = std::get_if<Node::Object>(&node.value)) {
    for (Member& member : *object) SetFile(member.value, file);
  }
}

class Includer {
 public:
  explicit Includer(Faults& faults) : faults_(faults) {}

  // `file` is in open_.
  void Expand(Node& root, const std::string& file);
  void Open(const std::string& file) { open_.push_back(fs::weakly_canonical(file)); }

 private:
  void Bring(Node& root, const std::string& file, const Inclusion& inclusion);
  bool MayOpen(const fs::path& path, const Inclusion& inclusion);
  Node ReadTree(const std::string& path, const Inclusion& inclusion, Faults& faults);
  void Merge(Node& root, const Node& included, const std::string& path);
  void MergeSection(Node& section, const Member& included, const std::string& path);

  Faults& faults_;
  std::vector<fs::path> open_;  // the file in hand and those that include it
  size_t files_ = 0;
};

void Includer::Expand(Node& root, const std::string& file) {
  Member* const member = FindMember(root, "include");
  if (!member) return;
  const size_t before = faults_.size();
  std::vector<Inclusion> inclusions;
  {
    Reader reader(faults_);
    const Reader::Inside inside(reader, "include");
    Codec<std::vector<Inclusion>>::Read(reader, member->value, inclusions);
  }
  auto& members = std::get<Node::Object>(root.value);
  members.erase(members.begin() + (member - members.data()));
  if (faults_.size() > before) return;
  for (const Inclusion& inclusion : inclusions) Bring(root, file, inclusion);
}

bool Includer::MayOpen(const fs::path& path, const Inclusion& inclusion) {
  const fs::path whole = fs::weakly_canonical(path);
  const auto first = std::find(open_.begin(), open_.end(), whole);
  std::error_code error;
  if (first != open_.end()) {
    std::string way;
    for (auto at = first; at != open_.end(); ++at) Append(&way, at->filename().string(), " → ");
    faults_.Add(inclusion.place, Concat("a cycle: ", way, whole.filename().string()),
                "files that do not include each other in a circle");
  } else if (++files_ > kMaxInclusions) {
    faults_.Add(inclusion.place, Concat("more than ", kMaxInclusions, " included files"),
                Concat("at most ", kMaxInclusions));
  } else if (!fs::is_regular_file(path, error)) {
    faults_.Add(inclusion.place, Quote(inclusion.file),
                Concat("a file: ", path.string(), error ? ": " + error.message() : " is none"));
  } else {
    return true;
  }
  return false;
}

Node Includer::ReadTree(const std::string& path, const Inclusion& inclusion, Faults& faults) {
  const auto text = ReadText(path);
  if (!text.ok()) {
    faults_.Add(inclusion.place, std::string(text.status().message()), "a file that can be read");
    return {};
  }
  Node root = ParseText(*text, path, faults);
  if (!root.object()) return root;
  ReadOptions options;
  for (const auto& [name, value] : inclusion.set) {
    const auto* words = std::get_if<std::string>(&value);
    options.set.emplace_back(
        name, words ? *words : WriteCompactJson(Codec<Literal>::Write(value, false)));
  }
  ApplyParams(root, options, faults);
  Reader reader(faults);
  internal::CheckKeys(reader, root, internal::Infos(SpecOf<Template>()), false);
  return root;
}

void Includer::Bring(Node& root, const std::string& file, const Inclusion& inclusion) {
  const fs::path path = fs::path(file).parent_path() / inclusion.file;
  if (!MayOpen(path, inclusion)) return;
  Faults found(path.string());
  Node included = ReadTree(path.string(), inclusion, found);
  faults_.Take(found);
  if (!included.object()) return;
  SetFile(included, faults_.AddFile(path.string()));
  open_.push_back(fs::weakly_canonical(path));
  Expand(included, path.string());
  open_.pop_back();
  Merge(root, included, path.string());
}

void Includer::Merge(Node& root, const Node& included, const std::string& path) {
  for (const Member& member : *included.object()) {
    if (!member.value.object() || member.key == "params") continue;
    Member* section = FindMember(root, member.key);
    if (!section) {
      std::get<Node::Object>(root.value).push_back(member);
    } else if (section->value.object()) {
      MergeSection(section->value, member, path);
    }
  }
}

void Includer::MergeSection(Node& section, const Member& included, const std::string& path) {
  auto& members = std::get<Node::Object>(section.value);
  const std::vector<Member> own = std::move(members);
  members = *included.value.object();
  for (const Member& member : own) {
    const bool twice = included.value.Find(member.key) != nullptr;
    if (!twice) {
      members.push_back(member);
      continue;
    }
    const Place place{member.line, Concat("$.", included.key), faults_.FileOf(member.value.file)};
    faults_.Add(At(place, member.key),
                Concat("the name ", Quote(member.key), ", which ", path, " gives to another"),
                "a name of its own");
  }
}

}  // namespace

void Include(Node& root, const std::string& file, Faults& faults) {
  if (!FindMember(root, "include")) return;
  Includer includer(faults);
  includer.Open(file);
  includer.Expand(root, file);
}

}  // namespace spate::tmpl
