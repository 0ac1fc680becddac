#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/text.h"
#include "generator/model/json_text.h"
#include "generator/prompt/draft.h"
#include "generator/prompt/draft_keys.h"
#include "template/reader.h"

namespace spate::generator {
namespace {

using tmpl::Node;

// What the answer is about.
struct Subject {
  const OutlineService& service;
  Protocol protocol;
};

std::string Texts(const tmpl::Faults& faults) {
  constexpr size_t kShown = 6;  // of one service: the rest follows from these more often than not
  std::string out;
  for (size_t i = 0; i < std::min(faults.size(), kShown); ++i) {
    const tmpl::Fault& fault = faults.all()[i];
    absl::StrAppend(&out, i == 0 ? "" : "\n", fault.place.path, ": found ", fault.found,
                    ", expected ", fault.expected);
    if (!fault.hint.empty()) absl::StrAppend(&out, " (", fault.hint, ")");
  }
  return out;
}

std::string DidYouMean(const std::string& name, const std::vector<std::string>& names) {
  const std::string nearest = tmpl::Nearest(name, names);
  return nearest.empty() ? "" : absl::StrCat("did you mean ", tmpl::Quote(nearest), "?");
}

// The position of a text among `names`; a fault and npos when it is none of them.
size_t ReadOneOf(tmpl::Reader& reader, const Node& node, const std::vector<std::string>& names) {
  const std::string* text = node.text();
  const auto found = text == nullptr ? names.end() : std::find(names.begin(), names.end(), *text);
  if (found != names.end()) return static_cast<size_t>(found - names.begin());
  reader.Fail(node, tmpl::OneOf(names), text == nullptr ? "" : DidYouMean(*text, names));
  return std::string::npos;
}

void ReadMessages(tmpl::Reader& reader, const Node& node, const DraftKey& key,
                  const OutlineService& service, std::vector<uint16_t>& out) {
  const std::vector<std::string> ids = MessageIds(service);
  const Node::List* list = node.list();
  if (list == nullptr || list->size() > key.most || (key.required && list->empty())) {
    const std::string found =
        list == nullptr ? tmpl::Describe(node) : absl::StrCat("a list of ", list->size());
    reader.Fail(node, found,
                absl::StrCat("a list of ", key.required ? 1 : 0, " to ", key.most, " messages"),
                absl::StrCat("its messages are ", tmpl::OneOf(ids)));
    return;
  }
  for (size_t i = 0; i < list->size(); ++i) {
    const tmpl::Reader::Inside inside(reader, absl::StrCat("[", i, "]"));
    const size_t message = ReadOneOf(reader, (*list)[i], ids);
    if (message != std::string::npos) out.push_back(static_cast<uint16_t>(message));
  }
}

void ReadBehaviour(tmpl::Reader& reader, const Node& node, Protocol protocol, DraftService& out) {
  const std::vector<std::string> names = BehaviourNames(protocol);
  const size_t found = ReadOneOf(reader, node, names);
  for (size_t i = 0; found != std::string::npos; ++i) {
    out.behaviour = static_cast<DraftBehaviour>(i);
    if (names[found] == BehaviourName(out.behaviour)) return;
  }
}

void ReadKey(tmpl::Reader& reader, const Node& node, const DraftKey& key, const Subject& subject,
             DraftService& out) {
  const tmpl::Reader::Inside inside(reader, key.name);
  switch (key.kind) {
    case DraftKey::Kind::kText:
      if (const std::string* text = node.text()) {
        out.*key.text = model::Excerpt(*text, key.most);
      } else {
        reader.Fail(node, "a text");
      }
      return;
    case DraftKey::Kind::kBehaviour:
      ReadBehaviour(reader, node, subject.protocol, out);
      return;
    case DraftKey::Kind::kClock:
      if (size_t i = ReadOneOf(reader, node, DraftClockNames()); i != std::string::npos) {
        out.clock = static_cast<DraftClock>(i);
      }
      return;
    case DraftKey::Kind::kMessages:
      ReadMessages(reader, node, key, subject.service, out.*key.messages);
      return;
  }
}

// Reports members of `object` that `names` does not hold.
void RejectUnknown(tmpl::Reader& reader, const Node::Object& object,
                   const std::vector<std::string>& names) {
  for (const tmpl::Member& member : object) {
    if (std::find(names.begin(), names.end(), member.key) != names.end()) continue;
    const tmpl::Reader::Inside inside(reader, member.key);
    reader.Fail(member.value, absl::StrCat("the unknown key ", tmpl::Quote(member.key)),
                tmpl::OneOf(names), DidYouMean(member.key, names));
  }
}

void ReadService(tmpl::Reader& reader, const Node& node, const Subject& subject,
                 DraftService& out) {
  const Node::Object* object = node.object();
  if (object == nullptr) return reader.Fail(node, "an object");
  std::vector<std::string> names;
  for (const DraftKey& key : DraftKeys()) {
    names.emplace_back(key.name);
    if (const Node* value = node.Find(key.name)) {
      ReadKey(reader, *value, key, subject, out);
    } else if (key.required) {
      reader.Fail(node, absl::StrCat("no \"", AsAbsl(key.name), "\""),
                  absl::StrCat("the key \"", AsAbsl(key.name), "\""), "");
    }
  }
  RejectUnknown(reader, *object, names);
}

}  // namespace

absl::StatusOr<DraftService> ReadDraft(std::string_view answer, const Outline& outline,
                                       const OutlineService& service) {
  SPATE_ASSIGN_OR_RETURN(const std::string_view json, model::FindObject(answer));
  tmpl::Faults faults("");
  const Node root = tmpl::ParseJson(json, faults);
  DraftService out;
  out.service = service.name;
  if (faults.empty()) {
    tmpl::Reader reader(faults);
    const Protocol protocol = outline.sample->services[service.service].protocol;
    ReadService(reader, root, {service, protocol}, out);
  }
  if (!faults.empty()) return absl::InvalidArgumentError(Texts(faults));
  const std::string text = CheckAgainstSample(outline, service, out);
  if (!text.empty()) return absl::InvalidArgumentError(text);
  return out;
}

}  // namespace spate::generator
