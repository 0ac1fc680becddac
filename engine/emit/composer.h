// Composition: a burst of records becomes frames. Frames of one shape are composed together,
// whatever their messages: columns of all that varies, then prototype and columns.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/emit/assemble.h"
#include "engine/emit/batch.h"
#include "engine/emit/columns.h"
#include "engine/emit/frames.h"
#include "engine/plan/plan.h"
#include "engine/port/port.h"
#include "packet/seal.h"

namespace spate::engine {

class Composer {
 public:
  // Keeps a reference to `plan`.
  explicit Composer(const Plan& plan);

  // Writes every byte of the frames of `burst`, whose data pointers are set; sets their length and
  // due time.
  void Compose(const Batch& batch, Burst& burst);

 private:
  // The frames of a burst, those of one shape side by side.
  struct Gathered {
    uint32_t groups;       // of frames of one shape, in the order in which shapes come
    uint8_t end[kBurst];   // of each of them, and
    bool several[kBurst];  // whether its frames are of several messages
    uint8_t* data[kBurst];
    uint16_t length[kBurst];
    const Slot* record[kBurst];
    const MessagePlan* message[kBurst];
    uint8_t at[kBurst];  // in the burst
  };

  void ComposeRun(const Piece& piece, Burst& burst);
  void ComposeShapes(const Batch& batch, uint32_t begin, uint32_t end, Burst& burst);
  void Gather(const Slot* const* records, uint32_t begin, uint32_t end, const Burst& burst);
  void ComposeFrames(const Frames& frames);
  void ComposeStepping(const Frames& frames);
  void PadShort(const Frames& frames);
  void StoreCrcs(const Frames& frames) const;
  static void AddToOuterSums(const SumSite* sums, const SumSite& site, uint32_t more,
                             uint8_t* frame);
  void Seal(const Frames& frames);

  const Plan& plan_;
  Columns columns_;
  Assembler assembler_;
  Gathered gathered_;
  std::vector<uint8_t> group_of_;        // by shape, while frames are gathered; kNoGroup between
  std::vector<packet::Sealer> sealers_;  // one for each of the plan's seals
};

}  // namespace spate::engine
