// How the conversations of one kind go, before it is written as steps: a head, then either
// alternatives, rounds or a chain, then a tail. Times are seconds.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "generator/fit/types.h"
#include "generator/sample/sample.h"

namespace spate::generator {

// One packet of a script: its type and the gaps seen before it.
struct Item {
  uint32_t type = 0;
  std::vector<double> gaps;
};
using Script = std::vector<Item>;

// The gaps before a round's first packet are the pauses between rounds.
struct Round {
  Script items;
  uint64_t count = 0;
  // Alternatives that may follow `items`, how often each was seen, and what follows them.
  std::vector<Script> variants = {};
  std::vector<uint64_t> variant_counts = {};
  Script tail = {};
};

struct Edge {
  uint32_t to = 0;  // state
  uint64_t count = 0;
  std::vector<double> gaps;
};
struct State {
  uint32_t type = 0;
  std::vector<Edge> next;
};

struct Behaviour {
  Script head;
  std::vector<Script> variants;          // alternatives with …
  std::vector<uint64_t> variant_counts;  // … how often each was seen
  std::vector<Round> rounds;
  std::vector<uint64_t> rounds_per_conversation;  // by member
  std::vector<State> chain;
  uint32_t chain_start = 0;
  std::vector<double> chain_gaps;       // before its first packet
  std::vector<uint64_t> chain_lengths;  // packets, by member
  Script tail;
  double cost = 0;  // what it takes to tell it, in about steps
};

// Conversations that are told together.
struct Kind {
  uint32_t service = 0;
  std::string name;               // of its group; "": the service's
  std::vector<uint32_t> members;  // conversations in order of their begin
  Behaviour behaviour;
  uint64_t packets = 0;
  bool poisson = false;  // conversations begin at random, whatever their gaps look like
};

// The packets of one conversation as types and gaps.
struct Sequence {
  std::vector<uint32_t> types;
  std::vector<double> gaps;  // gaps[i]: before packet i; 0 before the first
};
Sequence SequenceOf(const Sample& sample, const Typing& typing, uint32_t conversation);

// Items of types [begin, end) of the first sequence, with the gaps of all at the same places.
// `offsets`: where the part begins in each sequence.
Script AlignedScript(std::span<const Sequence* const> sequences, std::span<const size_t> offsets,
                     size_t length);

// Stretches of conversations: what is common to all begins and ends them, what differs in between
// are variants. As in AlignedScript, they begin at `offsets`; `cost`: about the steps that tell it.
struct Parts {
  Script head;
  std::vector<Script> variants;
  std::vector<uint64_t> variant_counts;
  Script tail;
  double cost = 0;
};
Parts AlignParts(std::span<const Sequence* const> sequences, std::span<const size_t> offsets,
                 std::span<const size_t> lengths);

// Conversations told step by step.
Behaviour DescribeScripts(const std::vector<Sequence>& sequences);

// Long conversations as recurring rounds after pauses. cost < 0: they do not fall into rounds.
Behaviour DescribeRounds(const std::vector<Sequence>& sequences, const Typing& typing);

// Long conversations as a semi-Markov chain of their types. The states number at most
// kMostStates, which the caller sees to.
inline constexpr size_t kMostStates = 24;
Behaviour DescribeChain(const std::vector<Sequence>& sequences, const Typing& typing);

}  // namespace spate::generator
