// The keys of a flow that make it a conversation.
#pragma once

#include <span>

#include "template/codec.h"

namespace spate::tmpl {

std::span<const Key<Flow>> ConversationKeys();
void FinishConversation(Reader& reader, const Node& node, Flow& flow);

}  // namespace spate::tmpl
