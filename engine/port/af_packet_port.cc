#include "engine/port/af_packet_port.h"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "engine/port/af_packet_receiver.h"
#include "engine/port/frame_slots.h"
#include "engine/port/interface.h"
#include "engine/port/rights.h"

namespace spate::engine {
namespace {

constexpr uint32_t kAfPacketPortSlots = 4 * kBurst;

// The kernel counts frames against the socket until the device has sent them; room for a NIC's
// transmit ring.
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
      : interface_(interface), socket_(std::move(socket)), slots_(kAfPacketPortSlots, max_frame) {
    for (uint16_t i = 0; i < kBurst; ++i) {
      messages_[i].msg_hdr.msg_iov = &parts_[i];
      messages_[i].msg_hdr.msg_iovlen = 1;
    }
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
  // What an errno of a frame that was not taken means: busy (OK) or dead.
  absl::Status Refused(int error, uint16_t length);

  const Interface interface_;
  const Socket socket_;
  FrameSlots slots_;
  uint32_t refusals_ = 0;
  std::array<iovec, kBurst> parts_{};
  std::array<mmsghdr, kBurst> messages_{};
};

uint16_t AfPacketQueue::Send(Burst& burst, uint16_t begin, uint16_t end) {
  const auto count = static_cast<unsigned>(end - begin);
  for (unsigned i = 0; i < count; ++i) {
    parts_[i] = {.iov_base = burst.data[begin + i], .iov_len = burst.length[begin + i]};
  }
  // A frame is taken once the driver took it: the kernel stops at the first that it refuses, and
  // tells why when that frame comes first.
  const int sent = sendmmsg(socket_.fd(), messages_.data(), count, MSG_DONTWAIT);
  if (sent < 0) {
    status_ = Refused(errno, burst.length[begin]);
    return 0;
  }
  slots_.Release(burst, begin, static_cast<uint16_t>(begin + sent));
  return static_cast<uint16_t>(sent);
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
    return std::make_unique<AfPacketQueue>(interface_, std::move(socket), max_frame);
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
