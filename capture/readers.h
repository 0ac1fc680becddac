// The readers behind Reader::Open, one per file format. Each is given the file after its first four
// bytes, the magic number that chose it.
#pragma once

#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "capture/byte_source.h"
#include "capture/capture.h"
#include "capture/layout.h"

namespace spate::capture {

absl::StatusOr<std::unique_ptr<Reader>> OpenPcap(std::unique_ptr<ByteSource> source,
                                                 ByteOrder order, bool nanoseconds);
absl::StatusOr<std::unique_ptr<Reader>> OpenPcapng(std::unique_ptr<ByteSource> source);

// The link type behind a number of a capture file; several stand for plain IP.
packet::LinkType LinkTypeOf(uint16_t number);

// "FILE: WHAT in WHERE at byte N" with WHERE such as "packet 3".
absl::Status Damaged(const ByteSource& source, uint64_t offset, std::string_view where,
                     std::string_view what);

// Exactly `bytes`, or the error that the file is truncated in `where`.
absl::StatusOr<std::span<const uint8_t>> TakeAll(ByteSource& source, size_t bytes,
                                                 std::string_view where);

}  // namespace spate::capture
