// Capture files byte by byte, in either byte order, for tests of the readers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "capture/capture.h"

namespace spate::capture {

class FileBuilder {
 public:
  explicit FileBuilder(bool big_endian) : big_endian_(big_endian) {}

  FileBuilder& U16(uint16_t value) { return Number(value, 2); }
  FileBuilder& U32(uint32_t value) { return Number(value, 4); }
  FileBuilder& U64(uint64_t value) { return Number(value, 8); }
  FileBuilder& Bytes(std::string_view bytes);

  FileBuilder& PcapHeader(uint32_t magic, uint32_t link);
  FileBuilder& PcapRecord(uint32_t seconds, uint32_t fraction, std::string_view data);

  // A pcapng block around `body`, which is filled up to words.
  FileBuilder& Block(uint32_t type, const FileBuilder& body);
  FileBuilder& Section();
  FileBuilder& Interface(uint16_t link, uint32_t snap_bytes, const FileBuilder& options);
  FileBuilder& Enhanced(uint32_t interface, uint64_t ticks, std::string_view data);

  const std::string& str() const { return out_; }

 private:
  FileBuilder& Number(uint64_t value, int bytes);

  bool big_endian_;
  std::string out_;
};

// A new file of the test's own with these bytes; removed with the object.
class TempFile {
 public:
  explicit TempFile(std::string_view bytes, std::string_view extension = ".pcap");
  ~TempFile();
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A path in the test's directory where nothing is.
std::string FreshPath(std::string_view extension);

struct Read {
  int64_t time_ns;
  std::string data;
  uint32_t original_bytes;
  uint16_t link;

  friend bool operator==(const Read&, const Read&) = default;
};

// All packets up to the end or the error, which is in `status`.
std::vector<Read> ReadAll(const std::string& path, absl::Status* status);

}  // namespace spate::capture
