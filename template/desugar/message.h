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
};

// Rewrites `message`, whose headers are all spelled out, for one flow. nullopt: faults were
// reported.
std::optional<LoweredMessage> LowerMessage(Context& context, const FlowNames& names,
                                           const std::string& name, const Message& message);

// observer.cc: whether the template's observer sees a message whose headers are all spelled out.
bool IsSeen(const Context& context, const FlowNames& names, const Message& plain);

// conversation.cc: rewrites a message of a conversation into a plain one, every header spelled out.
std::optional<Message> Converse(Context& context, const FlowNames& names, const Message& message);

// The slots of a TCP conversation's sequence numbers, and the draws that a conversation needs.
inline constexpr std::string_view kSequence[] = {"(client sequence)", "(server sequence)"};
void DeclareConversation(const Flow& flow, FlowNames& names);
// TCP flags of a message that Converse made ("SA"); "" for UDP.
std::string TcpFlags(const Message& conversed);

}  // namespace spate::tmpl
