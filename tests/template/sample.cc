#include "sample.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "template/template.h"

namespace spate::tmpl {

const std::string_view kEverything = R"({
  "spate": 1,
  "name": "everything",
  "description": "Every construct of the language.",
  "params": {"users": 10, "gap": "20ms"},
  "hosts": {
    "clients": {
      "count": "$users",
      "mac": {"increment": {"start": "02:00:00:00:01:00", "count": 10}},
      "ipv4": {"increment": {"start": "198.18.0.1", "step": "0.0.0.2", "count": 10}},
      "ipv6": {"increment": {"start": "2001:2::1", "count": 10}}, "behind": "left", "seen_as": "servers"
    },
    "servers": {
      "ipv4": {"values": ["198.18.1.1", "198.18.1.2"]},
      "ipv6": {"values": ["2001:2:1::1", "2001:2:2::1"]},
      "port": {"values": [53, 5353]},
      "pick": "weights",
      "weights": [9, 1]
    },
    "crowd": {"count": 100, "ipv4": {"decrement": {"start": "198.19.0.255"}}, "pick": "zipf", "zipf": 1.2},
    "peers": {"count": 4, "ipv4": {"increment": {"start": "198.18.2.1"}}, "pick": "uniform"}
  },
  "tables": {
    "services": {"columns": ["port", "ttl"], "rows": [[53, 64], [80, 128]], "weights": [3, 1]}
  },
  "draws": {"txid": {"random": {"min": 0, "max": 65535}, "per": "pass"}},
  "messages": {
    "flood": {
      "info": "UDP flood",
      "packet": [
        {"ethernet": {"src": {"host": "crowd"}, "dst": "02:00:00:00:00:01"}},
        {"vlan": {"id": {"permutation": {"start": 1, "count": 3}}}},
        {"ipv4": {"src": {"host": "crowd"}, "dst": "198.18.0.1", "time_to_live": {"row": "services", "column": "ttl"}}},
        {"udp": {"src_port": {"random": {"min": 1024, "max": 65535}, "balanced": 64}, "dst_port": {"row": "services", "column": "port"}}}
      ],
      "payload": {"increment_byte": 0},
      "size": {"mixture": [[68, 7], [{"lognormal": {"median": 570, "sigma": 0.5}}, 4]], "min": 68, "max": 1518}
    },
    "query": {
      "by": "client",
      "payload": {"hex": "0000 0100 0001 0000 0000 0000"},
      "at": [{"offset": 0, "bits": 16, "value": {"draw": "txid"}}]
    },
    "answer": {
      "by": "server",
      "payload": {"fill": 85},
      "size": 200,
      "at": [{"offset": 0, "bits": 16, "value": {"draw": "txid"}}, {"offset": 2, "bits": 4, "value": 9}]
    },
    "syn": {"by": "client", "packet": [{"tcp": {"flags": "S", "options": "020405b4"}}]},
    "synack": {"by": "server", "packet": [{"tcp": {"flags": "SA", "options": "020405b4"}}]},
    "data": {"by": "client", "payload": {"text": "$$GET 0"}, "at": [{"offset": 5, "value": {"var": "seq"}}]},
    "ack": {"by": "server"}
  },
  "groups": {
    "users": {
      "count": "$users",
      "bind": {"me": "clients", "resolver": {"host": "servers", "per": "pass"}},
      "flows": {
        "dns": {
          "client": "me",
          "server": "resolver",
          "udp": {},
          "packet": [{"vlan": {"id": 7}}, {"ipv4": {"time_to_live": 32}}],
          "start": {"uniform": {"min": "0s", "max": "1s"}},
          "every": {"exponential": {"mean": "1s"}, "min": "1ms", "max": "10s", "balanced": 16},
          "passes": 100,
          "steps": [
            {
              "exchange": {
                "request": "query",
                "response": "answer",
                "delay": {"lognormal": {"median": "8ms", "sigma": 0.7}},
                "loss": 0.01,
                "timeout": "1s",
                "retries": 2,
                "backoff": 2,
                "max_timeout": "10s",
                "duplicate": {"request": 0.01, "response": 0.02, "after": "1ms"}
              }
            }
          ]
        },
        "web": {
          "client": "me",
          "server": "peers",
          "tcp": {"port": 80, "client_port": {"increment": {"start": 2000, "count": 100}}},
          "grid": {"period": "10s", "jitter": {"normal": {"mean": "20ms", "sd": "2ms"}}},
          "vars": {"seq": 0},
          "steps": [
            {"send": "syn"},
            {"wait": "$gap"},
            {"send": "synack"},
            {
              "loop": {
                "times": {"random": {"min": 1, "max": 5}},
                "steps": [
                  {"send": "data"},
                  {"set": {"var": "seq", "add": 1, "mod": 256}},
                  {"wait": {"quantiles": ["1ms", "2ms", "9ms"]}}
                ]
              }
            },
            {
              "choose": [
                {"weight": 3, "steps": [{"send": "ack"}]},
                {"steps": [{"wait": {"values": ["1s", "2s"]}}]}
              ]
            },
            {"set": {"var": "seq", "to": 5}},
            {"remember": {"message": "syn", "field": "tcp.src_port", "var": "seq"}},
            {"set": {"var": "seq", "scale": 1.5, "max": 1000}},
            {"set": {"var": "seq", "sine": {"mean": 100, "amplitude": 20, "period": "60s", "phase": 0.25}, "mod": 256}},
            {"set": {"var": "seq", "add": {"random": {"min": -5, "max": 5}}, "min": 0, "max": 100, "beyond": "wrap"}},
            {
              "chain": {
                "start": "ask",
                "length": 9,
                "states": {
                  "ask": {
                    "send": "data",
                    "next": [
                      {"to": "ask", "weight": 0.9, "after": {"mixture": [["2ms", 9], [{"gamma": {"mean": "10ms", "shape": 4}}, 1]]}},
                      {"to": "mode", "weight": 0.05},
                      {"to": "reply", "weight": 0.1, "after": {"weibull": {"scale": "10ms", "shape": 0.6}}}
                    ]
                  },
                  "mode": {"next": [{"to": "both", "after": "1s"}]},
                  "both": {"steps": [{"send": "data"}, {"send": "ack"}], "next": [{"to": "ask"}]},
                  "reply": {"send": "ack", "next": [{"to": "ask", "after": {"pareto": {"scale": "1ms", "shape": 1.5}}}]}
                },
                "balanced": 64
              }
            }
          ]
        }
      }
    },
    "plugs": {
      "count": 3,
      "arrive": {"at": ["0s", "1s", "5s"]},
      "lifetime": {"exponential": {"mean": "10m"}},
      "replace": true,
      "vars": {"seq": {"random": {"min": 0, "max": 255}}, "mode": 0},
      "flows": {
        "poll": {
          "every": "12s",
          "steps": [
            {"send": "flood"},
            {"set": {"var": "seq", "add": 23, "mod": 256}},
            {
              "when": {
                "var": "mode",
                "at_least": 1,
                "steps": [{"start": "setup"}, {"pause": "poll"}],
                "else": [{"loop": {"while": {"var": "mode", "below": 2}, "steps": [{"set": {"var": "mode", "add": 1}}]}}]
              }
            }
          ]
        },
        "setup": {"steps": [{"send": "flood"}, {"wait": "1s"}, {"restart": "poll"}, {"stop": "setup"}], "idle": true},
        "last": {"steps": [{"join": ["setup"]}, {"join": {"flows": ["setup", "poll"], "count": 1}}, {"send": "flood"}]}
      }
    }
  },
  "flows": {
    "flood": {"message": "flood", "rate": "1mpps"},
    "noise": {"message": "flood", "poisson": "100pps"},
    "burst": {"message": "flood", "every": "1s", "burst": {"count": 10, "rate": "10gbps"}},
    "trains": {"message": "flood", "passes": 9, "burst": {"count": {"random": {"min": 2, "max": 9}}, "gap": "2us", "pause": "10ms"}},
    "phases": {"message": "flood", "poisson": "1kpps", "on_off": {"on": "2s", "off": {"exponential": {"mean": "8s"}}}},
    "times": {"message": "flood", "at": ["1s", "1.5s", "60s"]},
    "ages": {"message": "flood", "ages": ["1s"], "phase": "same"},
    "single": {"message": "flood", "start": "5s", "port": "right"}
  },
  "timeline": [
    {"at": "30s", "stop": "flood"},
    {"at": "40s", "set": "plugs/mode", "to": 2},
    {"at": "45s", "pause": "users"},
    {"at": "50s", "clock": "plugs/poll", "every": "1s"},
    {"at": "55s", "start": "plugs/poll"}
  ],
  "rate": "10gbps",
  "duration": "60s",
  "packets": 1000,
  "observer": {"with": ["clients"], "origin": "first", "resolution": "1us"}
}
)";

std::string FlowTemplate(std::string_view flow, std::string_view more) {
  return Concat(R"({"spate": 1, "messages": {
"a": {"packet": [{"ethernet": {}}, {"ipv4": {}}, {"udp": {}}], "payload": {"text": "eighteen bytes: ok"}},
"b": {"packet": [{"ethernet": {}}, {"ipv4": {}}, {"udp": {}}], "payload": {"text": "another"}}},
"flows": {"f": {)",
                flow, "}}", more.empty() ? "" : ", ", more, "}");
}

Template MustRead(std::string_view text) {
  auto t = Read(text, "t.json");
  EXPECT_TRUE(t.ok()) << t.status().message();
  return t.ok() ? *std::move(t) : Template{};
}

core::Scenario MustCompile(std::string_view text) {
  auto scenario = Compile(MustRead(text));
  EXPECT_TRUE(scenario.ok()) << scenario.status().message();
  return scenario.ok() ? *std::move(scenario) : core::Scenario{};
}

std::string FaultsOf(std::string_view text) {
  const auto t = Read(text, "t.json");
  if (!t.ok()) return std::string(t.status().message());
  const auto scenario = Compile(*t);
  return scenario.ok() ? "" : std::string(scenario.status().message());
}

namespace {

// Shared variables: "s0".
std::string SlotText(uint64_t slot) {
  return slot & core::kShared ? Concat("s", slot & ~uint64_t{core::kShared}) : Concat(slot);
}

std::string OperandText(const core::Operand& operand) {
  constexpr std::string_view kMarks[] = {"", "#", "$", "field #"};
  const bool variable = operand.kind == core::Operand::Kind::kVariable;
  return Concat(kMarks[static_cast<size_t>(operand.kind)],
                variable ? SlotText(operand.value) : Concat(operand.value));
}

constexpr std::string_view kRelations[] = {"=", "!=", "<", ">", "<=", ">="};
constexpr std::string_view kActions[] = {"start", "pause", "stop", "restart", "birth", "clock"};

std::string OpText(const core::Op& op) {
  using core::OpCode;
  const std::string modulus = op.modulus > 0 ? Concat(" mod ", op.modulus) : "";
  switch (op.code) {
    case OpCode::kWait:
      return Concat("wait #", op.a);
    case OpCode::kSend:
      return Concat("send ", op.a, op.b == core::kNone ? "" : Concat(" $", op.b),
                    op.operand.value == 0 ? "" : Concat(" +", op.operand.value));
    case OpCode::kSet:
      return Concat("set $", SlotText(op.a), " ", OperandText(op.operand));
    case OpCode::kAdd:
      return Concat("add $", SlotText(op.a), " ", OperandText(op.operand), modulus);
    case OpCode::kScale:
      return Concat("scale $", SlotText(op.a), " ", OperandText(op.operand));
    case OpCode::kWave:
      return Concat("wave $", SlotText(op.a), " #", op.b, " +", op.operand.value, modulus);
    case OpCode::kStamp:
      return Concat("stamp $", SlotText(op.a), " ", OperandText(op.operand));
    case OpCode::kAddPayload:
      return Concat("payload $", SlotText(op.a));
    case OpCode::kChoose:
      return Concat("choose #", op.a);
    case OpCode::kJump:
      return Concat("jump ", op.a);
    case OpCode::kLoop:
      return Concat("loop $", SlotText(op.a), " ", op.b);
    case OpCode::kCompare:
      return Concat("unless $", SlotText(op.a), kRelations[static_cast<size_t>(op.relation)],
                    OperandText(op.operand), " ", op.b);
    case OpCode::kControl:
      return Concat(kActions[static_cast<size_t>(op.action)], " ", op.a);
    case OpCode::kJoin:
      return Concat("join ", op.b, " of ", op.operand.value);
    case OpCode::kWaitUntil:
      return Concat("until #", op.a);
    case OpCode::kSettle:
      return Concat("settle ", op.a);
    case OpCode::kTick:
      return "tick";
    case OpCode::kAwaitCaptured:
      return Concat("await packet $", SlotText(op.a), " of track ", op.b);
    case OpCode::kSendCaptured:
      return Concat("send packet $", SlotText(op.a), " of track ", op.b, " else ",
                    op.operand.value);
    case OpCode::kEnd:
      return "end";
  }
  return "?";
}

}  // namespace

std::string ProgramText(const core::Flow& flow) {
  std::string text;
  for (const core::Op& op : flow.ops) Append(&text, text.empty() ? "" : "; ", OpText(op));
  return text;
}

}  // namespace spate::tmpl
