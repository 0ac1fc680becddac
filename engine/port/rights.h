// What the process may do, by capabilities(7).
#pragma once

#include <string>

namespace spate::engine {

enum class Right { kNetRaw, kNetAdmin, kSysAdmin, kIpcLock };

bool HasRight(Right right);

// The command that gives the program that right.
std::string GrantCommand(Right right);

}  // namespace spate::engine
