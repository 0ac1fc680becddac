#include <map>

#include "tests/property/draw_at.h"

namespace spate::testing {

namespace {

// By what the object is of; other keys of it have 0.3.
using Likelihoods = std::map<std::string_view, std::map<std::string_view, double>>;
const Likelihoods& Usual() {
  static const Likelihoods kLikely = {
      {"template",
       {{"$schema", 0.1},
        {"params", 1},
        {"include", 0.01},
        {"hosts", 1},
        {"tables", 1},
        {"draws", 1},
        {"messages", 1},
        {"groups", 0.9},
        {"flows", 0.95},
        {"timeline", 0.15},
        {"observer", 0.15},
        {"rate", 0.1},
        {"schedule", 0.08},
        {"line", 0.98},
        {"packets", 0.1}}},
      {"group", {{"arrive", 0.2}, {"lifetime", 0.2}, {"replace", 0.2}, {"bind", 1}, {"vars", 1}}},
      {"flow",
       {{"message", 0.5},
        {"steps", 0.8},
        {"capture", 0.015},
        {"packet", 0.15},
        {"burst", 0.15},
        {"on_off", 0.1},
        {"impairment", 0.2},
        {"phase", 0.1},
        {"total", 0.1},
        {"scale", 0.1},
        {"idle", 0.02},
        {"start", 0.2},
        {"passes", 0.2},
        {"share", 0.3},
        {"vars", 0.98},
        {"duration", 0.15},
        {"packets", 0.2}}},
      {"message", {{"packet", 1}, {"size", 0.5}, {"runt", 0.1}}},
      {"hosts", {{"count", 0.8}, {"ipv4", 0.99}, {"ipv6", 0.7}, {"port", 0.8}}},
      {"transition", {{"after", 0.8}}},
      {"binding", {{"per", 0.2}}},
      {"exchange", {{"timeout", 0.8}}},
      {"when", {{"steps", 0.9}}},
  };
  return kLikely;
}

}  // namespace

double Likely(const At& at, std::string_view key, const Keys& all) {
  if (at.within == "flow") {
    if (key == "client" || key == "server" || key == "tcp" || key == "udp") return at.talk ? 1 : 0;
    if (key == "packet" && !at.talk) return 0;
    if (key == "idle" && !at.group) return 0;
    const bool transport = at.key == "tcp" || at.key == "udp";
    if (transport && key == "port") return 0.9;
    if (transport && key != "client_port" && key != "timestamps" && !at.speaks) return 0.003;
  }
  if (at.within == "message" && key == "by") return at.talk ? 1 : 0;
  if (at.within == "message" && key == "at") {
    return all.contains("size") || all.contains("payload") ? 0.4 : 0.03;
  }
  if (at.within == "set" && key == "beyond") {
    return all.contains("min") && all.contains("max") ? 0.5 : 0.02;
  }
  if (at.within == "message" && key == "sequence") return at.talk ? 0.2 : 0;
  if (at.within == "schedule") {  // several stretches, a ramp, or an even one
    const bool nested = all.contains("nested"), ramp = all.contains("ramp");
    if (key == "steps" || key == "repeat") return nested ? 1 : 0;
    if (key == "for") return nested ? 0 : 1;
    if (key == "from" || key == "to") return ramp ? 1 : 0;
    return nested || ramp ? 0 : 1;
  }
  if (at.within == "event") {
    const bool clock = key == "rate" || key == "poisson" || key == "every";
    return (key == "to" && all.contains("set")) || (clock && all.contains("clock")) ? 1 : 0;
  }
  const auto within = Usual().find(at.within);
  if (within == Usual().end()) return 0.4;
  const auto known = within->second.find(key);
  return known == within->second.end() ? 0.3 : known->second;
}

}  // namespace spate::testing
