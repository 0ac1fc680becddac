#include "engine/port/dpdk_port.h"

#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/status.h"
#include "engine/port/dpdk_device.h"
#include "engine/port/dpdk_queue.h"
#include "engine/port/eal.h"
#include "engine/port/pci.h"

namespace spate::engine {
namespace {

// What the null port is: takes frames, frees them, copies and returns none.
constexpr char kNullArguments[] = "size=60,copy=0,no-rx=1";

// Ethernet header and one VLAN tag, which an MTU does not count.
constexpr uint32_t kLinkBytes = RTE_ETHER_HDR_LEN + RTE_VLAN_HLEN;

constexpr uint16_t kDescriptors = 512;  // where the driver has no wish
constexpr uint32_t kSpareFrames = 4 * kBurst;

// NICs take their time to negotiate.
constexpr std::chrono::seconds kLinkTime(10);
constexpr std::chrono::milliseconds kLinkPoll(50);

struct PoolFree {
  void operator()(rte_mempool* pool) const { rte_mempool_free(pool); }
};
using Pool = std::unique_ptr<rte_mempool, PoolFree>;

class DpdkPort final : public Port {
 public:
  DpdkPort(std::string name, std::string_view kind, packet::LinkType link, DpdkDevice device)
      : name_(std::move(name)), kind_(kind), link_(link), device_(std::move(device)) {
    rte_eth_dev_info_get(id(), &info_);
    rte_eth_dev_get_mtu(id(), &mtu_);
  }
  ~DpdkPort() override { DpdkPort::Close(false).IgnoreError(); }

  std::string_view name() const override { return name_; }
  std::string_view kind() const override { return kind_; }
  packet::LinkType link() const override { return link_; }
  uint32_t max_frame() const override;
  uint64_t speed_bps() const override;
  bool keeps_frames() const override { return true; }
  absl::Status Start(uint32_t queues) override;
  absl::StatusOr<std::unique_ptr<TxQueue>> OpenQueue(uint32_t queue, uint32_t max_frame) override;
  absl::Status Close(bool keep) override;

 private:
  uint16_t id() const { return device_->id(); }
  bool is_null() const { return kind_ == "null"; }
  absl::StatusOr<rte_mempool*> AddPool(uint32_t queue, uint32_t max_frame);
  absl::Status FitMtu(uint32_t max_frame);
  absl::Status StartDevice();

  const std::string name_;
  const std::string_view kind_;
  const packet::LinkType link_;
  std::vector<Pool> pools_;  // freed after the device, which may still hold frames of them
  std::optional<DpdkDevice> device_;
  rte_eth_dev_info info_{};
  uint16_t mtu_ = RTE_ETHER_MTU;
  uint16_t descriptors_ = kDescriptors;
  uint32_t queues_ = 0;
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

absl::Status DpdkPort::Start(uint32_t queues) {
  if (queues > info_.max_tx_queues) {
    return absl::InvalidArgumentError(absl::StrCat(
        "port ", name_, ": ", queues,
        " emission lcores need as many transmit queues, the device has ", info_.max_tx_queues));
  }
  const rte_eth_conf conf{};
  const int error = rte_eth_dev_configure(id(), 0, static_cast<uint16_t>(queues), &conf);
  if (error != 0) return DpdkError(name_, "the device cannot be configured", error);
  if (info_.default_txportconf.ring_size != 0) descriptors_ = info_.default_txportconf.ring_size;
  uint16_t receive = kDescriptors;
  rte_eth_dev_adjust_nb_rx_tx_desc(id(), &receive, &descriptors_);
  queues_ = queues;
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
  Pool pool(rte_pktmbuf_pool_create(pool_name.c_str(), frames, 0, 0, static_cast<uint16_t>(room),
                                    rte_eth_dev_socket_id(id())));
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
  if (pools_.size() == queues_) SPATE_RETURN_IF_ERROR(StartDevice());
  return std::make_unique<DpdkQueue>(name_, id(), index, pool);
}

// A device starts once all its queues are set up.
absl::Status DpdkPort::StartDevice() {
  const int error = rte_eth_dev_start(id());
  if (error != 0) return DpdkError(name_, "the device does not start", error);
  const auto deadline = std::chrono::steady_clock::now() + kLinkTime;
  for (rte_eth_link link{};; std::this_thread::sleep_for(kLinkPoll)) {
    // A device without link state is taken to be up.
    if (rte_eth_link_get_nowait(id(), &link) != 0) return absl::OkStatus();
    if (link.link_status == RTE_ETH_LINK_UP) return absl::OkStatus();
    if (std::chrono::steady_clock::now() >= deadline) break;
  }
  return absl::UnavailableError(absl::StrCat("port ", name_, ": no link after ", kLinkTime.count(),
                                             " s; is the cable in and the other side up?"));
}

absl::Status DpdkPort::Close(bool) {
  device_.reset();
  pools_.clear();
  return absl::OkStatus();
}

absl::Status RequireEthernet(const std::string& name, const PortOptions& options) {
  if (options.link == packet::LinkType::kEthernet) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "port ", name, " carries Ethernet frames only; other link types go to a capture file"));
}

// What keeps DPDK from the network device at `address`, if anything.
absl::Status CheckPci(const std::string& port, const std::string& address) {
  std::vector<std::string> found;
  for (const PciDevice& device : PciNetworkDevices()) {
    if (device.address == address) {
      if (DrivenByDpdk(device)) return absl::OkStatus();
      return absl::FailedPreconditionError(absl::StrCat(
          "port ", port, ": the device is bound to ",
          device.driver.empty() ? "no driver" : absl::StrCat("the kernel's ", device.driver),
          "; to hand it to DPDK (it leaves the kernel): ", BindCommand(device)));
    }
    found.push_back(device.address);
  }
  return absl::NotFoundError(
      absl::StrCat("port ", port, ": no network device at PCI address ", address, "; there ",
                   found.empty() ? "is none on this machine" : "is " + absl::StrJoin(found, ", ")));
}

std::pair<std::string, std::string> SplitArguments(const std::string& name) {
  return absl::StrSplit(name, absl::MaxSplits(',', 1));
}

std::string FullAddress(const std::string& address) {
  return std::ranges::count(address, ':') == 1 ? "0000:" + address : address;
}

absl::StatusOr<std::unique_ptr<Port>> Open(const std::string& name, std::string_view kind,
                                           packet::LinkType link, const char* bus,
                                           const std::string& device,
                                           const std::string& arguments) {
  SPATE_ASSIGN_OR_RETURN(DpdkDevice opened, DpdkDevice::Probe(name, bus, device, arguments));
  return std::make_unique<DpdkPort>(name, kind, link, std::move(opened));
}

}  // namespace

bool IsVirtualDevice(std::string_view name) {
  name = name.substr(0, name.find(','));
  return name.starts_with("net_") && std::ranges::all_of(name, [](unsigned char c) {
           return c == '_' || std::isalnum(c) != 0;
         });
}

bool IsPciDevice(std::string_view name) {
  name = name.substr(0, name.find(','));
  // [dddd:]bb:dd.f, hexadecimal
  constexpr std::string_view kShape = "xxxx:xx:xx.x";
  const std::string_view shape = name.size() == 7 ? kShape.substr(5) : kShape;
  return std::ranges::equal(name, shape, [](char c, char expected) {
    return expected == 'x' ? std::isxdigit(static_cast<unsigned char>(c)) != 0 : c == expected;
  });
}

absl::StatusOr<std::unique_ptr<Port>> OpenDpdkPort(const std::string& name,
                                                   const PortOptions& options) {
  SPATE_RETURN_IF_ERROR(RequireEthernet(name, options));
  const auto [device, arguments] = SplitArguments(name);
  if (IsPciDevice(name)) {
    const std::string address = FullAddress(device);
    SPATE_RETURN_IF_ERROR(CheckPci(name, address));
    SPATE_RETURN_IF_ERROR(StartEal());
    return Open(name, "dpdk", options.link, "pci", address, arguments);
  }
  SPATE_RETURN_IF_ERROR(StartEal());
  return Open(name, "dpdk", options.link, "vdev", UnusedDeviceName(device), arguments);
}

absl::StatusOr<std::unique_ptr<Port>> OpenNullPort(const std::string& name,
                                                   const PortOptions& options) {
  SPATE_RETURN_IF_ERROR(StartEal());
  return Open(name, "null", options.link, "vdev", UnusedDeviceName("net_null"), kNullArguments);
}

void SurveyNull(SystemAdvice& advice) {
  advice.ports.push_back({.name = "null",
                          .kind = "null",
                          .usable = true,
                          .state = "takes every frame and drops it; nothing leaves the machine",
                          .mend = ""});
}

void SurveyDpdk(SystemAdvice& advice) {
  for (const PciDevice& device : PciNetworkDevices()) {
    const bool usable = DrivenByDpdk(device);
    std::string state =
        device.driver.empty() ? "no driver" : absl::StrCat("driver ", device.driver);
    if (!device.interfaces.empty()) {
      absl::StrAppend(&state, ", interface ", absl::StrJoin(device.interfaces, " "));
    }
    if (device.numa_node >= 0) absl::StrAppend(&state, ", NUMA node ", device.numa_node);
    advice.ports.push_back({.name = device.address,
                            .kind = "dpdk",
                            .usable = usable,
                            .state = std::move(state),
                            .mend = usable ? "" : BindCommand(device)});
  }
  advice.ports.push_back({.name = "net_…",
                          .kind = "dpdk",
                          .usable = true,
                          .state = "any virtual device of DPDK, such as net_pcap0,tx_iface=eth0",
                          .mend = ""});
}

}  // namespace spate::engine
