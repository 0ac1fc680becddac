#include "tests/property/random_template.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "packet/header.h"
#include "template/surface/laws.h"
#include "template/surface/sizes.h"

namespace spate::testing {
namespace {

using tmpl::ChainState;
using tmpl::ChainStep;
using tmpl::ChooseStep;
using tmpl::Clock;
using tmpl::ExchangeStep;
using tmpl::Flow;
using tmpl::Group;
using tmpl::HeaderUse;
using tmpl::HostSet;
using tmpl::Impairment;
using tmpl::Literal;
using tmpl::LoopStep;
using tmpl::Message;
using tmpl::NamedDraw;
using tmpl::Payload;
using tmpl::RawField;
using tmpl::Schedule;
using tmpl::Scope;
using tmpl::SendStep;
using tmpl::Step;
using tmpl::Steps;
using tmpl::Table;
using tmpl::Template;
using tmpl::TimeLaw;
using tmpl::ValueLaw;
using tmpl::WaitStep;

class Drawer {
 public:
  explicit Drawer(uint64_t seed) : key_(Mix(seed)) {}
  uint64_t Below(uint64_t n) { return spate::Below(Draw(key_, count_++), n); }
  uint64_t From(uint64_t min, uint64_t max) { return min + Below(max - min + 1); }
  bool Chance(double p) { return static_cast<double>(Below(1'000'000)) < p * 1e6; }
  double Real(double min, double max) {
    return min + (max - min) * static_cast<double>(Below(1'000)) / 1'000;
  }
  template <class T>
  const T& OneOf(const std::vector<T>& list) {
    return list[Below(list.size())];
  }

 private:
  const uint64_t key_;
  uint64_t count_ = 0;
};

class TemplateDrawer {
 public:
  explicit TemplateDrawer(uint64_t seed) : d_(seed) {}

  Template Make() {
    t_.name = "random";
    MakeHosts();
    if (d_.Chance(0.4)) MakeTable();
    if (d_.Chance(0.4)) t_.draws.emplace_back("shared", NamedDraw{{}, Random(0, 65'535)});
    const uint64_t messages = d_.From(1, 4);
    for (uint64_t i = 0; i < messages; ++i) {
      t_.messages.emplace_back(absl::StrCat("m", i), MakeMessage());
    }
    const uint64_t flows = d_.From(1, 3);
    for (uint64_t i = 0; i < flows; ++i) t_.flows.emplace_back(absl::StrCat("f", i), MakeFlow());
    if (d_.Chance(0.5)) t_.groups.emplace_back("g", MakeGroup());
    if (d_.Chance(0.2)) t_.rate = "100kpps";
    if (t_.rate.empty() && d_.Chance(0.1)) t_.schedule = MakeSchedule();
    return std::move(t_);
  }

 private:
  static ValueLaw Constant(Literal value) {
    ValueLaw law;
    law.values = {std::move(value)};
    return law;
  }
  static ValueLaw Increment(Literal start, uint64_t count) {
    ValueLaw law;
    law.kind = ValueLaw::Kind::kIncrement;
    law.start = std::move(start);
    law.count = count;
    return law;
  }
  static ValueLaw Random(int64_t min, int64_t max) {
    ValueLaw law;
    law.kind = ValueLaw::Kind::kRandom;
    law.min = min;
    law.max = max;
    return law;
  }

  std::optional<Scope> MaybeScope() {
    if (d_.Chance(0.7)) return std::nullopt;
    return static_cast<Scope>(d_.Below(4));
  }

  // A law of numbers from min to max.
  ValueLaw Number(int64_t min, int64_t max) {
    const int64_t a = min + static_cast<int64_t>(d_.Below(static_cast<uint64_t>(max - min + 1)));
    const int64_t b = a + static_cast<int64_t>(d_.Below(static_cast<uint64_t>(max - a + 1)));
    ValueLaw law = Constant(a);
    switch (d_.Below(5)) {
      case 0:
        return law;
      case 1:
        law = Random(a, b);
        if (d_.Chance(0.2)) law.balanced = 16;
        break;
      case 2:
        law = Increment(a, static_cast<uint64_t>(b - a) + 1);
        break;
      case 3:
        law.kind = ValueLaw::Kind::kValues;
        law.values = {a, b, min};
        break;
      default:
        law.kind = ValueLaw::Kind::kWeighted;
        law.values = {a, b, max};
        law.weights = {1, 2.5, 0.1};
    }
    law.per = MaybeScope();
    return law;
  }

  ValueLaw Named(ValueLaw::Kind kind, std::string name, std::string column = "") {
    ValueLaw law;
    law.kind = kind;
    law.name = std::move(name);
    law.column = std::move(column);
    return law;
  }

  void MakeHosts() {
    const uint64_t sets = d_.From(1, 3);
    for (uint64_t i = 0; i < sets; ++i) {
      HostSet set;
      set.count = d_.From(1, 40);
      set.columns.emplace_back("ipv4", Increment(absl::StrCat("198.18.", i, ".1"), *set.count));
      set.columns.emplace_back("ipv6", Increment(absl::StrCat("2001:2::", i + 1, ":1"), 0));
      if (d_.Chance(0.5)) {
        set.columns.emplace_back("mac", Increment(absl::StrCat("02:00:00:0", i, ":00:01"), 7));
      }
      set.columns.emplace_back("port", Increment(int64_t{1024}, 100));
      set.pick = d_.OneOf<std::string>({"each", "uniform", "zipf"});
      t_.hosts.emplace_back(absl::StrCat("h", i), std::move(set));
    }
  }

  void MakeTable() {
    Table table;
    table.columns = {"port", "ttl"};
    table.rows = {
        {int64_t{53}, int64_t{64}}, {int64_t{80}, int64_t{128}}, {int64_t{443}, int64_t{32}}};
    if (d_.Chance(0.5)) table.weights = {3, 1, 2};
    t_.tables.emplace_back("services", std::move(table));
  }

  ValueLaw Port() {
    if (d_.Chance(0.2)) return Named(ValueLaw::Kind::kHost, d_.OneOf(NamesOf(t_.hosts)));
    if (!t_.tables.empty() && d_.Chance(0.2)) {
      return Named(ValueLaw::Kind::kRow, "services", "port");
    }
    if (!t_.draws.empty() && d_.Chance(0.2)) return Named(ValueLaw::Kind::kDraw, "shared");
    return Number(0, 65'535);
  }

  void AddFields(HeaderUse& use) {
    const auto maybe = [&](const char* field, auto make) {
      if (d_.Chance(0.5)) use.fields.emplace_back(field, make());
    };
    const auto host = [&] { return Named(ValueLaw::Kind::kHost, d_.OneOf(NamesOf(t_.hosts))); };
    if (use.header == "ethernet" || use.header == "ipv4" || use.header == "ipv6") {
      maybe("src", host);
      maybe("dst", host);
    }
    if (use.header == "ipv4") maybe("time_to_live", [&] { return Number(1, 255); });
    if (use.header == "vlan") maybe("id", [&] { return Number(1, 4'000); });
    if (use.header == "udp" || use.header == "tcp") {
      maybe("src_port", [&] { return Port(); });
      maybe("dst_port", [&] { return Port(); });
    }
  }

  // A walk through the registry from Ethernet on, ending where a payload may follow.
  std::vector<HeaderUse> MakeStack() {
    std::vector<HeaderUse> stack;
    const packet::HeaderSpec* last = packet::FindHeader("ethernet");
    for (uint64_t depth = 0; depth < 6; ++depth) {
      HeaderUse use;
      use.header = last->name;
      AddFields(use);
      stack.push_back(std::move(use));
      std::vector<const packet::HeaderSpec*> next;
      for (const std::string_view name : {"vlan", "arp", "ipv4", "ipv6", "udp", "tcp", "icmp"}) {
        const packet::HeaderSpec* spec = packet::FindHeader(name);
        if (spec && packet::MayFollow(last, *spec)) next.push_back(spec);
      }
      if (next.empty() || (last->name == "ipv4" && d_.Chance(0.1))) break;
      last = d_.OneOf(next);
    }
    return stack;
  }

  Message MakeMessage() {
    Message message;
    message.packet = MakeStack();
    const bool datagram =
        message.packet.back().header == "udp" || message.packet.back().header == "tcp";
    if (!datagram) return message;
    Payload payload;
    payload.kind = d_.OneOf<Payload::Kind>({Payload::Kind::kText, Payload::Kind::kHex});
    payload.data =
        payload.kind == Payload::Kind::kText ? "some payload, some more of it" : "00ff 1234";
    if (d_.Chance(0.6)) message.payload = payload;
    if (d_.Chance(0.7)) message.size = MakeSize();
    if (message.size && d_.Chance(0.4)) {
      RawField field;
      field.offset = static_cast<uint32_t>(d_.Below(20));
      field.bits = static_cast<uint32_t>(d_.From(1, 32));
      field.value = Number(0, static_cast<int64_t>((uint64_t{1} << field.bits) - 1));
      message.at.push_back(std::move(field));
    }
    return message;
  }

  ValueLaw MakeSize() {
    ValueLaw law = Number(256, 1'518);
    if (d_.Chance(0.2)) {
      law = ValueLaw{};
      law.kind = ValueLaw::Kind::kValues;
      law.form = "cdefgz";
      for (const int64_t size : {256, 512, 1024, 1280, 1518, 1518}) law.values.emplace_back(size);
    }
    return law;
  }

  TimeLaw Time(double most) {
    TimeLaw law;
    const std::vector<std::string> kinds = {"constant", "uniform", "exponential", "lognormal",
                                            "gamma"};
    law.kind = d_.OneOf(kinds);
    const double a = d_.Real(1e-6, most);
    if (law.kind == "constant") law.parameters = {{"value", a}};
    if (law.kind == "uniform") law.parameters = {{"min", a / 2}, {"max", a}};
    if (law.kind == "exponential") law.parameters = {{"mean", a}};
    if (law.kind == "lognormal") law.parameters = {{"median", a}, {"sigma", 0.5}};
    if (law.kind == "gamma") law.parameters = {{"mean", a}, {"shape", 3}};
    if (law.kind != "constant" && d_.Chance(0.2)) law.max = 2 * most;
    return law;
  }

  std::string MessageName() { return d_.OneOf(NamesOf(t_.messages)); }

  Schedule MakeSchedule() {
    const auto stretch = [&](bool ramp) {
      Schedule s;
      s.seconds = d_.Real(0.01, 0.3);
      (ramp ? s.from : s.rate) = absl::StrCat(d_.From(100, 9'000), "pps");
      if (ramp) s.to = absl::StrCat(d_.Below(9'000), "pps");
      return s;
    };
    Schedule schedule;
    const uint64_t steps = d_.From(1, 4);
    for (uint64_t i = 0; i < steps; ++i) schedule.steps.push_back(stretch(d_.Chance(0.5)));
    schedule.repeat = d_.Below(3);
    return schedule;
  }

  void MakeClock(Flow& flow) {
    switch (d_.Below(6)) {
      case 0:
        flow.clock.kind = Clock::Kind::kRate;
        flow.clock.rate = absl::StrCat(d_.From(10, 90'000), "pps");
        break;
      case 1:
        flow.clock.kind = Clock::Kind::kPoisson;
        flow.clock.rate = absl::StrCat(d_.From(10, 90'000), "pps");
        break;
      case 2:
        flow.clock.kind = Clock::Kind::kEvery;
        flow.clock.every = Time(0.01);
        break;
      case 3:
        flow.clock.kind = Clock::Kind::kGrid;
        flow.clock.period_s = d_.Real(0.0001, 0.01);
        if (d_.Chance(0.5)) flow.clock.jitter = Time(0.001);
        break;
      case 4:
        flow.schedule = MakeSchedule();
        break;
      default:
        break;
    }
    const bool paced = flow.clock.kind != Clock::Kind::kOnce || flow.schedule;
    if (paced && d_.Chance(0.2)) flow.passes = d_.From(1, 50);
    if (paced && d_.Chance(0.2)) flow.duration_s = d_.Real(0.01, 0.5);
    if (d_.Chance(0.2)) flow.packets = d_.From(1, 100);
    if (d_.Chance(0.3)) flow.start = Time(0.1);
    if (paced && !flow.schedule && d_.Chance(0.15)) flow.on_off = {{}, Time(0.05), Time(0.05)};
    if (flow.clock.kind == Clock::Kind::kRate || flow.clock.kind == Clock::Kind::kGrid) {
      flow.phase = d_.OneOf<std::string>({"", "", "even", "random", "same"});
    }
  }

  tmpl::Burst MakeBurst() {
    tmpl::Burst burst;
    burst.count = Number(0, 5);
    burst.count.per.reset();
    if (d_.Chance(0.5)) {
      burst.gap = Time(0.001);
    } else {
      burst.rate = d_.OneOf<std::string>({"10kpps", "1mbps", "100mbpsl1"});
    }
    return burst;
  }

  Impairment MakeImpairment() {
    Impairment impairment;
    if (d_.Chance(0.5)) impairment.loss = d_.Real(0, 0.3);
    if (d_.Chance(0.3)) impairment.burst_enter = 0.05, impairment.burst_leave = 0.3;
    if (d_.Chance(0.3)) impairment.duplicate = 0.1;
    if (d_.Chance(0.4)) impairment.delay = Time(0.02);
    if (d_.Chance(0.3)) impairment.reorder = 0.1;
    if (d_.Chance(0.3)) impairment.corrupt = 0.1, impairment.checksums = d_.Chance(0.5);
    return impairment;
  }

  Steps MakeSteps(int depth) {
    Steps steps;
    const uint64_t count = d_.From(1, 3);
    for (uint64_t i = 0; i < count; ++i) steps.push_back(MakeStep(depth));
    return steps;
  }

  Step MakeStep(int depth) {
    Step step;
    switch (d_.Below(depth > 0 ? 6 : 3)) {
      case 0:
        step.what = SendStep{MessageName()};
        break;
      case 1:
        step.what = WaitStep{Time(0.005)};
        break;
      case 2: {
        ExchangeStep exchange;
        exchange.request = MessageName();
        exchange.response = MessageName();
        exchange.delay = Time(0.005);
        if (d_.Chance(0.5)) {
          exchange.loss = d_.Real(0, 0.5);
          exchange.timeout = Time(0.05);
          exchange.retries = static_cast<uint32_t>(d_.Below(3));
        }
        step.what = std::move(exchange);
        break;
      }
      case 3: {
        ChooseStep choose;
        for (int i = 0; i < 2; ++i)
          choose.choices.push_back({{}, d_.Real(0.1, 2), MakeSteps(depth - 1)});
        step.what = std::move(choose);
        break;
      }
      case 4: {
        LoopStep loop;
        loop.times = Number(0, 4);
        loop.times.per.reset();
        loop.steps = std::make_shared<Steps>(MakeSteps(depth - 1));
        step.what = std::move(loop);
        break;
      }
      default: {
        ChainStep chain;
        chain.start = "a";
        chain.length = Constant(static_cast<int64_t>(d_.From(1, 6)));
        for (const char* name : {"a", "b"}) {
          ChainState state;
          state.send = MessageName();
          state.next.push_back({{}, "a", 1, Time(0.002)});
          state.next.push_back({{}, "b", 2, Time(0.002)});
          chain.states.emplace_back(name, std::move(state));
        }
        step.what = std::move(chain);
      }
    }
    return step;
  }

  Flow MakeFlow() {
    Flow flow;
    MakeClock(flow);
    if (d_.Chance(0.4)) {
      flow.message = MessageName();
    } else {
      flow.steps = MakeSteps(2);
      flow.steps.push_back({{}, SendStep{MessageName()}});
    }
    if (d_.Chance(0.15)) flow.burst = MakeBurst();
    if (d_.Chance(0.3)) flow.impairment = MakeImpairment();
    if (d_.Chance(0.1)) flow.scale = false;
    return flow;
  }

  Group MakeGroup() {
    Group group;
    group.count = d_.From(1, 20);
    if (d_.Chance(0.3)) {
      tmpl::Arrival& arrive = group.arrive.emplace();
      arrive.kind = tmpl::Arrival::Kind::kEvery;
      arrive.every = Time(0.01);
    }
    if (d_.Chance(0.2)) {
      group.lifetime = Time(0.2);
      group.replace = d_.Chance(0.5);
    }
    const uint64_t flows = d_.From(1, 2);
    for (uint64_t i = 0; i < flows; ++i) {
      Flow flow = MakeFlow();
      flow.total = d_.Chance(0.3);
      group.flows.emplace_back(absl::StrCat("g", i), std::move(flow));
    }
    return group;
  }

  template <class T>
  static std::vector<std::string> NamesOf(const tmpl::Named<T>& named) {
    std::vector<std::string> names;
    for (const auto& [name, value] : named) names.push_back(name);
    return names;
  }

  Drawer d_;
  Template t_;
};

}  // namespace

Template RandomTemplate(uint64_t seed) { return TemplateDrawer(seed).Make(); }

}  // namespace spate::testing
