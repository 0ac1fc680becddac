#include "template/check.h"

#include <set>

#include "base/text.h"
#include "template/limits.h"
#include "template/quantity.h"
#include "template/surface/laws.h"

namespace spate::tmpl {
namespace {

class Checker {
 public:
  Checker(const Template& t, Faults& faults)
      : t_(t),
        faults_(faults),
        messages_(NamesOf(t.messages)),
        hosts_(NamesOf(t.hosts)),
        tables_(NamesOf(t.tables)),
        draws_(NamesOf(t.draws)) {
    // A message may be sent in any group, so it may name any group's roles.
    for (const auto& [name, group] : t.groups) {
      for (const std::string& role : NamesOf(group.bind)) hosts_.push_back(role);
    }
  }

  void Run();

 private:
  void CheckName(const std::string& name, const std::vector<std::string>& names, const Place& place,
                 std::string_view what);
  void CheckObserver(const Observer& observer);
  template <class T>
  void CheckUnique(const Named<T>& named, std::string_view what);
  void CheckLaw(const ValueLaw& law);
  void CheckMessage(const Message& message);
  void CheckGroup(const Group& group);
  void CheckFlow(const Flow& flow, const Group* group);
  void CheckClock(const Flow& flow);
  void CheckLimits(const Flow& flow);
  void CheckEnds(const Conversation& conversation, const Group* group);
  const HostSet* SetOf(const std::string& host, const Group* group) const;
  void CheckSides(const Conversation& conversation, const Group* group);
  void CheckConversation(const Conversation& conversation, const Group* group);
  void CheckSteps(const Steps& steps);
  void CheckStep(const Step& step);
  void CheckSent(const std::string& message, const Place& place) {
    CheckName(message, messages_, place, "message");
  }

  const Template& t_;
  Faults& faults_;
  std::vector<std::string> messages_, hosts_, tables_, draws_;
};

void Checker::CheckName(const std::string& name, const std::vector<std::string>& names,
                        const Place& place, std::string_view what) {
  if (std::find(names.begin(), names.end(), name) != names.end()) return;
  faults_.Add(place, Concat("the undefined ", what, " ", Quote(name)),
              names.empty() ? Concat("a ", what, ", but there is none") : OneOf(names),
              Nearest(name, names));
}

template <class T>
void Checker::CheckUnique(const Named<T>& named, std::string_view what) {
  std::set<std::string> seen;
  for (const auto& [name, value] : named) {
    if (seen.insert(name).second) continue;
    faults_.Add(t_.place, Concat("the ", what, " ", Quote(name), " a second time"),
                "each name once");
  }
}

void Checker::CheckLaw(const ValueLaw& law) {
  using Kind = ValueLaw::Kind;
  if (law.kind == Kind::kHost) CheckName(law.name, hosts_, law.place, "host set or role");
  if (law.kind == Kind::kRow) {
    CheckName(law.name, tables_, law.place, "table");
    if (const Table* table = FindNamed(t_.tables, law.name)) {
      CheckName(law.column, table->columns, law.place, "column");
    }
  }
  if (law.kind == Kind::kDraw) CheckName(law.name, draws_, law.place, "draw");
}

void Checker::CheckMessage(const Message& message) {
  for (const HeaderUse& header : message.packet) {
    for (const auto& [field, law] : header.fields) CheckLaw(law);
  }
  if (message.size) CheckLaw(*message.size);
  for (const RawField& field : message.at) CheckLaw(field.value);
}

// What a host set or role is; nullptr: unknown.
const HostSet* Checker::SetOf(const std::string& host, const Group* group) const {
  const Binding* role = group ? FindNamed(group->bind, host) : nullptr;
  return FindNamed(t_.hosts, role ? role->host : host);
}

// Both sides of a conversation may have one port (NTP), but not at one address.
void Checker::CheckEnds(const Conversation& conversation, const Group* group) {
  const HostSet* client = SetOf(conversation.client, group);
  const HostSet* server = SetOf(conversation.server, group);
  if (!client || !server || !conversation.client_port || !conversation.port) return;
  const ValueLaw& port = *conversation.client_port;
  const bool one_port = port.kind == ValueLaw::Kind::kConstant && port.values.size() == 1 &&
                        port.values[0] == Literal(int64_t{*conversation.port});
  const auto same_at = [&](std::string_view column) {
    const ValueLaw* a = FindNamed(client->columns, column);
    const ValueLaw* b = FindNamed(server->columns, column);
    return a && b && a->kind == ValueLaw::Kind::kConstant && b->kind == a->kind &&
           a->values == b->values;
  };
  if (!one_port || (!same_at("ipv4") && !same_at("ipv6"))) return;
  faults_.Add(At(conversation.place, "client"),
              Concat("port ", *conversation.port, " of one address on both sides"),
              "ends that differ in address or port");
}

// Two sides that leave by the ports behind which they stand do not stand behind one.
void Checker::CheckSides(const Conversation& conversation, const Group* group) {
  const HostSet* client = SetOf(conversation.client, group);
  const HostSet* server = SetOf(conversation.server, group);
  if (!client || !server || client->behind.empty() || client->behind != server->behind) return;
  faults_.Add(At(conversation.place, "server"),
              Concat("client and server, both behind ", Quote(server->behind)),
              "hosts behind two ports, or \"port\" on the flow by which both sides leave");
}

void Checker::CheckConversation(const Conversation& conversation, const Group* group) {
  std::vector<std::string> known = NamesOf(t_.hosts);
  if (group) {
    for (const std::string& role : NamesOf(group->bind)) known.push_back(role);
  }
  CheckName(conversation.client, known, At(conversation.place, "client"), "host set or role");
  CheckName(conversation.server, known, At(conversation.place, "server"), "host set or role");
  if (conversation.client == conversation.server) {
    faults_.Add(At(conversation.place, "server"),
                Concat(Quote(conversation.server), ", the client too"), "another host set or role");
  }
  if (conversation.port && *conversation.port > 65535) {
    faults_.Add(At(At(conversation.place, conversation.transport), "port"),
                Concat(*conversation.port), "a port from 0 to 65535");
  }
  if (conversation.client_port) CheckLaw(*conversation.client_port);
  CheckEnds(conversation, group);
  for (const HeaderUse& header : conversation.packet) {
    for (const auto& [field, law] : header.fields) CheckLaw(law);
  }
}

void Checker::CheckClock(const Flow& flow) {
  const Clock& clock = flow.clock;
  if (clock.kind == Clock::Kind::kEvery && clock.every) {
    const auto mean = MeanSeconds(*clock.every);
    if (mean.ok() && *mean <= 0) {
      faults_.Add(clock.place, "passes that follow each other without time", "a time above 0");
    }
  }
  if (clock.kind == Clock::Kind::kGrid && !(clock.period_s >= 1e-12)) {
    faults_.Add(At(clock.place, "period"), FormatDuration(clock.period_s), "a time above 0");
  }
  if (clock.kind != Clock::Kind::kOnce && flow.burst && flow.burst->pause) {
    faults_.Add(At(flow.burst->place, "pause"), "a \"pause\" beside the clock of the flow",
                "one of them: the clock says when bursts begin");
  }
  if (flow.burst) CheckLaw(flow.burst->count);
}

// What bounds a flow or changes its rate needs a clock that it acts on.
void Checker::CheckLimits(const Flow& flow) {
  const bool again = flow.clocked() || flow.capture || (flow.burst && flow.burst->pause);
  const std::string clocks =
      "\"rate\", \"poisson\", \"every\", \"grid\", \"at\", \"ages\", \"schedule\" or \"share\" "
      "beside it";
  if (!again && flow.passes.value_or(1) > 1) {
    faults_.Add(At(flow.place, "passes"), Concat(*flow.passes, " passes without a clock"), clocks);
  }
  if (flow.duration_s && !flow.clocked()) {
    faults_.Add(At(flow.place, "duration"), "a duration without a clock", clocks);
  } else if (flow.duration_s && !(*flow.duration_s > 0)) {
    faults_.Add(At(flow.place, "duration"), "0s", "a time above 0");
  }
  if (flow.share && (flow.clock.kind != Clock::Kind::kOnce || flow.schedule)) {
    faults_.Add(At(flow.place, "share"), "\"share\" beside a clock", "one of them");
  }
  if (!flow.schedule) return;
  using Kind = Clock::Kind;
  const Kind kind = flow.clock.kind;
  if (kind == Kind::kRate) {
    faults_.Add(flow.clock.place, "\"rate\" beside \"schedule\"", "one of them");
  }
  if (kind == Kind::kAt || kind == Kind::kAges) {
    faults_.Add(flow.clock.place, "a list of times beside \"schedule\"", "one of them");
  }
  if (flow.on_off) {
    faults_.Add(At(flow.place, "on_off"), "\"on_off\" beside \"schedule\"",
                "pauses in the schedule");
  }
}

void Checker::CheckFlow(const Flow& flow, const Group* group) {
  if (flow.conversation) CheckConversation(*flow.conversation, group);
  if (flow.conversation && flow.port.empty()) CheckSides(*flow.conversation, group);
  CheckClock(flow);
  CheckLimits(flow);
  CheckUnique(flow.variables, "variable");
  for (const auto& [name, law] : flow.variables) CheckLaw(law);
  if (!flow.message.empty()) CheckSent(flow.message, At(flow.place, "message"));
  if (flow.message.empty() && flow.steps.empty() && !flow.capture) {
    faults_.Add(flow.place, "a flow without steps", "\"message\" or \"steps\"");
  }
  CheckSteps(flow.steps);
  if (flow.capture && flow.impairment && flow.impairment->checksums) {
    faults_.Add(At(flow.impairment->place, "corrupt"), "right checksums over captured packets",
                "\"checksums\": false");
  }
}

void Checker::CheckSteps(const Steps& steps) {
  for (const Step& step : steps) CheckStep(step);
}

void Checker::CheckStep(const Step& step) {
  if (const auto* send = std::get_if<SendStep>(&step.what)) {
    CheckSent(send->message, At(step.place, "send"));
  } else if (const auto* exchange = std::get_if<ExchangeStep>(&step.what)) {
    const Place place = At(step.place, "exchange");
    CheckSent(exchange->request, At(place, "request"));
    CheckSent(exchange->response, At(place, "response"));
    if (!(exchange->loss >= 0 && exchange->loss <= 1) || exchange->retries > kMaxRetries) {
      faults_.Add(place, Concat("loss ", exchange->loss, ", retries ", exchange->retries),
                  Concat("a probability from 0 to 1 and at most ", kMaxRetries, " retries"));
    }
  } else if (const auto* choose = std::get_if<ChooseStep>(&step.what)) {
    double total = 0;
    for (const Choice& choice : choose->choices) {
      total += choice.weight;
      CheckSteps(choice.steps);
    }
    if (total <= 0) {
      faults_.Add(At(step.place, "choose"), "no alternative with a weight above 0", "at least one");
    }
  } else if (const auto* loop = std::get_if<LoopStep>(&step.what)) {
    if (loop->condition) CheckLaw(loop->condition->value);
    CheckLaw(loop->times);
    if (!loop->steps || loop->steps->empty()) {
      faults_.Add(At(step.place, "loop"), "a loop without steps", "at least one step");
    } else {
      CheckSteps(*loop->steps);
    }
  } else if (const auto* when = std::get_if<WhenStep>(&step.what)) {
    CheckLaw(when->condition.value);
    if (when->steps) CheckSteps(*when->steps);
    if (when->otherwise) CheckSteps(*when->otherwise);
  } else if (const auto* say = std::get_if<SayStep>(&step.what)) {
    const Place place = At(step.place, say->side == Side::kClient ? "client" : "server");
    if (!say->message.empty()) CheckSent(say->message, place);
    if (say->size) CheckLaw(*say->size);
  } else if (const auto* remember = std::get_if<RememberStep>(&step.what)) {
    CheckSent(remember->message, At(At(step.place, "remember"), "message"));
  } else if (const auto* set = std::get_if<SetStep>(&step.what)) {
    CheckLaw(set->value);
  } else if (const auto* chain = std::get_if<ChainStep>(&step.what)) {
    const Place place = At(step.place, "chain");
    for (const auto& [name, state] : chain->states) {
      if (!state.send.empty()) CheckSent(state.send, At(state.place, "send"));
      if (state.steps) CheckSteps(*state.steps);
    }
    if (chain->length) CheckLaw(*chain->length);
    CheckChain(*chain, place, faults_);
  }
}

void Checker::CheckGroup(const Group& group) {
  CheckUnique(group.flows, "flow");
  CheckUnique(group.variables, "variable");
  for (const auto& [name, law] : group.variables) CheckLaw(law);
  for (const auto& [role, binding] : group.bind) {
    CheckName(binding.host, NamesOf(t_.hosts), binding.place, "host set");
    if (binding.per == Scope::kPacket) {
      faults_.Add(binding.place, "\"per\": \"packet\"",
                  "\"pass\", \"instance\" or \"run\" for a role");
    }
  }
  if (group.flows.empty()) faults_.Add(group.place, "a group without flows", "at least one flow");
  for (const auto& [name, flow] : group.flows) CheckFlow(flow, &group);
}

void Checker::CheckObserver(const Observer& observer) {
  const auto check = [&](const std::vector<std::string>& hosts, std::string_view key) {
    for (const std::string& host : hosts) {
      CheckName(host, hosts_, At(observer.place, key), "host set or role");
    }
  };
  check(observer.from, "from");
  check(observer.to, "to");
  check(observer.with, "with");
}

void Checker::Run() {
  CheckUnique(t_.hosts, "host set");
  for (const auto& [name, hosts] : t_.hosts) {
    if (hosts.seen_as.empty()) continue;
    CheckName(hosts.seen_as, NamesOf(t_.hosts), At(hosts.place, "seen_as"), "host set");
  }
  CheckUnique(t_.tables, "table");
  CheckUnique(t_.draws, "draw");
  CheckUnique(t_.messages, "message");
  CheckUnique(t_.groups, "group");
  CheckUnique(t_.flows, "flow");
  if (t_.schedule && !t_.rate.empty()) {
    faults_.Add(t_.schedule->place, "\"schedule\" beside \"rate\"", "one of them");
  }
  for (const auto& [name, message] : t_.messages) CheckMessage(message);
  if (t_.observer) CheckObserver(*t_.observer);
  for (const TimelineEvent& event : t_.timeline) {
    if (event.to) CheckLaw(*event.to);
  }
  for (const auto& [name, group] : t_.groups) CheckGroup(group);
  for (const auto& [name, flow] : t_.flows) {
    CheckFlow(flow, nullptr);
    if (FindNamed(t_.groups, name)) {
      faults_.Add(flow.place, Concat("the flow ", Quote(name), ", the name of a group"),
                  "another name: a flow at top level is a group of one");
    }
  }
}

}  // namespace

void Check(const Template& t, Faults& faults) {
  Checker(t, faults).Run();
  CheckRelations(t, faults);
}

}  // namespace spate::tmpl
