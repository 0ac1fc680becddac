#include "generator/fit/steps.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "generator/fit/identifiers.h"
#include "generator/fit/law.h"
#include "score/tracker.h"

namespace spate::generator {
namespace {

constexpr size_t kStepsMostListed = 12;
constexpr size_t kMostLengths = 8;
constexpr size_t kEchoesPerSlot = 4;  // as many as FindEchoes gives at most

tmpl::Step Send(std::string message) {
  return {.place = {}, .what = tmpl::SendStep{std::move(message)}};
}

uint64_t LargestOf(uint32_t bytes) {
  return bytes >= 8 ? ~uint64_t{0} : (uint64_t{1} << 8 * bytes) - 1;
}

tmpl::ValueLaw RandomValue(uint32_t bytes) {
  tmpl::ValueLaw law;
  law.kind = tmpl::ValueLaw::Kind::kRandom;
  law.min = int64_t{0};
  if (bytes >= 8) {
    law.max = LargestOf(bytes) - 1;  // a range of 2^64 values has no number
  } else {
    law.max = static_cast<int64_t>(LargestOf(bytes));
  }
  return law;
}

class Writer {
 public:
  Writer(const Kind& kind, const Arrivals& arrivals, const StepsContext& context, tmpl::Flow& flow)
      : kind_(kind),
        behaviour_(kind.behaviour),
        arrivals_(arrivals),
        context_(context),
        flow_(flow),
        echoes_(context.sample, context.typing, kind),
        stretch_(Stretch()) {}

  void Run() {
    in_loop_ = !behaviour_.rounds.empty();
    // Rounds and chains stand between head and tail, whose identifiers do not reach over them.
    AppendParts(behaviour_.head, behaviour_.variants, behaviour_.variant_counts,
                in_loop_ || !behaviour_.chain.empty() ? Script() : behaviour_.tail, flow_.steps);
    if (in_loop_) AppendRounds();
    if (!behaviour_.chain.empty()) AppendChain();
    if (in_loop_ || !behaviour_.chain.empty()) {
      AppendParts(behaviour_.tail, {}, {}, {}, flow_.steps, true);
    }
  }

 private:
  // How often one instance uses a law that was observed so often in all.
  uint64_t UsesOf(size_t observations) const {
    return std::max<uint64_t>(1, observations / std::max<uint64_t>(1, arrivals_.instances));
  }

  tmpl::TimeLaw LawOf(std::vector<double> gaps) const {
    for (double& gap : gaps) gap *= stretch_;
    const uint64_t uses = UsesOf(gaps.size());
    return TimeLawOf(std::move(gaps), uses);
  }

  // Where slow and fast conversations share one pace, long ones would outlast the sample: the
  // shared pace is then quickened until they end with it.
  double Stretch() const {
    if (kind_.members.size() < 2 || (behaviour_.chain.empty() && behaviour_.rounds.empty()))
      return 1;
    double time = 0, packets = 0;
    for (uint32_t c : kind_.members) {
      time += SpanOf(c);
      packets += static_cast<double>(PacketsOf(c));
    }
    double stretch = 1;
    for (uint32_t c : kind_.members) {
      const double share = static_cast<double>(PacketsOf(c)) / packets;
      const double expected = share * time;
      const double left = static_cast<double>(context_.sample.duration_ns) * 1e-9 - BeginOf(c);
      if (share >= 0.05 && expected > left)
        stretch = std::min(stretch, std::max(0.02, left / expected));
    }
    return stretch;
  }

  size_t PacketsOf(uint32_t c) const { return context_.sample.conversations[c].packets.size(); }
  double TimeOf(uint32_t packet) const {
    return static_cast<double>(context_.sample.packets[packet].time_ns) * 1e-9;
  }
  double BeginOf(uint32_t c) const {
    return TimeOf(context_.sample.conversations[c].packets.front());
  }
  double SpanOf(uint32_t c) const {
    return TimeOf(context_.sample.conversations[c].packets.back()) - BeginOf(c);
  }

  static std::string Numbered(const std::string& base, uint32_t n) {
    return n == 0 ? base : absl::StrCat(base, "_", n + 1);
  }

  std::vector<FieldSource> SourcesOf(const Part& part) {
    std::vector<FieldSource> sources;
    if (part.echoes == nullptr) return sources;
    for (size_t e = 0; e < part.echoes->size(); ++e) {
      const Echo& echo = (*part.echoes)[e];
      const uint32_t n =
          part.slot * static_cast<uint32_t>(kEchoesPerSlot) + static_cast<uint32_t>(e);
      FieldSource source{.offset = part.request ? echo.request_offset : echo.response_offset,
                         .bytes = echo.bytes,
                         .variable = in_loop_,
                         .name = {}};
      source.name =
          in_loop_ ? Numbered("id", n) : context_.draws.NameOf(ServiceName(), n, 8 * echo.bytes);
      if (in_loop_) Declare(source, n);
      sources.push_back(std::move(source));
    }
    return sources;
  }

  // Counters begin one step before the first value seen: each round steps first.
  void Declare(const FieldSource& source, uint32_t n) {
    const auto declared = [&](const auto& v) { return v.first == source.name; };
    if (std::any_of(flow_.variables.begin(), flow_.variables.end(), declared)) return;
    const Progress& progress = echoes_.progress();
    tmpl::ValueLaw initial = RandomValue(source.bytes);
    initial.per = tmpl::Scope::kPass;
    if (progress.counter && n == 0) {
      const uint64_t before = (progress.first - progress.step) & LargestOf(source.bytes);
      initial = ConstantValue(static_cast<int64_t>(before));
    }
    flow_.variables.emplace_back(source.name, std::move(initial));
  }

  const std::string& ServiceName() const { return context_.sample.services[kind_.service].name; }

  void AppendWait(const std::vector<double>& gaps, tmpl::Steps& steps) const {
    if (gaps.empty() || Mean(gaps) <= 0) return;
    steps.push_back({.place = {}, .what = tmpl::WaitStep{LawOf(gaps)}});
  }

  // A variable takes its next value before the request that carries it.
  void AppendSets(const std::vector<FieldSource>& sources, const Part& part,
                  tmpl::Steps& steps) const {
    if (!in_loop_ || !part.request) return;
    for (size_t e = 0; e < sources.size(); ++e) {
      tmpl::SetStep set;
      set.variable = sources[e].name;
      const bool counts = echoes_.progress().counter && part.slot == 0 && e == 0;
      set.how = counts ? tmpl::SetStep::How::kAdd : tmpl::SetStep::How::kTo;
      set.value = counts ? ConstantValue(static_cast<int64_t>(echoes_.progress().step))
                         : RandomValue(sources[e].bytes);
      if (counts && sources[e].bytes < 8) set.modulus = LargestOf(sources[e].bytes) + 1;
      steps.push_back({.place = {}, .what = std::move(set)});
    }
  }

  // What one side asks and the other at once answers reads best as an exchange.
  bool IsExchange(const Script& script, size_t i) const {
    if (i + 1 >= script.size() || script[i + 1].gaps.empty()) return false;
    const MessageType& a = context_.typing.types[script[i].type];
    const MessageType& b = context_.typing.types[script[i + 1].type];
    return a.from_client != b.from_client && (a.payload_bytes > 0 || (a.tcp_flags & score::kSyn));
  }

  void Append(const Script& script, const std::vector<Part>& parts, bool wait_first,
              tmpl::Steps& steps) {
    for (size_t i = 0; i < script.size(); ++i) {
      if (i > 0 || wait_first) AppendWait(script[i].gaps, steps);
      const std::vector<FieldSource> sources = SourcesOf(parts[i]);
      AppendSets(sources, parts[i], steps);
      std::string message = context_.messages.NameOf(script[i].type, sources);
      if (!IsExchange(script, i)) {
        steps.push_back(Send(std::move(message)));
        continue;
      }
      tmpl::ExchangeStep exchange;
      exchange.request = std::move(message);
      exchange.delay = LawOf(script[i + 1].gaps);
      ++i;
      exchange.response = context_.messages.NameOf(script[i].type, SourcesOf(parts[i]));
      steps.push_back({.place = {}, .what = std::move(exchange)});
    }
  }

  // What begins all, one of the variants if there are any, what ends all.
  void AppendParts(const Script& head, const std::vector<Script>& variants,
                   const std::vector<uint64_t>& counts, const Script& tail, tmpl::Steps& steps,
                   bool wait_first = false) {
    static const Script kNothing;
    const Script& first = variants.empty() ? kNothing : variants.front();
    const Script* const path[] = {&head, &first, &tail};
    const auto parts = AssignParts(path, echoes_, context_.typing);
    Append(head, parts[0], wait_first, steps);
    wait_first = wait_first || !head.empty();
    if (!variants.empty()) {
      AppendVariants(head, variants, counts, tail, wait_first, steps);
      wait_first = true;
    }
    Append(tail, parts[2], wait_first, steps);
  }

  void AppendVariants(const Script& head, const std::vector<Script>& variants,
                      const std::vector<uint64_t>& counts, const Script& tail, bool wait_first,
                      tmpl::Steps& steps) {
    tmpl::ChooseStep choose;
    uint64_t total = 0;
    if (wait_first && variants.front().size() == 1) AppendSharedWait(variants, steps);
    for (size_t v = 0; v < variants.size(); ++v) {
      const Script* const path[] = {&head, &variants[v], &tail};
      const auto parts = AssignParts(path, echoes_, context_.typing);
      tmpl::Choice choice{.place = {}, .weight = static_cast<double>(counts[v]), .steps = {}};
      Append(variants[v], parts[1], wait_first && variants[v].size() > 1, choice.steps);
      choose.choices.push_back(std::move(choice));
      total += counts[v];
    }
    std::stable_sort(
        choose.choices.begin(), choose.choices.end(),
        [](const tmpl::Choice& a, const tmpl::Choice& b) { return a.weight > b.weight; });
    choose.balanced = StrataFor(UsesOf(total));
    steps.push_back({.place = {}, .what = std::move(choose)});
  }

  // Variants of one packet share the wait before it.
  void AppendSharedWait(const std::vector<Script>& variants, tmpl::Steps& steps) const {
    std::vector<double> gaps;
    for (const Script& variant : variants) {
      gaps.insert(gaps.end(), variant.front().gaps.begin(), variant.front().gaps.end());
    }
    AppendWait(gaps, steps);
  }

  tmpl::ValueLaw CountsByMember(const std::vector<uint64_t>& counts) const {
    const bool by_instance = arrivals_.passes == 1, by_pass = arrivals_.instances == 1;
    if (counts.size() <= kStepsMostListed && (by_instance || by_pass)) {
      std::vector<tmpl::Literal> values;
      for (uint64_t n : counts) values.emplace_back(static_cast<int64_t>(n));
      return ListedValues(std::move(values),
                          by_instance ? tmpl::Scope::kInstance : tmpl::Scope::kPass);
    }
    tmpl::ValueLaw law = WeightedValues(counts, kMostLengths, counts.size());
    if (law.kind == tmpl::ValueLaw::Kind::kWeighted) {
      law.per = by_instance ? tmpl::Scope::kInstance : tmpl::Scope::kPass;
    }
    return law;
  }

  // The gaps before a round's first packet, whichever it is.
  static void AddPauses(const Round& round, std::vector<double>& pauses) {
    const auto add = [&](const Script& script) {
      pauses.insert(pauses.end(), script.front().gaps.begin(), script.front().gaps.end());
    };
    if (!round.items.empty()) return add(round.items);
    for (const Script& variant : round.variants) add(variant);
  }

  void AppendRounds() {
    auto inner = std::make_shared<tmpl::Steps>();
    std::vector<double> pauses;
    for (const Round& round : behaviour_.rounds) AddPauses(round, pauses);
    AppendWait(pauses, *inner);
    tmpl::ChooseStep choose;
    uint64_t total = 0;
    for (const Round& round : behaviour_.rounds) {
      tmpl::Choice choice{.place = {}, .weight = static_cast<double>(round.count), .steps = {}};
      AppendParts(round.items, round.variants, round.variant_counts, round.tail, choice.steps);
      choose.choices.push_back(std::move(choice));
      total += round.count;
    }
    if (choose.choices.size() == 1) {
      for (tmpl::Step& step : choose.choices[0].steps) inner->push_back(std::move(step));
    } else {
      choose.balanced = StrataFor(UsesOf(total));
      inner->push_back({.place = {}, .what = std::move(choose)});
    }
    tmpl::LoopStep loop;
    loop.times = CountsByMember(behaviour_.rounds_per_conversation);
    loop.steps = std::move(inner);
    flow_.steps.push_back({.place = {}, .what = std::move(loop)});
  }

  void AppendChain() {
    AppendWait(behaviour_.chain_gaps, flow_.steps);
    // States are named by their messages, without the service.
    std::vector<std::string> messages, names;
    for (const State& state : behaviour_.chain) {
      messages.push_back(context_.messages.NameOf(state.type, {}));
      const std::string prefix = ServiceName() + "_";
      names.push_back(messages.back().starts_with(prefix) ? messages.back().substr(prefix.size())
                                                          : messages.back());
    }
    tmpl::ChainStep chain;
    chain.start = names[behaviour_.chain_start];
    chain.length = CountsByMember(behaviour_.chain_lengths);
    uint64_t total = 0;
    for (size_t i = 0; i < names.size(); ++i) {
      tmpl::ChainState state{.place = {}, .send = messages[i], .steps = nullptr, .next = {}};
      for (const Edge& edge : behaviour_.chain[i].next) {
        tmpl::Transition next{.place = {},
                              .to = names[edge.to],
                              .weight = static_cast<double>(edge.count),
                              .after = {}};
        if (!edge.gaps.empty() && Mean(edge.gaps) > 0) {
          next.after = LawOf(edge.gaps);
          next.after->balanced.reset();  // the chain's own holds for its delays
        }
        state.next.push_back(std::move(next));
        total += edge.count;
      }
      chain.states.emplace_back(names[i], std::move(state));
    }
    chain.balanced = StrataFor(UsesOf(total));
    flow_.steps.push_back({.place = {}, .what = std::move(chain)});
  }

  const Kind& kind_;
  const Behaviour& behaviour_;
  const Arrivals& arrivals_;
  const StepsContext& context_;
  tmpl::Flow& flow_;
  KindEchoes echoes_;
  double stretch_ = 1;
  bool in_loop_ = false;
};

}  // namespace

std::string DrawPool::NameOf(const std::string& service, uint32_t n, uint32_t bits) {
  const auto [entry, fresh] = names_.try_emplace({service, n, bits}, "");
  if (!fresh) return entry->second;
  const auto taken = [&](const std::string& name) {
    return std::any_of(draws_.begin(), draws_.end(),
                       [&](const auto& d) { return d.first == name; });
  };
  entry->second = absl::StrCat(service, "_id");
  for (uint32_t k = 2; taken(entry->second); ++k) entry->second = absl::StrCat(service, "_id_", k);
  tmpl::NamedDraw draw{.place = {}, .law = RandomValue(bits / 8)};
  draw.law.per = tmpl::Scope::kPass;
  draws_.emplace_back(entry->second, std::move(draw));
  return entry->second;
}

void WriteSteps(const Kind& kind, const Arrivals& arrivals, const StepsContext& context,
                tmpl::Flow& flow) {
  Writer(kind, arrivals, context, flow).Run();
}

}  // namespace spate::generator
