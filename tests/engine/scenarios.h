// Scenarios built by hand for tests of the engine: small, each with one thing to look at.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "packet/frame.h"
#include "template/core.h"

namespace spate::testing {

// The run goes to its own end.
inline const std::atomic<bool> kNever{false};

using Fields = std::vector<std::pair<std::string_view, std::string_view>>;

inline packet::HeaderValues Header(std::string_view name, const Fields& fields) {
  packet::HeaderValues header{.spec = packet::FindHeader(name), .fields = {}};
  for (const auto& [field, text] : fields) {
    const packet::FieldSpec* spec = header.spec->Find(field);
    header.fields.push_back({spec, *packet::ParseField(*spec, text)});
  }
  return header;
}

// Ethernet, IPv4, UDP, 64 bytes with FCS unless `size` (without FCS) says otherwise.
inline core::Message UdpMessage(std::string name, uint32_t size = 60) {
  const packet::HeaderValues ethernet =
      Header("ethernet", {{"src", "02:00:00:00:00:01"}, {"dst", "02:00:00:00:00:02"}});
  const packet::HeaderValues ipv4 = Header("ipv4", {{"src", "0.0.0.0"}, {"dst", "198.18.1.1"}});
  const packet::HeaderValues udp = Header("udp", {{"src_port", "0"}, {"dst_port", "9"}});
  core::Message message{.name = std::move(name), .info = {}, .frame = {}, .patches = {}};
  message.frame = *packet::Encode({ethernet, ipv4, udp}, {}, size);
  return message;
}

inline constexpr uint32_t kIpv4Source = (14 + 12) * 8;
inline constexpr uint32_t kUdpSource = (14 + 20) * 8;

inline uint32_t AddDraw(core::Scenario& scenario, core::Law law, core::Scope scope,
                        uint64_t salt = 1) {
  scenario.laws.push_back(std::move(law));
  scenario.draws.push_back({static_cast<uint32_t>(scenario.laws.size() - 1), scope, salt});
  return static_cast<uint32_t>(scenario.draws.size() - 1);
}

// `flows` flows as in configs/udp-flood-1m.json: 1000 source addresses in steps of 1, times 1000
// source ports in steps of 1 would repeat the address 1000 times; stepping both at once with
// coprime cycles gives neighbours that differ in both.
inline core::Scenario Flood(double pps, uint64_t addresses = 1'024, uint64_t ports = 1'023) {
  core::Scenario scenario;
  scenario.name = "flood";
  core::Message message = UdpMessage("flood");
  const uint32_t source = AddDraw(
      scenario,
      {.kind = core::Law::Kind::kArithmetic, .start = 0xc6120001, .step = 1, .count = addresses},
      core::Scope::kPacket, 1);
  const uint32_t port = AddDraw(
      scenario, {.kind = core::Law::Kind::kArithmetic, .start = 1'024, .step = 1, .count = ports},
      core::Scope::kPacket, 2);
  message.patches.push_back({.offset_bits = kIpv4Source, .bits = 32, .index = source});
  message.patches.push_back({.offset_bits = kUdpSource, .bits = 16, .index = port});
  scenario.messages.push_back(std::move(message));
  scenario.groups.push_back({.name = "flood", .count = 1});
  core::Flow flow;
  flow.name = "flood";
  flow.clock = {.kind = core::Clock::Kind::kRate, .pps = pps};
  flow.ops = {
      {.code = core::OpCode::kTick}, {.code = core::OpCode::kSend}, {.code = core::OpCode::kJump}};
  scenario.flows.push_back(std::move(flow));
  return scenario;
}

}  // namespace spate::testing
