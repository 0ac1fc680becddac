#include "tests/property/agree.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "packet/header.h"

namespace spate::testing {
namespace {

using tmpl::Member;
using tmpl::Node;
using tmpl::ObjectNode;
using tmpl::Text;
using Object = Node::Object;

Node* Find(Object& object, std::string_view key) {
  const auto at = std::ranges::find(object, key, &Member::key);
  return at == object.end() ? nullptr : &at->value;
}

void Drop(Object& object, const Keys& keys) {
  std::erase_if(object, [&](const Member& member) { return keys.contains(member.key); });
}

bool HasClock(Object& object) {
  for (const char* const key :
       {"rate", "poisson", "every", "grid", "at", "ages", "schedule", "share"}) {
    if (Find(object, key)) return true;
  }
  return false;
}

// Weights and "pick": "weights" belong together.
void AgreeHosts(Dice& dice, const At&, Object& object) {
  const Node* const pick = Find(object, "pick");
  const bool weights = pick && *pick->text() == "weights";
  Drop(object, {"weights"});
  if (!weights) return;
  Drop(object, {"count"});
  object.push_back({"count", 0, Node(int64_t{2})});
  object.push_back({"weights", 0, Node(Node::List{Node(dice.Real(0.1, 5)), Node(int64_t{1})})});
}

void AgreeExchange(Dice&, const At&, Object& object) {
  if (!Find(object, "timeout")) Drop(object, {"loss", "retries", "backoff", "max_timeout"});
  const Node* const backoff = Find(object, "backoff");
  if (!backoff || backoff->real() <= 1) Drop(object, {"max_timeout"});
}

// The first state leads to the other.
void AgreeChain(Dice& dice, const At&, Object& object) {
  Node* const states = Find(object, "states");
  Object& first = std::get<Object>(std::get<Object>(states->value)[0].value.value);
  if (!Find(first, "next")) first.push_back({"next", 0, Node(Node::List{})});
  std::get<Node::List>(Find(first, "next")->value)
      .push_back(ObjectNode({{"to", Text("s1")}, {"weight", Node(dice.Real(0.1, 5))}}));
  if (!Find(object, "length")) object.push_back({"length", 0, Node(dice.From(1, 6))});
}

void AgreeFlow(Dice& dice, const At& at, Object& object) {
  const bool clock = HasClock(object);
  if (!clock) Drop(object, {"passes", "duration", "phase"});
  if (Find(object, "schedule")) Drop(object, {"on_off"});
  Node* const burst = Find(object, "burst");
  if (clock && burst) Drop(std::get<Object>(burst->value), {"pause"});
  // What others of the group wait for comes to an end.
  if (at.group && clock && !Find(object, "passes") && dice.Chance(0.9)) {
    object.push_back({"passes", 0, Node(dice.From(1, 20))});
  }
}

void AgreeGroup(Dice&, const At&, Object& object) {
  Node* const arrive = Find(object, "arrive");
  const Node* const times = arrive ? arrive->Find("at") : nullptr;
  if (!times) return;
  Drop(object, {"count"});
  object.push_back({"count", 0, Node(uint64_t{times->list()->size()})});
}

void AgreeMessage(Dice& dice, const At& at, Object& object) {
  if (Node* const by = Find(object, "by")) *by = Text(at.name == "c1" ? "server" : "client");
  // Values in the payload keep apart.
  if (Node* const values = Find(object, "at")) {
    auto offset = static_cast<int64_t>(dice.From(0, 2));
    for (Node& value : std::get<Node::List>(values->value)) {
      if (Node* const place = Find(std::get<Object>(value.value), "offset")) *place = Node(offset);
      offset += 3;
    }
  }
  const Node* const packet = Find(object, "packet");
  if (at.talk || !packet || packet->list()->empty()) return;
  const packet::HeaderSpec& last = *packet::FindHeader((*packet->list()->back().object())[0].key);
  if (!last.carries_payload) Drop(object, {"payload", "at", "size"});
}

void AgreeBinding(Dice&, const At&, Object& object) {
  const Node* const per = Find(object, "per");
  if (per && *per->text() == "packet") Drop(object, {"per"});
}

void AgreeSet(Dice&, const At&, Object& object) {
  Node *const min = Find(object, "min"), *const max = Find(object, "max");
  if (min && max && min->number() && max->number() && min->real() > max->real()) {
    std::swap(*min, *max);
  }
  if (!min || !max) Drop(object, {"beyond"});
}

double NumberOf(const Node& node) {
  return node.text() ? std::strtod(node.text()->c_str(), nullptr) : node.real();
}

}  // namespace

void Agree(Dice& dice, const At& at, Object& object) {
  struct Rule {
    std::string_view within;
    void (*apply)(Dice& dice, const At& at, Object& object);
  };
  static constexpr Rule kRules[] = {{"hosts", AgreeHosts},     {"exchange", AgreeExchange},
                                    {"chain", AgreeChain},     {"flow", AgreeFlow},
                                    {"group", AgreeGroup},     {"message", AgreeMessage},
                                    {"binding", AgreeBinding}, {"set", AgreeSet}};
  if (at.key == "random" && object.size() == 2 &&
      NumberOf(object[0].value) > NumberOf(object[1].value)) {
    std::swap(object[0].value, object[1].value);
  }
  static const Keys kCounters = {"increment", "decrement", "permutation"};
  const bool wide = at.domain.kind != packet::FieldKind::kUint || at.domain.max >= UINT16_MAX;
  if (kCounters.contains(at.key) && !wide) {
    Drop(object, {"step", "count"});
    object.push_back({"count", 0, Node(uint64_t{2})});
  }
  if (dice.Chance(0.01)) return;
  for (const Rule& rule : kRules) {
    if (rule.within == at.within) rule.apply(dice, at, object);
  }
}

}  // namespace spate::testing
