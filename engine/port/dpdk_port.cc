#include "engine/port/dpdk_port.h"

#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>
#include <rte_mempool.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <csignal>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/status.h"
#include "engine/port/device_clock.h"
#include "engine/port/dpdk_device.h"
#include "engine/port/dpdk_names.h"
#include "engine/port/dpdk_queue.h"
#include "engine/port/dpdk_receiver.h"
#include "engine/port/eal.h"
#include "engine/port/frame_pool.h"
#include "engine/port/interface.h"
#include "engine/port/pci.h"

namespace spate::engine {
namespace {

// What the null port is: takes frames, frees them, copies and returns none.
constexpr char kNullArguments[] = "size=60,copy=0,no-rx=1";

// Ethernet header and one VLAN tag, which an MTU does not count.
constexpr uint32_t kLinkBytes = RTE_ETHER_HDR_LEN + RTE_VLAN_HLEN;

constexpr uint16_t kDescriptors = 512;  // where the driver has no wish
constexpr uint32_t kSpareFrames = 4 * kBurst;

constexpr uint32_t kReceiveFrames = 8191;  // of a receive queue: 2^n - 1 is what a mempool holds
constexpr uint32_t kReceiveBytes = 2048;   // of a frame, longer ones take several

// NICs take their time to negotiate, peers to start.
constexpr std::chrono::seconds kLinkTime(10);
constexpr std::chrono::seconds kPeerTime(60);
constexpr std::chrono::milliseconds kLinkPoll(50);

// A peer that has just joined may still empty its rings before it begins (virtio-user does), and
// what was sent last lies in memory that goes away with us: it is given this time to take it.
constexpr std::chrono::milliseconds kPeerGrace(200);

// Between the first two readings of a device's clock, by which its rate is known to 1e-5 or so.
constexpr std::chrono::milliseconds kClockStretch(100);

class DpdkPort final : public Port {
 public:
  DpdkPort(std::string name, std::string_view kind, const PortOptions& options,
           const DeviceName& what, DpdkDevice device)
      : name_(std::move(name)),
        kind_(kind),
        link_(options.link),
        peer_(what.peer),
        device_(std::move(device)),
        pairs_(static_cast<uint16_t>(what.queues)) {
    rte_eth_dev_info_get(id(), &info_);
    rte_eth_dev_get_mtu(id(), &mtu_);
    keeps_time_ =
        options.device_time && (info_.tx_offload_capa & RTE_ETH_TX_OFFLOAD_SEND_ON_TIMESTAMP) != 0;
  }
  ~DpdkPort() override { DpdkPort::Close(false).IgnoreError(); }

  std::string_view name() const override { return name_; }
  std::string_view kind() const override { return kind_; }
  packet::LinkType link() const override { return link_; }
  uint32_t max_frame() const override;
  uint64_t speed_bps() const override;
  // A frame that is under way twice has two times.
  bool keeps_frames() const override { return !keeps_time_; }
  bool keeps_time() const override { return keeps_time_; }
  void Tick() override;
  int numa_node() const override { return device_ ? rte_eth_dev_socket_id(id()) : -1; }
  absl::StatusOr<std::unique_ptr<RxQueue>> OpenReceiver() override;
  absl::Status Start(uint32_t queues) override;
  absl::StatusOr<std::unique_ptr<TxQueue>> OpenQueue(uint32_t queue, uint32_t max_frame) override;
  absl::Status Close(bool keep) override;

 private:
  uint16_t id() const { return device_->id(); }
  bool is_null() const { return kind_ == "null"; }
  absl::StatusOr<rte_mempool*> AddPool(uint32_t queue, uint32_t max_frame);
  absl::Status FitMtu(uint32_t max_frame);
  absl::Status CheckQueues(uint32_t queues) const;
  absl::Status SetUpReceiveQueue(uint16_t queue);
  absl::Status StartDevice();
  absl::Status StartClock();
  absl::Status AwaitLink();

  const std::string name_;
  const std::string_view kind_;
  const packet::LinkType link_;
  const bool peer_;               // the link is up once another process has joined
  bool joined_ = false;           // it has
  std::vector<FramePool> pools_;  // freed after the device, which may still hold frames of them
  std::optional<DpdkDevice> device_;
  rte_eth_dev_info info_{};
  uint16_t mtu_ = RTE_ETHER_MTU;
  uint16_t descriptors_ = kDescriptors;
  const uint16_t pairs_;  // queues of each direction that a peer counts on
  bool keeps_time_ = false;
  DeviceClock clock_;  // where it does
  DepartureField departure_;
  uint16_t receive_queues_ = 0;
  uint32_t queues_ = 0;  // that are sent by
  uint32_t opened_ = 0;
};

uint32_t DpdkPort::max_frame() const {
  if (is_null()) return 0;
  // Drivers that do not know their largest MTU report the largest there is.
  const bool known = info_.max_mtu != UINT16_MAX;
  return std::max<uint32_t>(known ? info_.max_mtu : 0, mtu_) + kLinkBytes;
}

uint64_t DpdkPort::speed_bps() const {
  rte_eth_link link{};
  // The speed that net_null reports is nobody's.
  if (is_null() || !device_ || rte_eth_link_get_nowait(id(), &link) != 0) return 0;
  if (link.link_speed == RTE_ETH_SPEED_NUM_UNKNOWN) return 0;
  return link.link_speed * uint64_t{1'000'000};
}

absl::StatusOr<std::unique_ptr<RxQueue>> DpdkPort::OpenReceiver() {
  if (is_null()) return Port::OpenReceiver();
  receive_queues_ = pairs_;
  return std::make_unique<DpdkReceiver>(name_, id(), pairs_, peer_);
}

absl::Status DpdkPort::CheckQueues(uint32_t queues) const {
  const uint32_t most = peer_ ? pairs_ : info_.max_tx_queues;
  if (queues <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "port ", name_, ": ", queues,
      " emission lcores need as many transmit queues, the device has ", most,
      peer_ ? absl::StrCat("; name ", name_, ",queues=", queues, " on both sides") : ""));
}

// One receive queue unless a peer counts on more; RSS stays off, so it gets all. Between peers
// there is always one, for they agree on queues in both directions.
absl::Status DpdkPort::Start(uint32_t queues) {
  SPATE_RETURN_IF_ERROR(CheckQueues(queues));
  if (peer_) receive_queues_ = pairs_;
  const auto transmit = static_cast<uint16_t>(peer_ ? pairs_ : queues);
  rte_eth_conf conf{};
  if (keeps_time_) {
    conf.txmode.offloads = RTE_ETH_TX_OFFLOAD_SEND_ON_TIMESTAMP;
    departure_.clock = &clock_;
    if (rte_mbuf_dyn_tx_timestamp_register(&departure_.offset, &departure_.flag) != 0) {
      return DpdkError(name_, "no room for departure times", rte_errno);
    }
  }
  const int error = rte_eth_dev_configure(id(), receive_queues_, transmit, &conf);
  if (error != 0) return DpdkError(name_, "the device cannot be configured", error);
  if (info_.default_txportconf.ring_size != 0) descriptors_ = info_.default_txportconf.ring_size;
  uint16_t receive = kDescriptors;
  rte_eth_dev_adjust_nb_rx_tx_desc(id(), &receive, &descriptors_);
  queues_ = queues;
  for (uint16_t queue = 0; queue < receive_queues_; ++queue) {
    SPATE_RETURN_IF_ERROR(SetUpReceiveQueue(queue));
  }
  // Those that a peer counts on and nobody sends by.
  for (auto queue = static_cast<uint16_t>(queues); queue < transmit; ++queue) {
    const int fault =
        rte_eth_tx_queue_setup(id(), queue, descriptors_, rte_eth_dev_socket_id(id()), nullptr);
    if (fault != 0) return DpdkError(name_, absl::StrCat("no transmit queue ", queue), fault);
  }
  return queues == 0 ? StartDevice() : absl::OkStatus();
}

absl::Status DpdkPort::SetUpReceiveQueue(uint16_t queue) {
  const int socket = rte_eth_dev_socket_id(id());
  const std::string pool_name = absl::StrCat("spate_rx_", id(), "_", queue);
  FramePool pool(rte_pktmbuf_pool_create(pool_name.c_str(), kReceiveFrames, 256, 0,
                                         RTE_PKTMBUF_HEADROOM + kReceiveBytes, socket));
  if (pool == nullptr) {
    return DpdkError(name_, absl::StrCat("no memory for ", kReceiveFrames, " frames"), rte_errno);
  }
  uint16_t descriptors =
      info_.default_rxportconf.ring_size != 0 ? info_.default_rxportconf.ring_size : kDescriptors;
  uint16_t transmit = descriptors_;
  rte_eth_dev_adjust_nb_rx_tx_desc(id(), &descriptors, &transmit);
  const int error = rte_eth_rx_queue_setup(id(), queue, descriptors, static_cast<unsigned>(socket),
                                           nullptr, pool.get());
  pools_.push_back(std::move(pool));
  if (error != 0) return DpdkError(name_, absl::StrCat("no receive queue ", queue), error);
  return absl::OkStatus();
}

absl::Status DpdkPort::FitMtu(uint32_t max_frame) {
  if (is_null() || max_frame <= mtu_ + kLinkBytes) return absl::OkStatus();
  const int error = rte_eth_dev_set_mtu(id(), static_cast<uint16_t>(max_frame - kLinkBytes));
  if (error != 0) {
    return DpdkError(name_, absl::StrCat("no frames of ", max_frame, " bytes, its MTU is ", mtu_),
                     error);
  }
  mtu_ = static_cast<uint16_t>(max_frame - kLinkBytes);
  return absl::OkStatus();
}

absl::StatusOr<rte_mempool*> DpdkPort::AddPool(uint32_t queue, uint32_t max_frame) {
  // Compose may write up to the next multiple of 64 bytes.
  const uint32_t room = RTE_PKTMBUF_HEADROOM + RTE_ALIGN_CEIL(max_frame, 64u);
  if (room > UINT16_MAX) {
    return absl::InvalidArgumentError(
        absl::StrCat("port ", name_, ": frames of ", max_frame, " bytes do not fit one mbuf"));
  }
  // More than the device can hold, so that there are always some to fill meanwhile.
  const uint32_t frames = RTE_ALIGN_CEIL(descriptors_ + kSpareFrames, uint32_t{kBurst});
  const std::string pool_name = absl::StrCat("spate_", id(), "_", queue);
  FramePool pool =
      MakeFramePool(pool_name, frames, static_cast<uint16_t>(room), rte_eth_dev_socket_id(id()));
  if (pool == nullptr) {
    return DpdkError(name_, absl::StrCat("no memory for ", frames, " frames of ", room, " bytes"),
                     rte_errno);
  }
  return pools_.emplace_back(std::move(pool)).get();
}

absl::StatusOr<std::unique_ptr<TxQueue>> DpdkPort::OpenQueue(uint32_t queue, uint32_t max_frame) {
  SPATE_RETURN_IF_ERROR(FitMtu(max_frame));
  SPATE_ASSIGN_OR_RETURN(rte_mempool* const pool, AddPool(queue, max_frame));
  const auto index = static_cast<uint16_t>(queue);
  const int error =
      rte_eth_tx_queue_setup(id(), index, descriptors_, rte_eth_dev_socket_id(id()), nullptr);
  if (error != 0) return DpdkError(name_, absl::StrCat("no transmit queue ", queue), error);
  if (++opened_ == queues_) SPATE_RETURN_IF_ERROR(StartDevice());
  return std::make_unique<DpdkQueue>(name_, id(), index, pool, departure_);
}

// A device starts once all its queues are set up.
absl::Status DpdkPort::StartDevice() {
  const int error = rte_eth_dev_start(id());
  if (error != 0) return DpdkError(name_, "the device does not start", error);
  // All frames count that arrive; a device that has no filter takes them anyway.
  if (receive_queues_ > 0) rte_eth_promiscuous_enable(id());
  SPATE_RETURN_IF_ERROR(AwaitLink());
  return keeps_time_ ? StartClock() : absl::OkStatus();
}

absl::Status DpdkPort::StartClock() {
  Tick();
  std::this_thread::sleep_for(kClockStretch);
  Tick();
  if (clock_.ready()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("port ", name_, ": the device offers to send by its clock, which cannot be ",
                   "read; --departure lcore does without"));
}

void DpdkPort::Tick() {
  if (!keeps_time_) return;
  if (const auto reading = ReadDeviceClock(id())) clock_.Note(*reading);
}

absl::Status DpdkPort::AwaitLink() {
  const auto patience = peer_ ? kPeerTime : kLinkTime;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (rte_eth_link link{};; std::this_thread::sleep_for(kLinkPoll)) {
    // A device without link state is taken to be up.
    if (rte_eth_link_get_nowait(id(), &link) != 0) return absl::OkStatus();
    if (link.link_status == RTE_ETH_LINK_UP) {
      joined_ = peer_;
      if (joined_) std::this_thread::sleep_for(kPeerGrace);
      return absl::OkStatus();
    }
    if (std::chrono::steady_clock::now() >= deadline) break;
  }
  return absl::UnavailableError(absl::StrCat(
      "port ", name_, peer_ ? ": nobody has joined after " : ": no link after ", patience.count(),
      peer_ ? " s; is the other process there?" : " s; is the cable in and the other side up?"));
}

absl::Status DpdkPort::Close(bool) {
  if (std::exchange(joined_, false)) std::this_thread::sleep_for(kPeerGrace);
  device_.reset();
  pools_.clear();
  return absl::OkStatus();
}

// What keeps DPDK from the network device at `address`, if anything.
absl::Status CheckPci(const std::string& port, const std::string& address) {
  std::vector<std::string> found;
  for (const PciDevice& device : PciNetworkDevices()) {
    if (device.address == address) {
      if (DrivenByDpdk(device)) return absl::OkStatus();
      const InterfacesInUse in_use = FindInterfacesInUse();
      const std::string keep = ReasonToKeep(device, in_use.all, in_use.addressed);
      return absl::FailedPreconditionError(absl::StrCat(
          "port ", port, ": the device is bound to ",
          device.driver.empty() ? "no driver" : absl::StrCat("the kernel's ", device.driver), "; ",
          keep.empty() ? "to hand it to DPDK (it leaves the kernel): " + BindCommand(device)
                       : absl::StrCat("the kernel should keep it: ", keep, "; name the interface ",
                                      "instead of the address to send by it")));
    }
    found.push_back(device.address);
  }
  return absl::NotFoundError(
      absl::StrCat("port ", port, ": no network device at PCI address ", address, "; there ",
                   found.empty() ? "is none on this machine" : "is " + absl::StrJoin(found, ", ")));
}

absl::StatusOr<std::unique_ptr<Port>> Open(const std::string& name, std::string_view kind,
                                           const PortOptions& options, const DeviceName& what) {
  SPATE_RETURN_IF_ERROR(StartEal());
  const std::string device = what.bus == "vdev" ? UnusedDeviceName(what.device) : what.device;
  SPATE_ASSIGN_OR_RETURN(DpdkDevice opened,
                         DpdkDevice::Probe(name, what.bus.c_str(), device, what.arguments));
  return std::make_unique<DpdkPort>(name, kind, options, what, std::move(opened));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Port>> OpenDpdkPort(const std::string& name,
                                                   const PortOptions& options) {
  SPATE_ASSIGN_OR_RETURN(const DeviceName what, ReadDeviceName(name));
  if (what.bus == "pci") SPATE_RETURN_IF_ERROR(CheckPci(name, what.device));
  // Drivers still write to the socket of a peer that left first.
  if (what.peer) std::signal(SIGPIPE, SIG_IGN);
  auto opened = Open(name, KindOfDevice(name), options, what);
  if (opened.ok() || !what.peer) return opened;
  // Of two processes that find nobody at a path at the same time, the second one joins the first.
  SPATE_ASSIGN_OR_RETURN(const DeviceName now, ReadDeviceName(name));
  if (now.arguments == what.arguments) return opened;
  return Open(name, KindOfDevice(name), options, now);
}

absl::StatusOr<std::unique_ptr<Port>> OpenNullPort(const std::string& name,
                                                   const PortOptions& options) {
  return Open(name, "null", options,
              {.bus = "vdev", .device = "net_null", .arguments = kNullArguments});
}

void SurveyNull(SystemAdvice& advice) {
  advice.ports.push_back({.name = "null",
                          .kind = "null",
                          .usable = true,
                          .state = "takes every frame and drops it; nothing leaves the machine",
                          .mend = ""});
}

void SurveyDpdk(SystemAdvice& advice) {
  const InterfacesInUse in_use = FindInterfacesInUse();
  for (const PciDevice& device : PciNetworkDevices()) {
    const bool usable = DrivenByDpdk(device);
    const std::string keep = usable ? "" : ReasonToKeep(device, in_use.all, in_use.addressed);
    std::string state =
        device.driver.empty() ? "no driver" : absl::StrCat("driver ", device.driver);
    if (!device.interfaces.empty()) {
      absl::StrAppend(&state, ", interface ", absl::StrJoin(device.interfaces, " "));
    }
    if (device.numa_node >= 0) absl::StrAppend(&state, ", NUMA node ", device.numa_node);
    if (!keep.empty()) absl::StrAppend(&state, "; stays with the kernel: ", keep);
    advice.ports.push_back({.name = device.address,
                            .kind = "dpdk",
                            .usable = usable,
                            .state = std::move(state),
                            .mend = usable || !keep.empty() ? "" : BindCommand(device),
                            .node = device.numa_node});
  }
  advice.ports.push_back({.name = "net_…",
                          .kind = "dpdk",
                          .usable = true,
                          .state = "any virtual device of DPDK, such as net_pcap0,tx_iface=eth0",
                          .mend = ""});
}

}  // namespace spate::engine
