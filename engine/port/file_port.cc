#include "engine/port/file_port.h"

#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "base/status.h"
#include "base/units.h"
#include "capture/capture.h"
#include "capture/output_file.h"
#include "engine/port/written_port.h"

namespace spate::engine {
namespace {

constexpr size_t kChunkBytes = 1 << 20;  // a write

// Lays out records in a buffer and writes it when it is full. Shared by all queues of a port.
class RecordWriter {
 public:
  RecordWriter(const std::string& path, packet::LinkType link)
      : format_(capture::FormatOf(path)), link_(link) {}

  void Begin(capture::OutputFile& file) {
    file_ = &file;
    buffer_.clear();
    capture::AppendFileHeader(buffer_, format_, link_);
    used_ = buffer_.size();
    buffer_.resize(kChunkBytes);
  }

  absl::Status Append(int64_t due_ps, const uint8_t* data, uint16_t length) {
    const size_t header = capture::RecordHeaderBytes(format_);
    const size_t record = header + length + capture::RecordTrailerBytes(format_, length);
    if (used_ + record > buffer_.size()) SPATE_RETURN_IF_ERROR(Flush());
    uint8_t* const out = buffer_.data() + used_;
    capture::PutRecord(out, format_, Picos{due_ps}.nanos(), length);
    std::memcpy(out + header, data, length);
    used_ += record;
    return absl::OkStatus();
  }

  absl::Status Flush() {
    const std::span<const uint8_t> bytes(buffer_.data(), std::exchange(used_, 0));
    return file_->Append(bytes);  // after an error it goes on failing
  }

 private:
  capture::Format format_;
  packet::LinkType link_;
  capture::OutputFile* file_ = nullptr;
  std::vector<uint8_t> buffer_;
  size_t used_ = 0;
};

}  // namespace

bool IsCaptureFile(std::string_view name) {
  return name.ends_with(".pcap") || name.ends_with(".pcapng");
}

absl::StatusOr<std::unique_ptr<Port>> OpenFilePort(const std::string& path,
                                                   const PortOptions& options) {
  SPATE_RETURN_IF_ERROR(CheckWritable(path));
  return std::make_unique<FilePort<RecordWriter>>(path, options, RecordWriter(path, options.link));
}

void SurveyFiles(SystemAdvice& advice) {
  advice.ports.push_back({.name = "*.pcap, *.pcapng",
                          .kind = "file",
                          .usable = true,
                          .state = "capture file, nanosecond stamps, virtual time",
                          .mend = ""});
}

}  // namespace spate::engine
