// DPDK's environment abstraction layer, started once per process and only by ports that need it.
// With hugepages where there are some, without them and without root otherwise.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace spate::engine {

// Starts the EAL; later calls return the first one's result. It takes no CPU, installs no signal
// handler, prints nothing and touches no device on the PCI bus before a port names it. The calling
// thread keeps its CPU affinity and does not become an lcore.
// Errors: FailedPrecondition with what the EAL says.
absl::Status StartEal();

// Makes the calling thread an lcore until it ends, so that mempools give it a cache of its own.
// More calls from the same thread do nothing.
absl::Status RegisterEalThread();

// What the EAL and drivers logged since the last call: the first few lines, joined by "; ".
std::string TakeEalMessage();

}  // namespace spate::engine
