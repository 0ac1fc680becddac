#include "engine/port/rows_port.h"

#include <span>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "base/units.h"
#include "capture/output_file.h"
#include "engine/port/written_port.h"

namespace spate::engine {
namespace {

constexpr size_t kRowsPortChunkBytes = 1 << 16;
constexpr int64_t kPicosPerMicro = 1'000'000;

// Texts of packets hold no control characters beyond what a payload may bring in.
std::string JsonText(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(&out, "\\u%04x", c);
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string CsvText(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

class RowWriter {
 public:
  RowWriter(std::string_view path, const PortOptions& options)
      : json_(path.ends_with(".jsonl")), link_(options.link), keys_(options.keys) {}

  void Begin(capture::OutputFile& file) {
    file_ = &file;
    text_ = json_ ? "" : "time,source,destination,protocol,length,info\n";
  }

  absl::Status Append(int64_t due_ps, const uint8_t* data, uint16_t length) {
    const packet::Summary row = packet::Summarize(data, length, link_, keys_);
    const int64_t micros = due_ps / kPicosPerMicro;
    const uint32_t bytes = length + packet::FramingOf(link_).fcs_bytes;
    if (json_) {
      absl::StrAppendFormat(
          &text_,
          "{\"time\":%d.%06d,\"source\":%s,\"destination\":%s,\"protocol\":%s,\"length\":%d,"
          "\"info\":%s}\n",
          micros / 1'000'000, micros % 1'000'000, JsonText(row.source), JsonText(row.destination),
          JsonText(row.protocol), bytes, JsonText(row.info));
    } else {
      absl::StrAppendFormat(&text_, "%d.%06d,%s,%s,%s,%d,%s\n", micros / 1'000'000,
                            micros % 1'000'000, CsvText(row.source), CsvText(row.destination),
                            CsvText(row.protocol), bytes, CsvText(row.info));
    }
    return text_.size() < kRowsPortChunkBytes ? absl::OkStatus() : Flush();
  }

  absl::Status Flush() {
    const std::string text = std::exchange(text_, {});
    return file_->Append({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  }

 private:
  bool json_;
  packet::LinkType link_;
  std::vector<packet::Key> keys_;
  capture::OutputFile* file_ = nullptr;
  std::string text_;
};

}  // namespace

bool IsRowsFile(std::string_view name) {
  return name.ends_with(".jsonl") || name.ends_with(".csv");
}

absl::StatusOr<std::unique_ptr<Port>> OpenRowsPort(const std::string& path,
                                                   const PortOptions& options) {
  SPATE_RETURN_IF_ERROR(CheckWritable(path));
  return std::make_unique<FilePort<RowWriter>>(path, options, RowWriter(path, options));
}

void SurveyRows(SystemAdvice& advice) {
  advice.ports.push_back(
      {.name = "*.jsonl, *.csv",
       .kind = "file",
       .usable = true,
       .state = "a row a packet: time, source, destination, protocol, length, info",
       .mend = ""});
}

}  // namespace spate::engine
