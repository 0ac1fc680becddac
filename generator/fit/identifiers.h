// Which packets of a script carry an identifier that an answer repeats, and where it comes from.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "generator/fit/behaviour.h"

namespace spate::generator {

// How the identifier goes on from request to request within a conversation.
struct Progress {
  bool counter = false;
  uint64_t first = 0, step = 0;
};

// The echoes that matter to one kind of conversations.
class KindEchoes {
 public:
  KindEchoes(const Sample& sample, const Typing& typing, const Kind& kind);

  // nullptr: this answer repeats nothing of this request.
  const std::vector<Echo>* Find(uint32_t request_type, uint32_t response_type) const;
  bool empty() const { return of_service_.empty() && by_types_.empty(); }
  // Of the requests whose answers repeat their first field.
  const Progress& progress() const { return progress_; }

 private:
  void Learn(const Sample& sample, const Typing& typing, const Pairs& pairs);

  std::vector<Echo> of_service_;
  std::map<std::pair<uint32_t, uint32_t>, std::vector<Echo>> by_types_;
  Progress progress_;
};

// An item's part in an exchange: field `echo` of the slot-th request.
struct Part {
  uint32_t slot = 0;
  bool request = false;
  const std::vector<Echo>* echoes = nullptr;
};

// Pairs requests and answers of scripts that follow one another, as PairUp does for packets. Parts
// by script and item; items without a part have echoes == nullptr.
std::vector<std::vector<Part>> AssignParts(std::span<const Script* const> scripts,
                                           const KindEchoes& echoes, const Typing& typing);

}  // namespace spate::generator
