#include "generator/prompt/outline.h"

#include <algorithm>
#include <map>

#include "generator/prompt/kinds.h"

namespace spate::generator {
namespace {

struct Counted {
  OutlineMessage message;
  uint16_t index = kUnlisted;
  uint64_t first_places = 0, conversations = 0;  // sum of its first places in so many of them
  int64_t last_conversation = -1;

  double Place() const {
    return static_cast<double>(first_places) / static_cast<double>(conversations);
  }
};
using Kinds = std::map<std::string, Counted, std::less<>>;

void Count(const SamplePacket& p, uint32_t conversation, size_t place, Counted& kind) {
  OutlineMessage& m = kind.message;
  if (m.count++ == 0) {
    m.from_client = p.from_client;
    m.least_bytes = m.most_bytes = p.frame_bytes;
  }
  m.bytes += p.frame_bytes;
  m.least_bytes = std::min(m.least_bytes, p.frame_bytes);
  m.most_bytes = std::max(m.most_bytes, p.frame_bytes);
  if (kind.last_conversation == conversation) return;
  kind.last_conversation = conversation;
  kind.first_places += place;
  ++kind.conversations;
}

Kinds CountKinds(const Sample& sample, const SampleService& service,
                 const std::vector<std::string>& kind_of) {
  Kinds kinds;
  for (uint32_t c : service.conversations) {
    const std::vector<uint32_t>& packets = sample.conversations[c].packets;
    for (size_t place = 0; place < packets.size(); ++place) {
      Counted& kind = kinds[kind_of[packets[place]]];
      kind.message.id = kind_of[packets[place]];
      Count(sample.packets[packets[place]], c, place, kind);
    }
  }
  return kinds;
}

// Lists the most frequent kinds, in the order in which conversations come to them, and gives them
// their indices.
std::vector<OutlineMessage> ListKinds(Kinds& kinds, size_t limit) {
  std::vector<Counted*> order;
  for (auto& [name, kind] : kinds) order.push_back(&kind);
  std::stable_sort(order.begin(), order.end(), [](const Counted* a, const Counted* b) {
    return a->message.count > b->message.count;
  });
  if (order.size() > limit) order.resize(limit);
  std::stable_sort(order.begin(), order.end(),
                   [](const Counted* a, const Counted* b) { return a->Place() < b->Place(); });
  std::vector<OutlineMessage> listed;
  for (Counted* kind : order) {
    kind->index = static_cast<uint16_t>(listed.size());
    listed.push_back(kind->message);
  }
  return listed;
}

std::vector<OutlineEvent> Events(const Sample& sample, const SampleConversation& conversation,
                                 const Kinds& kinds, const std::vector<std::string>& kind_of) {
  std::vector<OutlineEvent> events;
  int64_t before = 0;
  for (uint32_t packet : conversation.packets) {
    const int64_t now = sample.packets[packet].time_ns;
    events.push_back({.message = kinds.find(kind_of[packet])->second.index,
                      .packet = packet,
                      .gap_ns = events.empty() ? 0 : now - before});
    before = now;
  }
  return events;
}

}  // namespace

uint16_t OutlineService::Find(std::string_view id) const {
  for (size_t i = 0; i < messages.size(); ++i) {
    if (messages[i].id == id) return static_cast<uint16_t>(i);
  }
  return kUnlisted;
}

Outline MakeOutline(const Sample& sample, const OutlineLimits& limits) {
  const std::vector<std::string> kind_of = NameKinds(sample);
  Outline outline{.sample = &sample, .typing = TypeMessages(sample), .services = {}};
  for (uint32_t i = 0; i < std::min(sample.services.size(), limits.services); ++i) {
    const SampleService& from = sample.services[i];
    Kinds kinds = CountKinds(sample, from, kind_of);
    OutlineService to{.service = i,
                      .name = from.name,
                      .packets = from.packets,
                      .bytes = from.bytes,
                      .messages = ListKinds(kinds, limits.messages),
                      .conversations = {}};
    for (uint32_t conversation : from.conversations) {
      to.conversations.push_back(
          Events(sample, sample.conversations[conversation], kinds, kind_of));
    }
    outline.services.push_back(std::move(to));
  }
  return outline;
}

}  // namespace spate::generator
