// Messages → prototypes and patches.
#pragma once

#include <optional>
#include <string>

#include "template/desugar/value.h"

namespace spate::tmpl {

// What a flow program needs to know of a message that it sends.
struct LoweredMessage {
  uint32_t index = 0;               // in Scenario::messages
  std::optional<uint32_t> payload;  // bytes; nullopt: varies with the size
  double mean_bytes = 0;            // of the frame with FCS
  uint32_t application = 0;         // bytes of headers behind TCP's: its data, like the payload
};

// Rewrites `message`, whose headers are all spelled out, for one flow. nullopt: faults were
// reported.
std::optional<LoweredMessage> LowerMessage(Context& context, const FlowNames& names,
                                           const std::string& name, const Message& message);

// conversation.cc: rewrites a message of a conversation into a plain one, every header spelled out.
std::optional<Message> Converse(Context& context, const FlowNames& names, const Message& message);

// The slots of a TCP conversation's sequence numbers, and the draws that a conversation needs.
inline constexpr std::string_view kSequence[] = {"(client sequence)", "(server sequence)"};
// Where the side's last segment began, for messages that repeat it.
inline constexpr std::string_view kRepeated[] = {"(client repeat)", "(server repeat)"};
// What the side's clock showed when it last sent something that the other has got.
inline constexpr std::string_view kStamps[] = {"(client stamp)", "(server stamp)"};
// The client's port and behind it the number of passes so far, unless the template says its law.
inline constexpr std::string_view kClientPort = "(client port)";
inline constexpr uint64_t kFirstClientPort = 49152;  // of the dynamic ports (RFC 6335)
void DeclareConversation(const Context& context, const Flow& flow, FlowNames& names);
// Whether a header is that of a network layer.
bool IsNetwork(std::string_view header);
// The bytes of a text or hex payload; nullopt: a pattern without end, and reported.
std::optional<std::string> PayloadBytes(Context& context, const Payload& payload);
// TCP flags of a message that Converse made ("SA"); "" for UDP.
std::string TcpFlags(const Message& conversed);

// observer.cc: the probability that the template's observer misses a message whose headers are all
// spelled out.
double Missed(const Context& context, const FlowNames& names, const Message& plain);

}  // namespace spate::tmpl
