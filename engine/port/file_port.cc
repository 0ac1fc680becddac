#include "engine/port/file_port.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/units.h"
#include "capture/capture.h"
#include "capture/output_file.h"
#include "engine/port/frame_slots.h"

namespace spate::engine {
namespace {

constexpr size_t kChunkBytes = 1 << 20;  // a write
constexpr uint32_t kSlots = 4 * kBurst;

// Whether a file can be made at `path`, without making anything.
absl::Status CheckWritable(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    return absl::InvalidArgumentError(absl::StrCat("port ", path, ": is a directory, not a file"));
  }
  const std::string parent = std::filesystem::path(path).parent_path();
  const std::string directory = parent.empty() ? std::string(1, '.') : parent;
  if (access(directory.c_str(), W_OK | X_OK) == 0) return absl::OkStatus();
  return absl::ErrnoToStatus(
      errno, absl::StrCat("port ", path, ": no file can be made in directory ", directory));
}

// Lays out records in a buffer and writes it when it is full. Shared by all queues of a port.
class RecordWriter {
 public:
  RecordWriter(const std::string& path, packet::LinkType link)
      : path_(path), format_(capture::FormatOf(path)), link_(link) {}

  absl::Status Create() {
    SPATE_ASSIGN_OR_RETURN(file_, capture::OutputFile::Create(path_));
    capture::AppendFileHeader(buffer_, format_, link_);
    used_ = buffer_.size();
    buffer_.resize(kChunkBytes);
    return absl::OkStatus();
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

  absl::Status Close(bool keep) {
    absl::Status status = keep && file_ != nullptr ? Finish() : absl::OkStatus();
    file_.reset();  // removes what is not finished
    return status;
  }

 private:
  absl::Status Flush() {
    const std::span<const uint8_t> bytes(buffer_.data(), std::exchange(used_, 0));
    return file_->Append(bytes);  // after an error it goes on failing
  }
  absl::Status Finish() {
    SPATE_RETURN_IF_ERROR(Flush());
    return file_->Commit();
  }

  const std::string path_;
  const capture::Format format_;
  const packet::LinkType link_;
  std::unique_ptr<capture::OutputFile> file_;
  std::vector<uint8_t> buffer_;
  size_t used_ = 0;
};

class FileQueue final : public TxQueue {
 public:
  FileQueue(RecordWriter& writer, uint32_t max_frame)
      : writer_(writer), slots_(kSlots, max_frame) {}

  bool Acquire(Burst& burst, uint16_t begin, uint16_t end) override {
    return slots_.Acquire(burst, begin, end);
  }
  uint16_t Send(Burst& burst, uint16_t begin, uint16_t end) override;
  void Release(Burst& burst, uint16_t begin, uint16_t end) override {
    slots_.Release(burst, begin, end);
  }

 private:
  RecordWriter& writer_;
  FrameSlots slots_;
};

uint16_t FileQueue::Send(Burst& burst, uint16_t begin, uint16_t end) {
  uint16_t sent = begin;
  for (; sent < end; ++sent) {
    status_ = writer_.Append(burst.due_ps[sent], burst.data[sent], burst.length[sent]);
    if (!status_.ok()) break;
  }
  slots_.Release(burst, begin, sent);
  return static_cast<uint16_t>(sent - begin);
}

class FilePort final : public Port {
 public:
  FilePort(const std::string& path, packet::LinkType link)
      : path_(path), link_(link), writer_(path, link) {}

  std::string_view name() const override { return path_; }
  std::string_view kind() const override { return "file"; }
  packet::LinkType link() const override { return link_; }
  uint32_t max_frame() const override { return UINT16_MAX; }  // what Burst::length can say
  bool virtual_time() const override { return true; }
  absl::Status Start(uint32_t) override { return writer_.Create(); }
  absl::StatusOr<std::unique_ptr<TxQueue>> OpenQueue(uint32_t, uint32_t max_frame) override {
    return std::make_unique<FileQueue>(writer_, max_frame);
  }
  absl::Status Close(bool keep) override { return writer_.Close(keep); }

 private:
  const std::string path_;
  const packet::LinkType link_;
  RecordWriter writer_;
};

}  // namespace

bool IsCaptureFile(std::string_view name) {
  return name.ends_with(".pcap") || name.ends_with(".pcapng");
}

absl::StatusOr<std::unique_ptr<Port>> OpenFilePort(const std::string& path,
                                                   const PortOptions& options) {
  SPATE_RETURN_IF_ERROR(CheckWritable(path));
  return std::make_unique<FilePort>(path, options.link);
}

void SurveyFiles(SystemAdvice& advice) {
  advice.ports.push_back({.name = "*.pcap, *.pcapng",
                          .kind = "file",
                          .usable = true,
                          .state = "capture file, nanosecond stamps, virtual time",
                          .mend = ""});
}

}  // namespace spate::engine
