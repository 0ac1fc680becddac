// A capture file as a port: pcap or pcapng with nanosecond stamps, as fast as the disk.
//
// Time is virtual: a frame due t after the start of the run is stamped with the epoch
// (1970-01-01 00:00:00 UTC) plus t, rounded down to nanoseconds, so that a template and a seed give
// the same bytes on every run.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/port/port.h"

namespace spate::engine {

// "*.pcap" and "*.pcapng".
bool IsCaptureFile(std::string_view name);

// Frames go to `path`.part, which takes the name `path` on Close(true) and is removed on
// Close(false), after a write error and when the port dies without Close.
// All queues append to one buffer without a lock: Send is called in the total order of the trace,
// and each call happens before the next one, whatever thread and queue it comes from. Errors:
// `path` is a directory or a device, its directory is missing or not writable; a write that fails
// (disk full) ends Send with the reason in status().
absl::StatusOr<std::unique_ptr<Port>> OpenFilePort(const std::string& path,
                                                   const PortOptions& options);

void SurveyFiles(SystemAdvice& advice);

}  // namespace spate::engine
