#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "base/status.h"
#include "capture/readers.h"

namespace spate::capture {
namespace {

// Interfaces of one section; more mean a damaged file, and would let memory grow with it.
constexpr size_t kMostInterfaces = 65536;
// Options of an interface beyond this are not looked at.
constexpr size_t kMostOptionBytes = 65536;

struct Interface {
  packet::LinkType link = packet::LinkType::kEthernet;
  uint32_t snap_bytes = 0;  // 0: no limit
  bool binary = false;      // resolution 2^-exponent seconds, else 10^-exponent
  uint8_t exponent = 6;
  int64_t offset_seconds = 0;
};

// nullopt when the time does not fit 64 bits of nanoseconds.
std::optional<int64_t> ToNanos(const Interface& interface, uint64_t ticks) {
  uint128 nanos = ticks;
  if (interface.binary) {
    nanos = nanos * kNanosPerSecond >> interface.exponent;
  } else {
    for (int i = interface.exponent; i < 9; ++i) nanos *= 10;
    for (int i = 9; i < interface.exponent && nanos != 0; ++i) nanos /= 10;
  }
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  constexpr int64_t kMostSeconds = kMost / static_cast<int64_t>(kNanosPerSecond) / 2;
  if (nanos > static_cast<uint64_t>(kMost / 2)) return std::nullopt;
  if (std::clamp(interface.offset_seconds, -kMostSeconds, kMostSeconds) !=
      interface.offset_seconds) {
    return std::nullopt;
  }
  return static_cast<int64_t>(nanos) +
         interface.offset_seconds * static_cast<int64_t>(kNanosPerSecond);
}

// A block as far as it is read: `left` bytes of its body are still in the file.
struct Block {
  uint64_t offset;
  uint32_t type;
  uint32_t left;
};

class PcapngReader final : public Reader {
 public:
  explicit PcapngReader(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}

  // Reads the rest of a section header whose type has been read.
  absl::Status BeginSection();
  absl::StatusOr<std::optional<Packet>> Next() override;

 private:
  absl::StatusOr<std::optional<Block>> NextBlock();
  absl::StatusOr<std::span<const uint8_t>> Take(Block& block, uint32_t bytes);
  absl::Status EndBlock(const Block& block);
  absl::Status AddInterface(Block& block);
  absl::Status ReadOptions(const Block& block, std::span<const uint8_t> options, Interface& out);
  absl::StatusOr<Packet> ReadPacket(Block& block);
  absl::StatusOr<Packet> ReadSimplePacket(Block& block);
  absl::Status TakeData(Block& block, uint32_t bytes, Packet& packet);
  absl::StatusOr<const Interface*> FindInterface(const Block& block, uint32_t id);
  absl::Status Bad(const Block& block, std::string_view what) const {
    return Damaged(*source_, block.offset, Where(block), what);
  }
  std::string Where(const Block& block) const;

  std::unique_ptr<ByteSource> source_;
  ByteOrder order_;
  std::vector<Interface> interfaces_;
  uint64_t number_ = 0;        // packets seen
  std::optional<Block> open_;  // the block whose packet the caller still looks at
};

bool HoldsPacket(uint32_t type) {
  return type == kEnhancedPacketBlock || type == kSimplePacketBlock || type == kPacketBlock;
}

std::string PcapngReader::Where(const Block& block) const {
  if (HoldsPacket(block.type)) return absl::StrCat("packet ", number_);
  if (block.type == kSectionHeaderBlock) return "section header";
  if (block.type == kInterfaceBlock) return "interface description";
  return absl::StrCat("block of type ", block.type);
}

absl::Status PcapngReader::BeginSection() {
  Block block{source_->offset() - 4, kSectionHeaderBlock, 0};
  SPATE_ASSIGN_OR_RETURN(const auto head, TakeAll(*source_, 8, Where(block)));
  order_.swapped = ByteOrder{true}.U32(head.data() + 4) == kByteOrderMagic;
  if (order_.U32(head.data() + 4) != kByteOrderMagic) return Bad(block, "no byte-order magic");
  const uint32_t length = order_.U32(head.data());
  if (length < 28 || length % 4 != 0) {
    return Bad(block, absl::StrCat("a block length of ", length,
                                   "; expected a multiple of 4 from "
                                   "28"));
  }
  block.left = length - 16;
  SPATE_ASSIGN_OR_RETURN(const auto version, Take(block, 4));
  if (const uint16_t major = order_.U16(version.data()); major != 1) {
    return Bad(block, absl::StrCat("pcapng version ", major, "; expected 1"));
  }
  interfaces_.clear();
  return EndBlock(block);
}

// The next block but section headers, which are taken in here.
absl::StatusOr<std::optional<Block>> PcapngReader::NextBlock() {
  while (true) {
    Block block{source_->offset(), 0, 0};
    SPATE_ASSIGN_OR_RETURN(const auto type, source_->Take(4));
    if (type.empty()) return std::nullopt;
    if (type.size() < 4) return Bad(block, "truncated in its type");
    block.type = order_.U32(type.data());
    if (block.type != kSectionHeaderBlock) {
      if (HoldsPacket(block.type)) ++number_;
      SPATE_ASSIGN_OR_RETURN(const auto size, TakeAll(*source_, 4, Where(block)));
      const uint32_t length = order_.U32(size.data());
      if (length < 12 || length % 4 != 0) {
        return Bad(block, absl::StrCat("a block length of ", length,
                                       "; expected a multiple of 4 from 12"));
      }
      block.left = length - 12;
      return block;
    }
    SPATE_RETURN_IF_ERROR(BeginSection());
  }
}

absl::StatusOr<std::span<const uint8_t>> PcapngReader::Take(Block& block, uint32_t bytes) {
  if (bytes > block.left) {
    return Bad(block, absl::StrCat("its content of ", bytes, " bytes does not fit the ", block.left,
                                   " left of the block"));
  }
  block.left -= bytes;
  return TakeAll(*source_, bytes, Where(block));
}

absl::Status PcapngReader::EndBlock(const Block& block) {
  const uint64_t expected = uint64_t{block.left} + 4;  // and the length once more
  SPATE_ASSIGN_OR_RETURN(const uint64_t skipped, source_->Skip(expected));
  if (skipped == expected) return absl::OkStatus();
  return Bad(block, absl::StrCat("truncated: expected ", expected, " more bytes, found ", skipped));
}

absl::Status PcapngReader::ReadOptions(const Block& block, std::span<const uint8_t> options,
                                       Interface& out) {
  while (options.size() >= 4) {
    const uint16_t code = order_.U16(options.data());
    const size_t length = order_.U16(options.data() + 2);
    if (code == kOptionEnd) break;
    if (length > options.size() - 4) return Bad(block, "an option runs over the end of the block");
    const std::span<const uint8_t> value = options.subspan(4, length);
    if (code == kOptionTsResol && length == 1) {
      out.binary = (value[0] & 0x80) != 0;
      out.exponent = value[0] & 0x7f;
    } else if (code == kOptionTsOffset && length == 8) {
      out.offset_seconds = static_cast<int64_t>(order_.U64(value.data()));
    }
    options = options.subspan(std::min(options.size(), 4 + (length + 3) / 4 * 4));
  }
  return absl::OkStatus();
}

absl::Status PcapngReader::AddInterface(Block& block) {
  if (interfaces_.size() == kMostInterfaces) {
    return Bad(block, absl::StrCat("more than ", kMostInterfaces, " interfaces"));
  }
  SPATE_ASSIGN_OR_RETURN(const auto fixed, Take(block, 8));
  Interface interface;
  interface.link = LinkTypeOf(order_.U16(fixed.data()));
  interface.snap_bytes = order_.U32(fixed.data() + 4);
  const auto take = static_cast<uint32_t>(std::min<size_t>(block.left, kMostOptionBytes));
  SPATE_ASSIGN_OR_RETURN(const auto options, Take(block, take));
  SPATE_RETURN_IF_ERROR(ReadOptions(block, options, interface));
  interfaces_.push_back(interface);
  return EndBlock(block);
}

absl::StatusOr<const Interface*> PcapngReader::FindInterface(const Block& block, uint32_t id) {
  if (id < interfaces_.size()) return &interfaces_[id];
  return Bad(block, absl::StrCat("names interface ", id, " of ", interfaces_.size()));
}

absl::Status PcapngReader::TakeData(Block& block, uint32_t bytes, Packet& packet) {
  if (bytes > kMaxPacketBytes) {
    return Bad(block, absl::StrCat("a packet of ", bytes, " bytes; at most ", kMaxPacketBytes));
  }
  SPATE_ASSIGN_OR_RETURN(packet.data, Take(block, bytes));
  return absl::OkStatus();
}

// An enhanced packet, or the obsolete kind, whose interface number is 16 bits before a drop count.
absl::StatusOr<Packet> PcapngReader::ReadPacket(Block& block) {
  SPATE_ASSIGN_OR_RETURN(const auto fixed, Take(block, 20));
  const uint8_t* at = fixed.data();
  const uint32_t id = block.type == kPacketBlock ? order_.U16(at) : order_.U32(at);
  SPATE_ASSIGN_OR_RETURN(const Interface* interface, FindInterface(block, id));
  const uint64_t ticks = uint64_t{order_.U32(at + 4)} << 32 | order_.U32(at + 8);
  const std::optional<int64_t> time = ToNanos(*interface, ticks);
  if (!time) return Bad(block, "a time stamp that does not fit 64 bits of nanoseconds");
  Packet packet;
  packet.time_ns = *time;
  packet.link = interface->link;
  packet.original_bytes = order_.U32(at + 16);
  SPATE_RETURN_IF_ERROR(TakeData(block, order_.U32(at + 12), packet));
  return packet;
}

// A simple packet: of the first interface, cut to its snap length, without time.
absl::StatusOr<Packet> PcapngReader::ReadSimplePacket(Block& block) {
  SPATE_ASSIGN_OR_RETURN(const auto fixed, Take(block, 4));
  SPATE_ASSIGN_OR_RETURN(const Interface* interface, FindInterface(block, 0));
  Packet packet;
  packet.link = interface->link;
  packet.original_bytes = order_.U32(fixed.data());
  uint32_t bytes = packet.original_bytes;
  if (interface->snap_bytes != 0) bytes = std::min(bytes, interface->snap_bytes);
  SPATE_RETURN_IF_ERROR(TakeData(block, bytes, packet));
  return packet;
}

absl::StatusOr<std::optional<Packet>> PcapngReader::Next() {
  if (open_) SPATE_RETURN_IF_ERROR(EndBlock(*std::exchange(open_, std::nullopt)));
  while (true) {
    SPATE_ASSIGN_OR_RETURN(std::optional<Block> block, NextBlock());
    if (!block) return std::nullopt;
    if (block->type == kInterfaceBlock) {
      SPATE_RETURN_IF_ERROR(AddInterface(*block));
    } else if (HoldsPacket(block->type)) {
      const bool simple = block->type == kSimplePacketBlock;
      SPATE_ASSIGN_OR_RETURN(Packet packet, simple ? ReadSimplePacket(*block) : ReadPacket(*block));
      open_ = block;
      return packet;
    } else {
      SPATE_RETURN_IF_ERROR(EndBlock(*block));
    }
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Reader>> OpenPcapng(std::unique_ptr<ByteSource> source) {
  auto reader = std::make_unique<PcapngReader>(std::move(source));
  SPATE_RETURN_IF_ERROR(reader->BeginSection());
  return reader;
}

}  // namespace spate::capture
