#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/text.h"
#include "capture/capture.h"
#include "capture/readers.h"

namespace spate::capture {
namespace {

// What the first bytes of files that people mistake for captures tell.
std::string_view KnownKind(std::span<const uint8_t> magic) {
  if (magic.size() >= 2 && magic[0] == 0x1f && magic[1] == 0x8b) return " (gzip: unpack it first)";
  if (magic.size() == 4 && ByteOrder{}.U32(magic.data()) == 0xfd2fb528) {
    return " (zstd: unpack it first)";
  }
  if (!magic.empty() && (magic[0] == '{' || magic[0] == '[')) return " (JSON?)";
  return "";
}

absl::Status NotACapture(const std::string& path, std::span<const uint8_t> magic) {
  const absl::string_view bytes(reinterpret_cast<const char*>(magic.data()), magic.size());
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": neither pcap nor pcapng: its first bytes are ",
                   absl::BytesToHexString(bytes), AsAbsl(KnownKind(magic))));
}

}  // namespace

packet::LinkType LinkTypeOf(uint16_t number) {
  switch (number) {
    case 12:   // DLT_RAW of some systems, where it leaked into files
    case 14:   // the same on OpenBSD
    case 228:  // LINKTYPE_IPV4
    case 229:  // LINKTYPE_IPV6
      return packet::LinkType::kRawIp;
    default:
      return static_cast<packet::LinkType>(number);
  }
}

absl::Status Damaged(const ByteSource& source, uint64_t offset, std::string_view where,
                     std::string_view what) {
  return absl::DataLossError(
      absl::StrCat(source.path(), ": ", AsAbsl(where), " at byte ", offset, ": ", AsAbsl(what)));
}

absl::StatusOr<std::span<const uint8_t>> TakeAll(ByteSource& source, size_t bytes,
                                                 std::string_view where) {
  const uint64_t offset = source.offset();
  SPATE_ASSIGN_OR_RETURN(const auto taken, source.Take(bytes));
  if (taken.size() == bytes) return taken;
  return Damaged(source, offset, where,
                 absl::StrCat("truncated: expected ", bytes, " bytes, found ", taken.size()));
}

absl::StatusOr<std::unique_ptr<Reader>> Reader::Open(const std::string& path) {
  SPATE_ASSIGN_OR_RETURN(auto source, ByteSource::Open(path));
  SPATE_ASSIGN_OR_RETURN(const auto magic, source->Take(4));
  if (magic.empty()) return absl::InvalidArgumentError(absl::StrCat(path, ": empty file"));
  if (magic.size() < 4) return NotACapture(path, magic);
  for (const ByteOrder order : {ByteOrder{false}, ByteOrder{true}}) {
    const uint32_t number = order.U32(magic.data());
    if (number == kPcapMicrosMagic || number == kPcapNanosMagic) {
      return OpenPcap(std::move(source), order, number == kPcapNanosMagic);
    }
    if (number == kSectionHeaderBlock) return OpenPcapng(std::move(source));
  }
  return NotACapture(path, magic);
}

}  // namespace spate::capture
