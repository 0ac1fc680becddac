// Captures → tracks.
#pragma once

#include <memory>

#include "template/desugar/value.h"
#include "template/track.h"

namespace spate::tmpl {

// Reads the files of a flow's capture, every different frame once, and finds the addresses that
// its instances replace. nullptr: faults were reported.
std::shared_ptr<const core::Track> LowerCapture(Context& context, const FlowNames& names,
                                                const CaptureUse& capture);

}  // namespace spate::tmpl
