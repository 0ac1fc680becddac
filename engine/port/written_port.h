// What all ports that write files have in common. A Writer has
//   void Begin(capture::OutputFile& file);  // which outlives the writing
//   absl::Status Append(int64_t due_ps, const uint8_t* data, uint16_t length);
//   absl::Status Flush();
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/status.h"
#include "capture/output_file.h"
#include "engine/port/frame_slots.h"
#include "engine/port/port.h"
#include "engine/port/stamper.h"

namespace spate::engine {

// Error when no file can be made at `path`, without making anything.
absl::Status CheckWritable(const std::string& path);

template <class Writer>
class FileQueue final : public TxQueue {
 public:
  FileQueue(Writer& writer, Stamper& stamper, uint32_t max_frame)
      : writer_(writer), stamper_(stamper), slots_(4 * kBurst, max_frame) {}

  bool Acquire(Burst& burst, uint16_t begin, uint16_t end) override {
    return slots_.Acquire(burst, begin, end);
  }
  uint16_t Send(Burst& burst, uint16_t begin, uint16_t end) override;
  void Release(Burst& burst, uint16_t begin, uint16_t end) override {
    slots_.Release(burst, begin, end);
  }

 private:
  Writer& writer_;
  Stamper& stamper_;
  FrameSlots slots_;
};

template <class Writer>
uint16_t FileQueue<Writer>::Send(Burst& burst, uint16_t begin, uint16_t end) {
  uint16_t sent = begin;
  for (; sent < end; ++sent) {
    status_ = writer_.Append(stamper_(begin_ps_ + burst.due_ps[sent]), burst.data[sent],
                             burst.length[sent]);
    if (!status_.ok()) break;
  }
  slots_.Release(burst, begin, sent);
  return static_cast<uint16_t>(sent - begin);
}

template <class Writer>
class FilePort final : public Port {
 public:
  FilePort(const std::string& path, const PortOptions& options, Writer writer)
      : path_(path), link_(options.link), writer_(std::move(writer)), stamper_(options.view) {}

  std::string_view name() const override { return path_; }
  std::string_view kind() const override { return "file"; }
  packet::LinkType link() const override { return link_; }
  uint32_t max_frame() const override { return UINT16_MAX; }  // what Burst::length can say
  bool virtual_time() const override { return true; }
  absl::Status Start(uint32_t) override {
    SPATE_ASSIGN_OR_RETURN(file_, capture::OutputFile::Create(path_));
    writer_.Begin(*file_);
    return absl::OkStatus();
  }
  absl::StatusOr<std::unique_ptr<TxQueue>> OpenQueue(uint32_t, uint32_t max_frame) override {
    return std::make_unique<FileQueue<Writer>>(writer_, stamper_, max_frame);
  }
  absl::Status Close(bool keep) override {
    absl::Status status = keep && file_ != nullptr ? Finish() : absl::OkStatus();
    file_.reset();  // removes what is not finished
    return status;
  }

 private:
  absl::Status Finish() {
    SPATE_RETURN_IF_ERROR(writer_.Flush());
    return file_->Commit();
  }

  const std::string path_;
  const packet::LinkType link_;
  std::unique_ptr<capture::OutputFile> file_;
  Writer writer_;
  Stamper stamper_;
};

}  // namespace spate::engine
