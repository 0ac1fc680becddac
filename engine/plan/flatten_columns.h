// The last step of a message: a column for each of its varying values, and where their bytes go.
#pragma once

#include "absl/status/status.h"
#include "engine/plan/plan.h"

namespace spate::engine {

// Sets the columns of the message's fields, checksums and lengths, its patches and blocks; appends
// patches and shuffles to `plan`. Error: more columns than kMaxColumns.
absl::Status AssignColumns(MessagePlan& message, Plan& plan);

}  // namespace spate::engine
