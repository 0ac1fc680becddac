#include "engine/port/af_packet_port.h"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "engine/port/af_packet_receiver.h"
#include "engine/port/frame_slots.h"
#include "engine/port/interface.h"
#include "engine/port/rights.h"

namespace spate::engine {
namespace {

constexpr uint32_t kComposedFrames = 4 * kBurst;
constexpr uint32_t kSentFrames = 1024;  // that may be under way, at least: a NIC's transmit ring
constexpr uint32_t kSentBlockBytes = 64 << 10, kSentPageBytes = 4 << 10;  // of a ring: whole pages

// The kernel counts frames against the socket until the device has sent them.
constexpr int kSocketBytes = 8 << 20;

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&&) = delete;
  ~Socket() {
    if (fd_ >= 0) close(fd_);
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

absl::Status SocketError(const std::string& name, int error) {
  if (error == EPERM || error == EACCES) {
    return absl::PermissionDeniedError(absl::StrCat(
        "port ", name, ": no right to send on interfaces (CAP_NET_RAW); run as root or: ",
        GrantCommand(Right::kNetRaw)));
  }
  return absl::ErrnoToStatus(error, absl::StrCat("port ", name, ": packet socket"));
}

// What stands before each frame when a socket has PACKET_VNET_HDR: virtio_net_hdr of
// <linux/virtio_net.h>, which is no C++.
struct OffloadHeader {
  uint8_t flags = 0, kind = 0;
  uint16_t header_bytes = 0;  // that the kernel copies into its packet
  uint16_t segment_bytes = 0;
  uint16_t checksum_start = 0, checksum_offset = 0;
};
static_assert(sizeof(OffloadHeader) == 10);

// Frames on their way to the driver (packet(7): PACKET_TX_RING), which the kernel reads one after
// the other. It would copy their Ethernet headers only and hang our pages to its packets for the
// rest, which costs more than a copy of any frame and lets us write to what a receiver still has to
// read. So all of a frame is declared to be header (docs/performance.md).
class TransmitRing {
 public:
  TransmitRing() = default;
  TransmitRing(const TransmitRing&) = delete;
  TransmitRing& operator=(const TransmitRing&) = delete;
  ~TransmitRing() {
    if (memory_ != MAP_FAILED) munmap(memory_, bytes_);
  }

  // Returns an errno.
  int Create(int socket, uint32_t max_frame);

  // Appends a frame; false: there is no room now.
  bool Put(const uint8_t* data, uint16_t length);

  // Of the `count` frames that were put last the kernel has refused some, the last ones: takes
  // them back. Returns how many it has taken.
  uint16_t Settle(uint16_t count);

 private:
  static constexpr uint32_t kHeaderAt = TPACKET2_HDRLEN - sizeof(sockaddr_ll);
  static constexpr uint32_t kFrameAt = kHeaderAt + sizeof(OffloadHeader);

  static tpacket2_hdr& Header(uint8_t* slot) { return *reinterpret_cast<tpacket2_hdr*>(slot); }
  static std::atomic_ref<uint32_t> Status(uint8_t* slot) {
    return std::atomic_ref<uint32_t>(Header(slot).tp_status);
  }

  void* memory_ = MAP_FAILED;
  size_t bytes_ = 0;
  std::vector<uint8_t*> slots_;
  size_t at_ = 0;  // the next one
};

int TransmitRing::Create(int socket, uint32_t max_frame) {
  const auto slot_bytes = static_cast<uint32_t>(OddLines(kFrameAt + max_frame));
  tpacket_req request{};
  request.tp_frame_size = slot_bytes;
  request.tp_block_size = std::max(
      kSentBlockBytes, (slot_bytes + kSentPageBytes - 1) / kSentPageBytes * kSentPageBytes);
  const uint32_t slots_a_block = request.tp_block_size / slot_bytes;
  request.tp_block_nr = (kSentFrames + slots_a_block - 1) / slots_a_block;
  request.tp_frame_nr = slots_a_block * request.tp_block_nr;
  const int version = TPACKET_V2, on = 1;
  if (setsockopt(socket, SOL_PACKET, PACKET_VERSION, &version, sizeof version) != 0 ||
      setsockopt(socket, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on) != 0 ||
      setsockopt(socket, SOL_PACKET, PACKET_TX_RING, &request, sizeof request) != 0) {
    return errno;
  }
  bytes_ = size_t{request.tp_block_size} * request.tp_block_nr;
  memory_ = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, socket, 0);
  if (memory_ == MAP_FAILED) return errno;
  slots_.reserve(request.tp_frame_nr);
  for (uint32_t i = 0; i < request.tp_frame_nr; ++i) {
    slots_.push_back(static_cast<uint8_t*>(memory_) +
                     size_t{i / slots_a_block} * request.tp_block_size +
                     size_t{i % slots_a_block} * slot_bytes);
  }
  return 0;
}

bool TransmitRing::Put(const uint8_t* data, uint16_t length) {
  uint8_t* const slot = slots_[at_];
  if (Status(slot).load(std::memory_order_acquire) != TP_STATUS_AVAILABLE) return false;
  Header(slot).tp_len = sizeof(OffloadHeader) + length;
  const OffloadHeader whole{.header_bytes = length};
  std::memcpy(slot + kHeaderAt, &whole, sizeof whole);
  std::memcpy(slot + kFrameAt, data, length);
  Status(slot).store(TP_STATUS_SEND_REQUEST, std::memory_order_release);
  at_ = at_ + 1 == slots_.size() ? 0 : at_ + 1;
  return true;
}

// The kernel goes on at the first that it refused, and so do we.
uint16_t TransmitRing::Settle(uint16_t count) {
  for (; count > 0; --count) {
    const size_t last = (at_ == 0 ? slots_.size() : at_) - 1;
    const uint32_t status = Status(slots_[last]).load(std::memory_order_acquire);
    if (status != TP_STATUS_SEND_REQUEST && status != TP_STATUS_WRONG_FORMAT) break;
    Status(slots_[last]).store(TP_STATUS_AVAILABLE, std::memory_order_relaxed);
    at_ = last;
  }
  return count;
}

absl::StatusOr<Socket> OpenSocket(const Interface& interface) {
  // Protocol 0: nothing is received.
  Socket opened(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
  if (opened.fd() < 0) return SocketError(interface.name, errno);
  const int on = 1;
  if (setsockopt(opened.fd(), SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)) != 0) {
    return SocketError(interface.name, errno);
  }
  // Beyond the system's limit with CAP_NET_ADMIN, else as much as it allows: only slower.
  if (setsockopt(opened.fd(), SOL_SOCKET, SO_SNDBUFFORCE, &kSocketBytes, sizeof(int)) != 0) {
    setsockopt(opened.fd(), SOL_SOCKET, SO_SNDBUF, &kSocketBytes, sizeof(int));
  }
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_ifindex = interface.index;
  if (bind(opened.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return SocketError(interface.name, errno);
  }
  return opened;
}

class AfPacketQueue final : public TxQueue {
 public:
  AfPacketQueue(const Interface& interface, Socket socket, uint32_t max_frame)
      : interface_(interface), socket_(std::move(socket)), slots_(kComposedFrames, max_frame) {}

  absl::Status Open(uint32_t max_frame) {
    const int error = ring_.Create(socket_.fd(), max_frame);
    return error == 0 ? absl::OkStatus() : SocketError(interface_.name, error);
  }
  bool Acquire(Burst& burst, uint16_t begin, uint16_t end) override {
    return slots_.Acquire(burst, begin, end);
  }
  uint16_t Send(Burst& burst, uint16_t begin, uint16_t end) override;
  void Release(Burst& burst, uint16_t begin, uint16_t end) override {
    slots_.Release(burst, begin, end);
  }
  absl::Status Finish() override;

 private:
  bool Carries(const uint8_t* frame, uint16_t length) const;
  // What an errno of a frame that was not taken means: busy (OK) or dead.
  absl::Status Refused(int error, uint16_t length);

  const Interface interface_;
  const Socket socket_;
  FrameSlots slots_;
  TransmitRing ring_;
  uint32_t refusals_ = 0;
};

// With an offload header before it the kernel does not compare a frame with the MTU.
bool AfPacketQueue::Carries(const uint8_t* frame, uint16_t length) const {
  const uint32_t most = interface_.mtu + ETH_HLEN;
  if (length <= most) return true;
  constexpr size_t kTypeAt = size_t{2} * ETH_ALEN;
  const bool tagged = frame[kTypeAt] == ETH_P_8021Q >> 8 && frame[kTypeAt + 1] == 0;
  return tagged && length <= most + kVlanBytes;
}

uint16_t AfPacketQueue::Send(Burst& burst, uint16_t begin, uint16_t end) {
  if (!Carries(burst.data[begin], burst.length[begin])) [[unlikely]] {
    status_ = Refused(EMSGSIZE, burst.length[begin]);
    return 0;
  }
  uint16_t put = begin;
  while (put < end && Carries(burst.data[put], burst.length[put]) &&
         ring_.Put(burst.data[put], burst.length[put])) {
    ++put;
  }
  // A frame is taken once the driver took it: the kernel stops at the first that it refuses, and
  // tells why when that frame comes first.
  const ssize_t result = put == begin ? 0 : send(socket_.fd(), nullptr, 0, MSG_DONTWAIT);
  const int error = result < 0 ? errno : EAGAIN;
  const uint16_t sent = ring_.Settle(static_cast<uint16_t>(put - begin));
  if (sent == 0) status_ = Refused(error, burst.length[begin]);
  slots_.Release(burst, begin, static_cast<uint16_t>(begin + sent));
  return sent;
}

absl::Status AfPacketQueue::Refused(int error, uint16_t length) {
  switch (error) {
    case EAGAIN:
    case ENOBUFS:
      // Full: of our frames in flight, or of the device's.
      if (++refusals_ % kRefusalsPerCheck != 0) return absl::OkStatus();
      [[fallthrough]];
    case ENETDOWN: {
      const absl::StatusOr<Interface> now = ReadInterface(interface_.name);
      if (now.ok()) return CheckCarrier(interface_.name, *now);
      [[fallthrough]];
    }
    case ENXIO:
    case ENODEV:
      return absl::UnavailableError(
          absl::StrCat("port ", interface_.name, ": the interface went away"));
    case EINTR:
      return absl::OkStatus();
    case EMSGSIZE:
      return absl::InvalidArgumentError(
          absl::StrCat("port ", interface_.name, ": a frame of ", length,
                       " bytes (without FCS) does not fit its MTU of ", interface_.mtu));
    default:
      return absl::ErrnoToStatus(error, absl::StrCat("port ", interface_.name, ": send"));
  }
}

absl::Status AfPacketQueue::Finish() {
  const auto deadline = std::chrono::steady_clock::now() + kDrainTime;
  int in_flight = 0;
  while (ioctl(socket_.fd(), SIOCOUTQ, &in_flight) == 0 && in_flight > 0 &&
         std::chrono::steady_clock::now() < deadline) {
  }
  return status_;
}

class AfPacketPort final : public Port {
 public:
  explicit AfPacketPort(Interface interface) : interface_(std::move(interface)) {}

  std::string_view name() const override { return interface_.name; }
  std::string_view kind() const override { return "af_packet"; }
  uint32_t max_frame() const override { return interface_.mtu + ETH_HLEN + kVlanBytes; }
  uint64_t speed_bps() const override { return interface_.speed_bps; }
  int numa_node() const override { return interface_.node; }
  absl::StatusOr<std::unique_ptr<RxQueue>> OpenReceiver() override {
    return OpenAfPacketReceiver(interface_);
  }
  absl::Status Start(uint32_t) override { return absl::OkStatus(); }
  absl::StatusOr<std::unique_ptr<TxQueue>> OpenQueue(uint32_t, uint32_t max_frame) override {
    SPATE_ASSIGN_OR_RETURN(Socket socket, OpenSocket(interface_));
    auto opened = std::make_unique<AfPacketQueue>(interface_, std::move(socket), max_frame);
    SPATE_RETURN_IF_ERROR(opened->Open(max_frame));
    return opened;
  }
  absl::Status Close(bool) override { return absl::OkStatus(); }

 private:
  const Interface interface_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Port>> OpenAfPacketPort(const std::string& name,
                                                       const PortOptions& options) {
  SPATE_ASSIGN_OR_RETURN(Interface interface, FindInterface(name, name));
  SPATE_RETURN_IF_ERROR(OpenSocket(interface).status());
  SPATE_RETURN_IF_ERROR(CheckCarrier(name, interface));
  return std::make_unique<AfPacketPort>(std::move(interface));
}

void SurveyInterfaces(SystemAdvice& advice) {
  const bool allowed = HasRight(Right::kNetRaw);
  for (const std::string& name : InterfaceNames()) {
    const absl::StatusOr<Interface> interface = ReadInterface(name);
    if (!interface.ok()) continue;  // went away meanwhile
    PortAdvice line{.name = name, .kind = "af_packet", .state = StateOf(*interface), .mend = ""};
    line.node = interface->node;
    line.usable = allowed && interface->running && interface->ethernet;
    if (!interface->up) line.mend = absl::StrCat("ip link set ", name, " up");
    if (!allowed) line.mend = GrantCommand(Right::kNetRaw);
    advice.ports.push_back(std::move(line));
  }
}

}  // namespace spate::engine
