// The sample as the digest shows it and the draft is checked against it: services, their kinds of
// messages, and in which order conversations send them. Bounded whatever the sample's size.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "generator/fit/types.h"
#include "generator/sample/sample.h"

namespace spate::generator {

// A kind of message of one service. Its id is what a draft calls it.
struct OutlineMessage {
  std::string id;  // unique within the service: "publish", "syn_ack"
  bool from_client = true;
  uint64_t count = 0;  // packets of the sample
  uint64_t bytes = 0;  // of their frames, without FCS
  uint32_t least_bytes = 0, most_bytes = 0;
};

inline constexpr uint16_t kUnlisted = 0xffff;

// One packet of a conversation: which message (index, or kUnlisted), how long after the one before.
struct OutlineEvent {
  uint16_t message = kUnlisted;
  uint32_t packet = 0;  // into Sample::packets
  int64_t gap_ns = 0;   // 0 for the first
};

struct OutlineService {
  uint32_t service = 0;  // into Sample::services
  std::string name;
  uint64_t packets = 0, bytes = 0;
  std::vector<OutlineMessage> messages;  // as conversations come to them
  std::vector<std::vector<OutlineEvent>> conversations;

  // The message's index, or kUnlisted.
  uint16_t Find(std::string_view id) const;
};

struct OutlineLimits {
  size_t services = 16;  // a sample's rare services beyond are left to the fit
  size_t messages = 24;  // of a service
};

struct Outline {
  const Sample* sample = nullptr;
  Typing typing;                         // finer than messages: what the template will send
  std::vector<OutlineService> services;  // most packets first
};

// `sample` must outlive the outline.
Outline MakeOutline(const Sample& sample, const OutlineLimits& limits = {});

}  // namespace spate::generator
