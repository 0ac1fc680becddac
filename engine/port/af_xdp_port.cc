#include "engine/port/af_xdp_port.h"

#include <linux/if_ether.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <xdp/xsk.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "engine/port/af_packet_receiver.h"
#include "engine/port/interface.h"
#include "engine/port/rights.h"

namespace spate::engine {
namespace {

constexpr std::string_view kPrefix = "xdp:";

constexpr uint32_t kRing = 1024;                            // frames that the kernel may hold
constexpr uint32_t kFrames = kRing + 4 * kBurst;            // and some to fill meanwhile
constexpr uint32_t kCompletions = 2 * kRing;                // a power of two above kFrames
constexpr uint32_t kSmallFrame = 2048, kLargeFrame = 4096;  // what a frame's room may be

// Frames and the rings by which they go to the kernel and come back.
class Umem {
 public:
  Umem() = default;
  Umem(const Umem&) = delete;
  Umem& operator=(const Umem&) = delete;
  ~Umem() {
    if (umem_ != nullptr) xsk_umem__delete(umem_);
    if (memory_ != MAP_FAILED) munmap(memory_, bytes_);
  }

  // Returns an errno.
  int Create(uint32_t frame_bytes) {
    bytes_ = size_t{frame_bytes} * kFrames;
    memory_ = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory_ == MAP_FAILED) return errno;
    const xsk_umem_config config{.fill_size = kRing,
                                 .comp_size = kCompletions,
                                 .frame_size = frame_bytes,
                                 .frame_headroom = 0,
                                 .flags = 0};
    free_.reserve(kFrames);
    for (uint64_t i = kFrames; i-- > 0;) free_.push_back(i * frame_bytes);
    return -xsk_umem__create(&umem_, memory_, bytes_, &fill_, &completed_, &config);
  }

  xsk_umem* get() const { return umem_; }
  uint8_t* data(uint64_t address) const { return static_cast<uint8_t*>(memory_) + address; }
  uint64_t address(const uint8_t* data) const {
    return static_cast<uint64_t>(data - static_cast<uint8_t*>(memory_));
  }

  bool Has(size_t frames) {
    if (free_.size() < frames) Reclaim();
    return free_.size() >= frames;
  }
  bool HasAll() { return Has(kFrames); }
  uint8_t* Take() {
    const uint64_t address = free_.back();
    free_.pop_back();
    return data(address);
  }
  void Give(const uint8_t* frame) { free_.push_back(address(frame)); }

 private:
  // Frames that have left come back.
  void Reclaim() {
    uint32_t at = 0;
    const uint32_t count = xsk_ring_cons__peek(&completed_, kCompletions, &at);
    for (uint32_t i = 0; i < count; ++i) {
      free_.push_back(*xsk_ring_cons__comp_addr(&completed_, at + i));
    }
    if (count > 0) xsk_ring_cons__release(&completed_, count);
  }

  void* memory_ = MAP_FAILED;
  size_t bytes_ = 0;
  xsk_umem* umem_ = nullptr;
  xsk_ring_prod fill_{};  // must be there, though nothing is received
  xsk_ring_cons completed_{};
  std::vector<uint64_t> free_;  // last in, first out: few frames stay in the CPU's cache
};

absl::Status NoSocket(const std::string& port, const std::string& interface, uint32_t queue,
                      int error) {
  switch (error) {
    case EPERM:
    case EACCES:
      return absl::PermissionDeniedError(
          absl::StrCat("port ", port, ": no right to open AF_XDP sockets (CAP_NET_RAW); run as ",
                       "root or: ", GrantCommand(Right::kNetRaw)));
    case EAFNOSUPPORT:
      return absl::UnimplementedError(
          absl::StrCat("port ", port, ": this kernel has no AF_XDP (CONFIG_XDP_SOCKETS); ",
                       interface, " alone names the interface for AF_PACKET"));
    case ENOBUFS:
    case ENOMEM:
      return absl::ResourceExhaustedError(
          absl::StrCat("port ", port, ": too little memory may be locked for frames; ",
                       "ulimit -l unlimited, or: ", GrantCommand(Right::kIpcLock)));
    case EBUSY:
      return absl::UnavailableError(absl::StrCat(
          "port ", port, ": another AF_XDP socket has queue ", queue, " of ", interface));
    case EINVAL:
      return absl::InvalidArgumentError(
          absl::StrCat("port ", port, ": ", interface, " has no queue ", queue,
                       " to send by; each emission lcore needs one (ethtool -l ", interface, ")"));
    default:
      return absl::ErrnoToStatus(error, absl::StrCat("port ", port, ": AF_XDP socket"));
  }
}

class XdpQueue final : public TxQueue {
 public:
  XdpQueue(std::string port, Interface interface)
      : port_(std::move(port)), interface_(std::move(interface)) {}
  XdpQueue(const XdpQueue&) = delete;
  XdpQueue& operator=(const XdpQueue&) = delete;
  ~XdpQueue() override {
    if (socket_ != nullptr) xsk_socket__delete(socket_);
  }

  absl::Status Open(uint32_t queue, uint32_t max_frame);
  bool Acquire(Burst& burst, uint16_t begin, uint16_t end) override;
  uint16_t Send(Burst& burst, uint16_t begin, uint16_t end) override;
  void Release(Burst& burst, uint16_t begin, uint16_t end) override;
  absl::Status Finish() override;

 private:
  // Makes the kernel send what is in the ring, unless the driver does by itself.
  void Wake();
  uint32_t InRing() const;
  absl::Status Refused(int error);

  const std::string port_;
  const Interface interface_;
  Umem umem_;
  xsk_ring_prod ring_{};
  xsk_socket* socket_ = nullptr;
  uint32_t refusals_ = 0;
};

absl::Status XdpQueue::Open(uint32_t queue, uint32_t max_frame) {
  const uint32_t room = max_frame <= kSmallFrame ? kSmallFrame : kLargeFrame;
  if (const int error = umem_.Create(room); error != 0) {
    return NoSocket(port_, interface_.name, queue, error);
  }
  // Without a receive ring and a program; the driver sends from our frames where it can.
  const xsk_socket_config config{.rx_size = 0,
                                 .tx_size = kRing,
                                 .libxdp_flags = XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD,
                                 .xdp_flags = 0,
                                 .bind_flags = XDP_USE_NEED_WAKEUP};
  const int error = xsk_socket__create(&socket_, interface_.name.c_str(), queue, umem_.get(),
                                       nullptr, &ring_, &config);
  return error == 0 ? absl::OkStatus() : NoSocket(port_, interface_.name, queue, -error);
}

bool XdpQueue::Acquire(Burst& burst, uint16_t begin, uint16_t end) {
  if (!umem_.Has(static_cast<size_t>(end - begin))) {
    Wake();
    return false;
  }
  for (uint16_t i = begin; i < end; ++i) burst.handle[i] = burst.data[i] = umem_.Take();
  return true;
}

void XdpQueue::Release(Burst& burst, uint16_t begin, uint16_t end) {
  for (uint16_t i = end; i-- > begin;) umem_.Give(burst.data[i]);
}

uint16_t XdpQueue::Send(Burst& burst, uint16_t begin, uint16_t end) {
  const auto wanted = static_cast<uint32_t>(end - begin);
  const uint32_t count = std::min(wanted, xsk_prod_nb_free(&ring_, wanted));
  uint32_t at = 0;
  xsk_ring_prod__reserve(&ring_, count, &at);
  for (uint32_t i = 0; i < count; ++i) {
    *xsk_ring_prod__tx_desc(&ring_, at + i) = {
        .addr = umem_.address(burst.data[begin + i]), .len = burst.length[begin + i], .options = 0};
  }
  xsk_ring_prod__submit(&ring_, count);
  Wake();
  return static_cast<uint16_t>(count);
}

// Frames that the kernel has not looked at yet.
uint32_t XdpQueue::InRing() const {
  return *ring_.producer - __atomic_load_n(ring_.consumer, __ATOMIC_ACQUIRE);
}

void XdpQueue::Wake() {
  if (!xsk_ring_prod__needs_wakeup(&ring_)) return;
  // Where the kernel copies, a call sends some and wants to be called again.
  for (uint32_t left = InRing(), before = left + 1; left > 0 && left < before; left = InRing()) {
    before = left;
    if (sendto(xsk_socket__fd(socket_), nullptr, 0, MSG_DONTWAIT, nullptr, 0) < 0 &&
        errno != EAGAIN) {
      status_.Update(Refused(errno));
      return;
    }
  }
}

// What an errno of sending means: busy (OK) or dead.
absl::Status XdpQueue::Refused(int error) {
  const bool busy = error == EBUSY || error == ENOBUFS || error == EINTR;
  if (busy && ++refusals_ % kRefusalsPerCheck != 0) return absl::OkStatus();
  const absl::StatusOr<Interface> now = ReadInterface(interface_.name);
  if (!now.ok() || now->index != interface_.index) {
    return absl::UnavailableError(absl::StrCat("port ", port_, ": the interface went away"));
  }
  SPATE_RETURN_IF_ERROR(CheckCarrier(port_, *now));
  return busy ? absl::OkStatus()
              : absl::ErrnoToStatus(error, absl::StrCat("port ", port_, ": send"));
}

absl::Status XdpQueue::Finish() {
  const auto deadline = std::chrono::steady_clock::now() + kDrainTime;
  while (status_.ok() && !umem_.HasAll()) {
    Wake();
    if (std::chrono::steady_clock::now() < deadline) continue;
    status_ = absl::UnavailableError(
        absl::StrCat("port ", port_, ": frames that the driver took did not leave within ",
                     kDrainTime.count(), " s"));
  }
  return status_;
}

class XdpPort final : public Port {
 public:
  XdpPort(std::string name, Interface interface)
      : name_(std::move(name)), interface_(std::move(interface)) {}

  std::string_view name() const override { return name_; }
  std::string_view kind() const override { return "af_xdp"; }
  uint32_t max_frame() const override {
    return std::min(interface_.mtu + ETH_HLEN + kVlanBytes, kLargeFrame);
  }
  uint64_t speed_bps() const override { return interface_.speed_bps; }
  int numa_node() const override { return interface_.node; }
  // Beside us the interface receives as always, so what arrives is counted as on any interface.
  absl::StatusOr<std::unique_ptr<RxQueue>> OpenReceiver() override {
    return OpenAfPacketReceiver(interface_);
  }
  absl::Status Start(uint32_t) override { return absl::OkStatus(); }
  absl::StatusOr<std::unique_ptr<TxQueue>> OpenQueue(uint32_t queue, uint32_t max_frame) override {
    auto opened = std::make_unique<XdpQueue>(name_, interface_);
    SPATE_RETURN_IF_ERROR(opened->Open(queue, max_frame));
    return opened;
  }
  absl::Status Close(bool) override { return absl::OkStatus(); }

 private:
  const std::string name_;
  const Interface interface_;
};

// The errno of opening a socket; 0: it can be opened.
int SocketFault() {
  const int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno;
  close(fd);
  return 0;
}

}  // namespace

bool IsXdpPort(std::string_view name) { return name.starts_with(kPrefix); }

absl::StatusOr<std::unique_ptr<Port>> OpenXdpPort(const std::string& name,
                                                  const PortOptions& options) {
  const std::string interface_name = name.substr(kPrefix.size());
  SPATE_ASSIGN_OR_RETURN(Interface interface, FindInterface(name, interface_name));
  if (const int error = SocketFault(); error != 0) {
    return NoSocket(name, interface_name, 0, error);
  }
  SPATE_RETURN_IF_ERROR(CheckCarrier(name, interface));
  return std::make_unique<XdpPort>(name, std::move(interface));
}

void SurveyXdp(SystemAdvice& advice) {
  const int fault = SocketFault();
  PortAdvice line{.name = "xdp:NAME",
                  .kind = "af_xdp",
                  .usable = fault == 0,
                  .state =
                      "an interface by an AF_XDP socket: a call per burst, no copy where its "
                      "driver can",
                  .mend = ""};
  if (fault == EAFNOSUPPORT) line.state = "this kernel has no AF_XDP (CONFIG_XDP_SOCKETS)";
  if (fault == EPERM) line.mend = GrantCommand(Right::kNetRaw);
  advice.ports.push_back(std::move(line));
}

}  // namespace spate::engine
