// The surface of the template language as plain data: what people, models and the fit write. The
// reader fills these structs from JSON, the printer writes them back, `fit` builds them, and each
// construct desugars into the core (template/core.h). Unset optionals mean "the default", which
// `spate show --full` prints.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace spate::tmpl {

inline constexpr int kLanguageVersion = 1;

// Where a construct stands in its file; line 0: built by a program.
struct Place {
  uint32_t line = 0;
  std::string path;  // JSON path: $.messages.query.packet[1].udp
  std::string file;  // an included file; "": the template itself
};

// Order of the file is kept: printing a template gives it back as it was written.
template <class T>
using Named = std::vector<std::pair<std::string, T>>;

// A scalar as written, after `$param` substitution: a number, or a string such as "198.18.0.1",
// "0x800", "SA". Which of these it must be follows from the field that it is for.
using Literal = std::variant<int64_t, uint64_t, double, std::string>;

// How long one outcome of a law holds: redrawn per packet, once per pass (one run through a flow's
// steps: one conversation), once per instance (copy of a group), once per run.
enum class Scope : uint8_t { kPacket, kPass, kInstance, kRun };

struct TimeLaw;

// A value law: what a field, a size, a loop count or a variable takes.
struct ValueLaw {
  enum class Kind : uint8_t {
    kConstant,     // 53                                           values[0]
    kValues,       // {"values": [1, 2, 3]}            cycled, one per count of the scope
    kIncrement,    // {"increment": {"start", "step", "count"}}    cycled likewise
    kDecrement,    // {"decrement": {"start", "step", "count"}}
    kRandom,       // {"random": {"min", "max"}}                   uniform, both ends included
    kWeighted,     // {"weighted": [[64, 7], [570, 4]]}            values + weights
    kHost,         // {"host": "clients"}              the host's column that fits the field
    kRow,          // {"row": "services", "column": "port"}        correlated rows of a table
    kVariable,     // {"var": "seq"}
    kDraw,         // {"draw": "txid"}                 a draw declared under `draws`, shared by name
    kPermutation,  // {"permutation": {"start", "step", "count"}}  each once, in random order
    kDistribution,  // {"lognormal": {"median": 800, "sigma": 0.7}, "max": 1460}
  };
  Place place;
  Kind kind = Kind::kConstant;
  std::vector<Literal> values;
  std::vector<double> weights;
  Literal start, step = int64_t{1};
  uint64_t count = 0;  // 0: no wrap
  Literal min, max;
  std::string name;  // of the host set, table, variable or draw
  std::string column;
  std::string form;                  // kWeighted: name of the IMIX; kValues: the genome; "": plain
  Named<uint64_t> genes;             // sizes of the genome's own letters
  std::optional<Scope> per;          // default kPacket (kHost: kInstance inside conversations)
  std::optional<uint32_t> balanced;  // deal this many strata in a keyed permutation
  std::shared_ptr<TimeLaw> distribution;  // kDistribution: numbers in place of seconds
};

// A time law. Durations in seconds here; in files "20ms", "1.5s", "300us", "10ns".
struct TimeLaw {
  Place place;
  // Registry name: "constant", "uniform", "exponential", "normal", "lognormal", "pareto",
  // "weibull", "gamma", "quantiles", "mixture", "values" (cycled or dealt by counter, as in
  // ValueLaw).
  std::string kind = "constant";
  Named<double> parameters;                      // by the registry's names: value (constant),
                                                 // min, max, mean, sd, median, sigma, …
  std::vector<std::pair<double, double>> knots;  // quantiles: (probability, seconds), rising
  std::vector<double> values;                    // "values"
  std::vector<std::pair<std::shared_ptr<TimeLaw>, double>> parts;  // mixture: with weights
  std::optional<double> min, max;                                  // truncation
  std::optional<uint32_t> balanced;
};

// When the passes of a flow begin.
struct Clock {
  enum class Kind : uint8_t { kOnce, kRate, kPoisson, kEvery, kGrid, kAt, kAges };
  Place place;
  Kind kind = Kind::kOnce;
  std::string rate;               // kRate, kPoisson: "1mpps", "10gbps", "2gbpsl1"
  std::optional<TimeLaw> every;   // kEvery: renewal, start to start
  double period_s = 0;            // kGrid
  std::optional<TimeLaw> jitter;  // kGrid
  std::vector<double> times;      // kAt: of the run; kAges: since the instance came; rising
};

// A pass does its steps `count` times, `gap` or the time that the frames take at `rate` between.
struct Burst {
  Place place;
  ValueLaw count;
  std::optional<TimeLaw> gap;
  std::string rate;              // "10gbps", "10gbpsl1"
  std::optional<TimeLaw> pause;  // without a clock: from the end of a burst to the next one
};

// Passes begin only while it is on; while it is off, the flow's clock stands still.
struct OnOff {
  Place place;
  TimeLaw on, off;
};

// How a rate goes on: one stretch (rate, or a ramp), or several in turn.
struct Schedule {
  Place place;
  double seconds = 0;
  std::string rate, from, to;
  std::vector<Schedule> steps;
  uint64_t repeat = 1;  // 0: until the end
};

struct HostSet {
  Place place;
  std::optional<uint64_t> count;  // default: the longest column's, else 1
  Named<ValueLaw> columns;        // "mac", "ipv4", "ipv6", "port": constant, values or increment
  // Which element a binding takes: "each" (by number, the default), "uniform", "zipf", "weights".
  std::string pick = "each";
  double zipf = 1.0;
  std::vector<double> weights;
  std::string behind;   // name of the port by which their packets leave; "": the flow's
  std::string seen_as;  // host set whose addresses the other side of a conversation sends to
};

// A joint table: fields that read the same row stay correlated.
struct Table {
  Place place;
  std::vector<std::string> columns;
  std::vector<std::vector<Literal>> rows;
  std::vector<double> weights;  // empty: uniform
};

struct NamedDraw {
  Place place;
  ValueLaw law;  // kRandom, kWeighted, kValues, kIncrement; its `per` is the scope
};

struct HeaderUse {
  Place place;
  std::string header;  // "ipv4"
  Named<ValueLaw> fields;
};

struct Payload {
  enum class Kind : uint8_t { kNone, kHex, kText, kFill, kIncrementByte };
  Place place;
  Kind kind = Kind::kNone;
  std::string data;  // kHex: hex digits, spaces allowed; kText: the text
  uint8_t fill = 0;
};

// A raw field: `bits` bits at `offset` bytes into the payload.
struct RawField {
  Place place;
  uint32_t offset = 0;
  std::string kind;  // "mac", "ipv4"; "": integer
  uint32_t bits = 8;
  ValueLaw value;
};

struct Message {
  Place place;
  std::string info;  // label for people and traces
  // Either a whole stack, or (in a conversation) the side that sends and what differs from the
  // conversation's own headers.
  std::vector<HeaderUse> packet;
  std::string by;  // "", "client", "server"
  // TCP: "" (the next number), "repeat" (a retransmission: that of the side's last segment) or
  // "keep_alive" (one before the next); these two do not move the next number on.
  std::string sequence;
  std::optional<Payload> payload;
  std::optional<ValueLaw> size;  // frame size with FCS; default: as long as it is, at least 64
  bool runt = false;             // may be shorter than its link's shortest frame
  std::vector<RawField> at;
};

struct Step;
using Steps = std::vector<Step>;

struct SendStep {
  std::string message;
};
struct WaitStep {
  TimeLaw time;
};
// Probabilities that the network delivers a packet of an exchange twice.
struct Duplicate {
  Place place;
  double request = 0, response = 0;
  std::optional<TimeLaw> after;  // from a packet to its double; default: at once
};
// Sends `request`; after `delay` the answer `response`. Lost answers (probability `loss`) are
// retried: the request again after `timeout`, at most `retries` times; each time-out is `backoff`
// times as long as the one before, but no longer than `max_timeout_s`.
struct ExchangeStep {
  std::string request, response;
  TimeLaw delay;
  double loss = 0;
  std::optional<TimeLaw> timeout;
  uint32_t retries = 0;
  double backoff = 1;
  std::optional<double> max_timeout_s;
  std::optional<Duplicate> duplicate;
};
struct Choice;
struct ChooseStep {
  std::vector<Choice> choices;
  std::optional<uint32_t> balanced;
};
// Holds while `variable <relation> value`.
struct Condition {
  enum class Relation : uint8_t { kIs, kNot, kBelow, kAbove, kAtMost, kAtLeast };
  Place place;
  std::string variable;
  Relation relation = Relation::kIs;
  ValueLaw value;
};
// `steps` so many times, or while the condition holds (it is tested before each time).
struct LoopStep {
  ValueLaw times;
  std::shared_ptr<Steps> steps;
  std::optional<Condition> condition;
};
// A wave of the run's time: mean + amplitude * sin(2π (time / period + phase)).
struct Sine {
  Place place;
  double mean = 0, amplitude = 0;
  double period_s = 0;
  double phase = 0;  // share of the period
};
// The variable becomes `value`, variable + value, variable * factor or the wave's value; then the
// rest of that divided by `modulus` (0: 2^64); then what keeps it within [min, max]: the bound that
// it is beyond, or ("wrap") as far from the other one.
struct SetStep {
  enum class How : uint8_t { kTo, kAdd, kScale, kSine };
  std::string variable;
  How how = How::kTo;
  ValueLaw value;
  double factor = 1;
  std::optional<Sine> sine;
  uint64_t modulus = 0;
  std::optional<int64_t> min, max;
  std::string beyond;  // "clamp", "wrap"; "": clamp
};
// The variable becomes what a field of a message ("dns.id") was when the flow sent it last.
struct RememberStep {
  std::string message, field, variable;
};
// `steps` if the condition holds, `otherwise` if it does not.
struct WhenStep {
  Condition condition;
  std::shared_ptr<Steps> steps, otherwise;
};
// Another flow of the same instance (or this one) is started, paused, stopped or restarted.
struct ControlStep {
  enum class Action : uint8_t { kStart, kPause, kStop, kRestart };
  Action action = Action::kStart;
  std::string flow;
};
enum class Side : uint8_t { kClient, kServer };
// What one side of a conversation says: so many bytes, a payload, or a message. Segments and
// datagrams, their acknowledgements and retransmissions follow from the conversation.
struct SayStep {
  Side side = Side::kClient;
  std::optional<ValueLaw> size;  // bytes of data
  std::optional<Payload> payload;
  std::string message;
};
// "client", "server": that side will say nothing more (FIN). "client_reset", "server_reset": that
// side aborts (RST), which ends the pass.
struct CloseStep {
  std::string how;
};
// Waits until all of the flows (or `count` of them) have ended.
struct JoinStep {
  std::vector<std::string> flows;
  std::optional<uint32_t> count;
};
struct Transition {
  Place place;
  std::string to;
  double weight = 1;
  std::optional<TimeLaw> after;
};
struct ChainState {
  Place place;
  std::string send;              // either a message,
  std::shared_ptr<Steps> steps;  // or steps, or (a silent state) neither
  std::vector<Transition> next;
  bool Silent() const { return send.empty() && !steps; }
};
// Semi-Markov chain: what the state does is done, then the transition chosen by weight and its
// delay waited. Runs until `length` states that are not silent were done, or a transition leads to
// "end".
struct ChainStep {
  std::string start;
  std::optional<ValueLaw> length;
  Named<ChainState> states;
  std::optional<uint32_t> balanced;  // for choices and delays alike
};

struct Step {
  Place place;
  std::variant<SendStep, WaitStep, ExchangeStep, ChooseStep, LoopStep, SetStep, ChainStep, WhenStep,
               ControlStep, SayStep, CloseStep, JoinStep, RememberStep>
      what;
};
struct Choice {
  Place place;
  double weight = 1;
  Steps steps;
};

// A conversation between two host sets: headers, ports and (TCP) sequence and acknowledgement
// numbers of its messages derive from here.
struct Conversation {
  Place place;
  std::string client, server;           // host sets, or bindings of the group
  std::string transport = "udp";        // "udp", "tcp"
  std::optional<uint32_t> port;         // the server's; default: the server host's port column
  std::optional<ValueLaw> client_port;  // default: random 49152–65535 per pass
  // Its headers from the outermost in: fields of its own ones, and those around or between
  // (vlan, tunnels). Addresses of outer headers are those of the client's packets.
  std::vector<HeaderUse> packet;
  // How what its sides say (SayStep) goes over the wire.
  std::optional<TimeLaw> rtt;    // drawn per pass; default 1 ms
  std::optional<uint32_t> mss;   // data bytes; default: what fits into 1500 bytes
  bool handshake = true;         // TCP from here on
  std::string close = "client";  // as in CloseStep, or "none"
  uint32_t window = 65535;       // bytes that each side offers
  std::optional<uint32_t> window_scale;
  bool sack = false;                 // SACK permitted
  bool timestamps = false;           // option of all segments
  uint32_t initial_window = 10;      // segments before the first acknowledgement
  std::optional<TimeLaw> ack_delay;  // default 40 ms
  double loss = 0;                   // of segments with data, and of SYNs
  std::optional<TimeLaw> rto;        // default 200 ms, SYN 1 s; doubled each time
  uint32_t retries = 5;              // then the conversation is given up
};

// Packets and gaps from capture files.
struct CaptureUse {
  Place place;
  std::vector<std::string> files;
  double speed = 1;
  Named<std::string> roles;  // captured address → host set or role
  Named<uint32_t> ports;     // captured port → port
};

// What happens to a flow's packets between its steps and the port.
struct Impairment {
  Place place;
  double loss = 0;                                          // of each packet by itself
  double burst_enter = 0, burst_leave = 1, burst_loss = 1;  // Gilbert–Elliott
  double duplicate = 0;
  std::optional<TimeLaw> delay;
  double reorder = 0;
  double reorder_s = 0.001;  // how much later the chosen packets come
  double corrupt = 0;
  uint32_t bits = 1;       // flipped in a corrupted packet
  bool checksums = false;  // whether they are right for what was flipped
};

struct Flow {
  Place place;
  std::string message;  // short for steps [{"send": message}]
  std::optional<CaptureUse> capture;
  std::optional<Impairment> impairment;
  std::optional<Conversation> conversation;
  std::optional<TimeLaw> start;  // of the first pass of each instance; default 0
  Clock clock;
  std::optional<uint64_t> passes;    // per instance; default: no limit (kOnce: 1)
  std::optional<uint64_t> packets;   // per instance; default: no limit
  std::optional<double> duration_s;  // after it no pass of an instance begins
  std::optional<Schedule> schedule;  // of the rate
  std::optional<double> share;       // of the template's rate, instead of a clock
  bool total = false;                // rates are those of all instances together
  bool scale = true;                 // false: keeps out of the template's rate and of --rate
  Named<ValueLaw> variables;         // initial values, per pass
  Steps steps;
  std::optional<Burst> burst;
  std::optional<OnOff> on_off;
  std::string phase;  // "even", "random", "same"; "": as the clock has it
  bool idle = false;  // waits until a step of another flow starts it
  std::string port;   // by which its packets leave; "": the one that their sender stands behind

  // Whether something says when passes begin; else there is one.
  bool clocked() const { return clock.kind != Clock::Kind::kOnce || schedule || share; }
};

struct Binding {
  Place place;
  std::string host;
  std::optional<Scope> per;
};

// When the instances of a group come.
struct Arrival {
  enum class Kind : uint8_t { kRate, kPoisson, kEvery, kAt };
  Place place;
  Kind kind = Kind::kRate;
  std::string rate;              // kRate, kPoisson: pps
  std::optional<TimeLaw> every;  // kEvery: from one to the next
  std::vector<double> times;     // kAt: one per instance
};

struct Group {
  Place place;
  uint64_t count = 1;
  std::optional<Arrival> arrive;    // default: all are there from the beginning
  std::optional<TimeLaw> lifetime;  // default: until all flows have ended
  bool replace = false;             // whose life has ended gives way to another one
  Named<Binding> bind;              // identity: role name → host set
  Named<ValueLaw> variables;        // shared by all flows of an instance; initial values
  Named<Flow> flows;
};

// Something that changes at a time of the run, for all instances of a group.
struct TimelineEvent {
  Place place;
  double at_s = 0;
  std::optional<ControlStep::Action> action;  // of the flow or group `target`; else:
  std::string target;                         // "group/flow", "group", "flow"
  std::string set;                            // "group/variable" takes the value `to`; else:
  std::optional<ValueLaw> to;
  std::string clock;  // "group/flow", "flow": its passes begin by one of these from then on
  std::string rate, poisson;
  std::optional<TimeLaw> every;
};

// Another template whose named things come in.
struct Inclusion {
  Place place;
  std::string file;    // relative to the including one
  Named<Literal> set;  // its params
};

// How a trace is seen where it is recorded: in files and by `spate show`.
struct Observer {
  Place place;
  // Host sets or roles; only packets that one of them sends, gets, does either: empty: any.
  std::vector<std::string> from, to, with;
  std::string origin = "run";          // what stamps count from: "run", "first" (packet seen)
  std::optional<double> resolution_s;  // stamps are cut to whole multiples of it
  double loss = 0;                     // probability that a packet is missed
};

struct Template {
  Place place;
  std::string file;  // for messages; "" when built by a program
  std::string name, description;
  Named<Literal> params;
  Named<HostSet> hosts;
  Named<Table> tables;
  Named<NamedDraw> draws;
  Named<Message> messages;
  Named<Group> groups;
  Named<Flow> flows;  // each a group of one
  std::vector<TimelineEvent> timeline;
  std::optional<Observer> observer;
  std::optional<double> duration_s;
  std::optional<uint64_t> packets;
  std::string rate;  // "": as the clocks say; else the total to scale to
  Place rate_place;
  std::optional<Schedule> schedule;  // of the total rate
  std::string shares = "packets";    // what flows' shares count: "packets" or "bytes"
  std::string line;                  // "": unknown; rate of the line that "%" means
};

}  // namespace spate::tmpl
