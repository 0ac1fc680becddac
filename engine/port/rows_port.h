// A trace as a table: one row a packet, as a file port in virtual time.
//
// Columns: time (seconds since the start of the run, to the microsecond), source, destination,
// protocol, length (bytes with FCS), info: what analysers show of a packet, read from its bytes.
// `*.csv`: a line of names, then RFC 4180. `*.jsonl`: one JSON object a line.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/port/port.h"

namespace spate::engine {

// "*.jsonl" and "*.csv".
bool IsRowsFile(std::string_view name);

// As OpenFilePort (engine/port/file_port.h); PortOptions::keys open sealed frames.
absl::StatusOr<std::unique_ptr<Port>> OpenRowsPort(const std::string& path,
                                                   const PortOptions& options);

void SurveyRows(SystemAdvice& advice);

}  // namespace spate::engine
