// Who speaks when in a conversation, as far as the steps tell beforehand: whether a packet must
// cross the path before the next one, and whether an answer will carry an acknowledgement.
#pragma once

#include <cstddef>

#include "template/surface.h"

namespace spate::tmpl {

enum class Turn : unsigned char { kNobody, kClient, kServer, kUnknown };

constexpr Turn TurnOf(Side side) { return side == Side::kClient ? Turn::kClient : Turn::kServer; }
constexpr Side Other(Side side) { return side == Side::kClient ? Side::kServer : Side::kClient; }

// Where the steps of a pass stand: who spoke last, who speaks next, and the step that comes next
// in the same list (nullptr: none).
struct Turns {
  Turn said = Turn::kNobody;
  Turn next = Turn::kNobody;
  const Step* following = nullptr;
  int depth = 0;  // of nested lists
};

// Who speaks first in steps[from …], within `patience` seconds; `after`: who does behind them.
Turn FirstSpeaker(const Steps& steps, size_t from, Turn after, double patience);
// Who has spoken last behind the steps; `before`: who had before them.
Turn LastSpeaker(const Step& step, Turn before);
Turn LastSpeaker(const Steps& steps, Turn before);
constexpr Turn Join(Turn a, Turn b) { return a == b ? a : Turn::kUnknown; }

// Whether the step holds lists of steps.
bool Nests(const Step& step);
// Who speaks next behind a list of the step's, if its lists follow each other; else `after`.
Turn NextAround(const Step& step, Turn after, double patience);
// Whether they do.
bool Repeats(const Step& step);
// Whether any of the steps is one side's word of a conversation.
bool Speaks(const Steps& steps);
// Mean seconds of a wait step; 0 for other steps.
double WaitSeconds(const Step& step);

}  // namespace spate::tmpl
