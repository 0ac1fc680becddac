// Templates that the tests run.
#pragma once

#include <string>

namespace spate::testing {

// One UDP message of `size` bytes with a random source port, 10,000 a second without end.
inline std::string FloodJson(int size = 64) {
  return R"({
  "spate": 1,
  "name": "flood",
  "messages": {
    "m": {
      "packet": [
        {"ethernet": {"src": "02:00:00:00:00:01", "dst": "02:00:00:00:00:02"}},
        {"ipv4": {"src": {"increment": {"start": "198.18.0.1", "count": 200}}, "dst": "198.19.0.1"}},
        {"udp": {"src_port": {"random": {"min": 1024, "max": 65535}}, "dst_port": 9}}
      ],
      "size": )" +
         std::to_string(size) + R"(
    }
  },
  "flows": {"flood": {"message": "m", "rate": "10kpps"}}
})";
}

// Forty devices with questions, answers that may be lost, and reports of varying size at random
// times; besides, a steady beacon.
inline constexpr char kDevices[] = R"({
  "spate": 1,
  "name": "devices",
  "messages": {
    "query": {"packet": [{"ethernet": {}}, {"ipv4": {"src": "198.18.1.1", "dst": "198.18.1.2"}},
                         {"udp": {"src_port": {"random": {"min": 1024, "max": 65535}, "per": "pass"},
                                  "dst_port": 53}}], "size": 80},
    "answer": {"packet": [{"ethernet": {}}, {"ipv4": {"src": "198.18.1.2", "dst": "198.18.1.1"}},
                          {"udp": {"src_port": 53, "dst_port": 4000}}],
               "size": {"weighted": [[90, 3], [200, 1]]}},
    "report": {"packet": [{"ethernet": {}}, {"ipv6": {"src": "2001:2::1", "dst": "2001:2::2"}},
                          {"udp": {"src_port": 7000, "dst_port": 7001}}],
               "size": {"random": {"min": 80, "max": 600}}},
    "beacon": {"packet": [{"ethernet": {}}, {"ipv4": {"src": "198.18.1.9", "dst": "198.18.1.8"}},
                          {"udp": {"src_port": 1, "dst_port": 2}}], "size": 64}
  },
  "groups": {
    "device": {
      "count": 40,
      "flows": {
        "ask": {"poisson": "20pps",
                "steps": [{"exchange": {"request": "query", "response": "answer",
                                        "delay": {"uniform": {"min": "1ms", "max": "30ms"}},
                                        "loss": 0.2, "timeout": "40ms", "retries": 2}}]},
        "tell": {"every": {"exponential": {"mean": "50ms"}}, "message": "report"}
      }
    }
  },
  "flows": {"beacon": {"message": "beacon", "rate": "500pps"}},
  "duration": "4s"
})";

// Devices whose polling pauses while they are set up, and whose alarms depend on a shared counter.
inline constexpr char kRelated[] = R"({
  "spate": 1,
  "name": "related",
  "messages": {
    "poll": {"packet": [{"ethernet": {}}, {"ipv4": {"src": "198.18.1.1", "dst": "198.18.1.2"}},
                        {"udp": {"src_port": {"var": "seq"}, "dst_port": 53}}], "size": 80},
    "setup": {"packet": [{"ethernet": {}}, {"ipv4": {"src": "198.18.1.2", "dst": "198.18.1.1"}},
                         {"udp": {"src_port": {"var": "seq"}, "dst_port": 4000}}], "size": 200},
    "alarm": {"packet": [{"ethernet": {}}, {"ipv6": {"src": "2001:2::1", "dst": "2001:2::2"}},
                         {"udp": {"src_port": {"var": "level"}, "dst_port": 7001}}], "size": 90}
  },
  "groups": {
    "device": {
      "count": 30,
      "vars": {"seq": {"random": {"min": 0, "max": 255}}, "level": 0},
      "flows": {
        "alarm": {"idle": true, "steps": [{"wait": {"uniform": {"min": "0s", "max": "5ms"}}}, {"send": "alarm"}]},
        "poll": {"poisson": "30pps", "steps": [
          {"send": "poll"},
          {"set": {"var": "seq", "add": {"weighted": [[23, 9], [24, 1]]}, "mod": 256}},
          {"set": {"var": "level", "add": {"random": {"min": 0, "max": 2}}, "mod": 8}},
          {"when": {"var": "level", "at_least": 6, "steps": [{"restart": "alarm"}]}}]},
        "setup": {"every": {"exponential": {"mean": "400ms"}}, "steps": [
          {"pause": "poll"},
          {"loop": {"times": {"random": {"min": 1, "max": 5}}, "steps": [
            {"send": "setup"}, {"set": {"var": "seq", "add": 1, "mod": 256}}, {"wait": "2ms"}]}},
          {"start": "poll"}]}
      }
    }
  },
  "duration": "4s"
})";

// Sixty clients whose TCP conversations lose segments, abort, and go through all sizes.
inline constexpr const char* kConversations = R"({
  "spate": 1,
  "hosts": {
    "clients": {"count": 60, "ipv4": {"increment": {"start": "198.18.0.1"}}},
    "servers": {"count": 3, "ipv4": {"increment": {"start": "198.19.0.1"}}, "pick": "uniform"}
  },
  "groups": {
    "clients": {
      "count": 60,
      "bind": {"me": {"host": "clients"}, "peer": {"host": "servers", "per": "pass"}},
      "flows": {
        "fetch": {"client": "me", "server": "peer", "every": {"exponential": {"mean": "1s"}}, "passes": 3,
                  "tcp": {"port": 80, "loss": 0.02,
                          "rtt": {"lognormal": {"median": "9ms", "sigma": 0.5}}},
                  "steps": [{"client": "2kB"},
                            {"server": {"random": {"min": 1, "max": "40kB"}}},
                            {"choose": [{"weight": 3},
                                        {"steps": [{"client": "400B"}, {"wait": "80ms"}, {"server": "9kB"}]},
                                        {"steps": [{"close": "client_reset"}]}]}]}
      }
    }
  }
})";

}  // namespace spate::testing
