// What a packet socket carries when a program does nothing else: one 60-byte frame, again and
// again, by one of the ways there are. `bench/compare --only ways` runs them over a veth pair.
//
//   packet_socket INTERFACE send|sendmmsg|ring|whole
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string_view>

namespace {

constexpr unsigned kBatch = 64;

// UDP from 198.18.0.1 to 198.19.0.1, port 9.
constexpr std::array<uint8_t, 60> kFrame = {
    2, 0, 0,  0,  0,    2,    2,   0,  0, 0, 0,   1,  8, 0, 0x45, 0, 0, 46, 0, 0,
    0, 0, 64, 17, 0xee, 0x97, 198, 18, 0, 1, 198, 19, 0, 1, 4,    0, 0, 9,  0, 26};

class Sender {
 public:
  bool Open(const char* interface, std::string_view way);
  // Never returns.
  [[noreturn]] void Run();

 private:
  static constexpr unsigned kSlot = 256, kSlots = 1024, kBlock = 64 << 10;
  static constexpr unsigned kDataAt = TPACKET2_HDRLEN - sizeof(sockaddr_ll);
  static constexpr unsigned kOffload = 10;  // virtio_net_hdr

  bool MakeRing();
  void SendBatch();
  void SendRing();

  std::string_view way_;
  int socket_ = -1;
  uint8_t* ring_ = nullptr;
  unsigned at_ = 0;
  std::array<uint8_t, kFrame.size()> frame_ = kFrame;
  iovec part_{.iov_base = frame_.data(), .iov_len = frame_.size()};
  std::array<mmsghdr, kBatch> messages_{};
};

bool Sender::Open(const char* interface, std::string_view way) {
  way_ = way;
  socket_ = socket(AF_PACKET, SOCK_RAW, 0);
  const int on = 1, bytes = 8 << 20;
  if (socket_ < 0 || setsockopt(socket_, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on) != 0) {
    return false;
  }
  setsockopt(socket_, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes);
  for (mmsghdr& message : messages_) {
    message.msg_hdr.msg_iov = &part_;
    message.msg_hdr.msg_iovlen = 1;
  }
  if ((way == "ring" || way == "whole") && !MakeRing()) return false;
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_ifindex = static_cast<int>(if_nametoindex(interface));
  return bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

// Frames of "whole" have a virtio header before them that declares all of them header.
bool Sender::MakeRing() {
  const int version = TPACKET_V2, on = 1;
  const tpacket_req request{.tp_block_size = kBlock,
                            .tp_block_nr = kSlots * kSlot / kBlock,
                            .tp_frame_size = kSlot,
                            .tp_frame_nr = kSlots};
  const bool whole = way_ == "whole";
  if (setsockopt(socket_, SOL_PACKET, PACKET_VERSION, &version, sizeof version) != 0 ||
      (whole && setsockopt(socket_, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on) != 0) ||
      setsockopt(socket_, SOL_PACKET, PACKET_TX_RING, &request, sizeof request) != 0) {
    return false;
  }
  void* const memory =
      mmap(nullptr, size_t{kSlots} * kSlot, PROT_READ | PROT_WRITE, MAP_SHARED, socket_, 0);
  if (memory == MAP_FAILED) return false;
  ring_ = static_cast<uint8_t*>(memory);
  for (unsigned i = 0; i < kSlots; ++i) {
    uint8_t* const slot = ring_ + size_t{i} * kSlot;
    const unsigned before = whole ? kOffload : 0;
    constexpr uint16_t kLength = kFrame.size();
    if (whole) std::memcpy(slot + kDataAt + 2, &kLength, sizeof kLength);
    std::memcpy(slot + kDataAt + before, kFrame.data(), kLength);
    reinterpret_cast<tpacket2_hdr*>(slot)->tp_len = before + kLength;
  }
  return true;
}

void Sender::SendRing() {
  for (unsigned i = 0; i < kBatch; ++i) {
    uint8_t* const slot = ring_ + size_t{(at_ + i) % kSlots} * kSlot;
    const std::atomic_ref<uint32_t> status(reinterpret_cast<tpacket2_hdr*>(slot)->tp_status);
    while (status.load(std::memory_order_acquire) != TP_STATUS_AVAILABLE) {
      send(socket_, nullptr, 0, MSG_DONTWAIT);
    }
    status.store(TP_STATUS_SEND_REQUEST, std::memory_order_release);
  }
  at_ = (at_ + kBatch) % kSlots;
  send(socket_, nullptr, 0, MSG_DONTWAIT);
}

void Sender::SendBatch() {
  if (ring_ != nullptr) return SendRing();
  if (way_ == "send") {
    send(socket_, frame_.data(), frame_.size(), 0);
  } else {
    sendmmsg(socket_, messages_.data(), kBatch, MSG_DONTWAIT);
  }
}

void Sender::Run() {
  for (;;) SendBatch();
}

}  // namespace

int main(int argc, char** argv) {
  Sender sender;
  if (argc != 3 || !sender.Open(argv[1], argv[2])) {
    std::perror("packet_socket INTERFACE send|sendmmsg|ring|whole");
    return 1;
  }
  sender.Run();
}
