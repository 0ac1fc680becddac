// The keys of a flow that say when its passes begin.
#pragma once

#include <span>

#include "template/codec.h"

namespace spate::tmpl {

std::span<const Key<Flow>> ClockKeys();

}  // namespace spate::tmpl
