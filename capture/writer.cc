#include <array>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "capture/capture.h"
#include "capture/layout.h"
#include "capture/output_file.h"

namespace spate::capture {
namespace {

class FileWriter final : public Writer {
 public:
  FileWriter(std::string path, std::unique_ptr<OutputFile> file)
      : path_(std::move(path)), format_(FormatOf(path_)), file_(std::move(file)) {}

  absl::Status Begin(packet::LinkType link) {
    std::vector<uint8_t> header;
    AppendFileHeader(header, format_, link);
    return file_->Append(header);
  }

  absl::Status Write(int64_t time_ns, std::span<const uint8_t> data) override {
    SPATE_RETURN_IF_ERROR(Check(time_ns, data.size()));
    const size_t header = RecordHeaderBytes(format_);
    record_.resize(header + data.size() + RecordTrailerBytes(format_, data.size()));
    std::copy(data.begin(), data.end(), record_.begin() + static_cast<ptrdiff_t>(header));
    PutRecord(record_.data(), format_, time_ns, static_cast<uint32_t>(data.size()));
    return file_->Append(record_);
  }

  absl::Status Close() override { return file_->Commit(); }

 private:
  absl::Status Check(int64_t time_ns, size_t bytes) const {
    if (bytes > kMaxPacketBytes) {
      return absl::InvalidArgumentError(
          absl::StrCat(path_, ": a packet of ", bytes, " bytes; at most ", kMaxPacketBytes));
    }
    constexpr uint64_t kPcapSeconds = std::numeric_limits<uint32_t>::max();
    const bool late =
        format_ == Format::kPcap && static_cast<uint64_t>(time_ns) / kNanosPerSecond > kPcapSeconds;
    if (time_ns >= 0 && !late) return absl::OkStatus();
    return absl::OutOfRangeError(
        absl::StrCat(path_, ": a capture file cannot hold the time stamp ", time_ns, " ns"));
  }

  std::string path_;
  Format format_;
  std::unique_ptr<OutputFile> file_;
  std::vector<uint8_t> record_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Writer>> Writer::Create(const std::string& path,
                                                       packet::LinkType link) {
  SPATE_ASSIGN_OR_RETURN(auto file, OutputFile::Create(path));
  auto writer = std::make_unique<FileWriter>(path, std::move(file));
  SPATE_RETURN_IF_ERROR(writer->Begin(link));
  return writer;
}

}  // namespace spate::capture
