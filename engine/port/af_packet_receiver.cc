#include "engine/port/af_packet_receiver.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "engine/port/rights.h"

namespace spate::engine {
namespace {

constexpr unsigned kBlockBytes = 1 << 20;
constexpr unsigned kBlocks = 64;        // 64 MiB: half a second at 1 Gb/s of small frames
constexpr unsigned kRetireMillis = 10;  // longest that a frame waits in a block that is not full

// Looks at the interface when nothing has come for this many polls.
constexpr uint32_t kEmptyPollsPerCheck = 1 << 16;

class AfPacketReceiver final : public RxQueue {
 public:
  explicit AfPacketReceiver(Interface interface) : interface_(std::move(interface)) {}
  AfPacketReceiver(const AfPacketReceiver&) = delete;
  AfPacketReceiver& operator=(const AfPacketReceiver&) = delete;
  ~AfPacketReceiver() override {
    if (ring_ != nullptr) munmap(ring_, size_t{kBlockBytes} * kBlocks);
    if (socket_ >= 0) close(socket_);
  }

  absl::Status Open();
  uint16_t Receive(RxBurst& burst) override;
  uint64_t missed() override;

 private:
  absl::Status Fault(absl::string_view what) const;
  absl::Status Bind();
  tpacket_block_desc* Block() const {
    return reinterpret_cast<tpacket_block_desc*>(ring_ + size_t{block_} * kBlockBytes);
  }
  bool EnterBlock();
  void LeaveBlock();
  void CheckInterface();

  const Interface interface_;
  int socket_ = -1;
  std::byte* ring_ = nullptr;
  unsigned block_ = 0;
  uint32_t left_ = 0;        // frames of the block that were not taken
  bool inside_ = false;      // the block is ours
  std::byte* at_ = nullptr;  // the next frame's header
  uint32_t empty_ = 0;
  uint64_t missed_ = 0;
};

absl::Status AfPacketReceiver::Fault(absl::string_view what) const {
  if (errno == EPERM || errno == EACCES) {
    return absl::PermissionDeniedError(
        absl::StrCat("port ", interface_.name,
                     ": no right to receive from interfaces (CAP_NET_RAW); run as root or: ",
                     GrantCommand(Right::kNetRaw)));
  }
  return absl::ErrnoToStatus(errno, absl::StrCat("port ", interface_.name, ": ", what));
}

absl::Status AfPacketReceiver::Open() {
  // Protocol 0 until the ring is there: what comes before would not be counted.
  socket_ = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (socket_ < 0) return Fault("packet socket");
  const int version = TPACKET_V3, on = 1;
  setsockopt(socket_, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on);
  tpacket_req3 request{};
  request.tp_block_size = kBlockBytes;
  request.tp_block_nr = kBlocks;
  request.tp_frame_size = TPACKET_ALIGNMENT << 7;
  request.tp_frame_nr = kBlockBytes / request.tp_frame_size * kBlocks;
  request.tp_retire_blk_tov = kRetireMillis;
  if (setsockopt(socket_, SOL_PACKET, PACKET_VERSION, &version, sizeof version) != 0 ||
      setsockopt(socket_, SOL_PACKET, PACKET_RX_RING, &request, sizeof request) != 0) {
    return Fault("receive ring");
  }
  void* const memory = mmap(nullptr, size_t{kBlockBytes} * kBlocks, PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_POPULATE, socket_, 0);
  if (memory == MAP_FAILED) return Fault("receive ring");
  ring_ = static_cast<std::byte*>(memory);
  return Bind();
}

absl::Status AfPacketReceiver::Bind() {
  // Frames for other hosts count too.
  packet_mreq all{};
  all.mr_ifindex = interface_.index;
  all.mr_type = PACKET_MR_PROMISC;
  setsockopt(socket_, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all);
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = interface_.index;
  if (bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return Fault("bind");
  }
  return absl::OkStatus();
}

// The kernel hands over whole blocks, in turn.
bool AfPacketReceiver::EnterBlock() {
  tpacket_block_desc* const block = Block();
  const uint32_t status =
      std::atomic_ref(block->hdr.bh1.block_status).load(std::memory_order_acquire);
  if ((status & TP_STATUS_USER) == 0) return false;
  inside_ = true;
  left_ = block->hdr.bh1.num_pkts;
  at_ = reinterpret_cast<std::byte*>(block) + block->hdr.bh1.offset_to_first_pkt;
  return true;
}

void AfPacketReceiver::LeaveBlock() {
  std::atomic_ref(Block()->hdr.bh1.block_status).store(TP_STATUS_KERNEL, std::memory_order_release);
  inside_ = false;
  block_ = block_ + 1 == kBlocks ? 0 : block_ + 1;
}

uint16_t AfPacketReceiver::Receive(RxBurst& burst) {
  // Frames of the last call lie in their block until now.
  if (inside_ && left_ == 0) LeaveBlock();
  if (!inside_ && !EnterBlock()) {
    if (++empty_ % kEmptyPollsPerCheck == 0) CheckInterface();
    return 0;
  }
  uint16_t count = 0;
  for (; count < kBurst && left_ > 0; ++count, --left_) {
    const auto* const header = reinterpret_cast<const tpacket3_hdr*>(at_);
    // The kernel takes the tag out of the frame.
    const bool tagged = (header->tp_status & TP_STATUS_VLAN_VALID) != 0;
    burst.data[count] = reinterpret_cast<const uint8_t*>(at_ + header->tp_mac);
    burst.length[count] = header->tp_len + (tagged ? kVlanBytes : 0);
    at_ += header->tp_next_offset;
  }
  return count;
}

// The kernel starts again from 0 after each answer.
uint64_t AfPacketReceiver::missed() {
  tpacket_stats_v3 stats{};
  socklen_t size = sizeof stats;
  if (getsockopt(socket_, SOL_PACKET, PACKET_STATISTICS, &stats, &size) == 0) {
    missed_ += stats.tp_drops;
  }
  return missed_;
}

void AfPacketReceiver::CheckInterface() {
  const absl::StatusOr<Interface> now = ReadInterface(interface_.name);
  if (now.ok() && now->index == interface_.index) return;
  status_ =
      absl::UnavailableError(absl::StrCat("port ", interface_.name, ": the interface went away"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<RxQueue>> OpenAfPacketReceiver(const Interface& interface) {
  auto receiver = std::make_unique<AfPacketReceiver>(interface);
  SPATE_RETURN_IF_ERROR(receiver->Open());
  return receiver;
}

}  // namespace spate::engine
