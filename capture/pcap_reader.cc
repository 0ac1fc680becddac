#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "capture/readers.h"

namespace spate::capture {
namespace {

class PcapReader final : public Reader {
 public:
  PcapReader(std::unique_ptr<ByteSource> source, ByteOrder order, bool nanoseconds,
             packet::LinkType link)
      : source_(std::move(source)), order_(order), nanoseconds_(nanoseconds), link_(link) {}

  absl::StatusOr<std::optional<Packet>> Next() override {
    const uint64_t offset = source_->offset();
    SPATE_ASSIGN_OR_RETURN(const auto header, source_->Take(16));
    if (header.empty()) return std::nullopt;
    const std::string where = absl::StrCat("packet ", ++number_);
    if (header.size() < 16) {
      return Damaged(*source_, offset, where,
                     absl::StrCat("truncated: expected 16 bytes, found ", header.size()));
    }
    Packet packet;
    packet.link = link_;
    const int64_t fraction = order_.U32(header.data() + 4);
    packet.time_ns = order_.U32(header.data()) * static_cast<int64_t>(kNanosPerSecond) +
                     fraction * (nanoseconds_ ? 1 : 1000);
    const uint32_t bytes = order_.U32(header.data() + 8);
    packet.original_bytes = order_.U32(header.data() + 12);
    if (bytes > kMaxPacketBytes) {
      return Damaged(*source_, offset, where,
                     absl::StrCat("a packet of ", bytes, " bytes; at most ", kMaxPacketBytes));
    }
    SPATE_ASSIGN_OR_RETURN(packet.data, TakeAll(*source_, bytes, where));
    return packet;
  }

 private:
  std::unique_ptr<ByteSource> source_;
  ByteOrder order_;
  bool nanoseconds_;
  packet::LinkType link_;
  uint64_t number_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Reader>> OpenPcap(std::unique_ptr<ByteSource> source,
                                                 ByteOrder order, bool nanoseconds) {
  SPATE_ASSIGN_OR_RETURN(const auto rest, TakeAll(*source, 20, "file header"));
  const uint16_t major = order.U16(rest.data());
  if (major != 2) {
    return Damaged(*source, 4, "file header", absl::StrCat("pcap version ", major, "; expected 2"));
  }
  // The upper bits of the word tell whether frames carry an FCS.
  const auto link = LinkTypeOf(static_cast<uint16_t>(order.U32(rest.data() + 16)));
  return std::make_unique<PcapReader>(std::move(source), order, nanoseconds, link);
}

}  // namespace spate::capture
