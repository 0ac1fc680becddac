#include "engine/port/interface.h"

#include <ifaddrs.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <memory>
#include <new>

#include "absl/strings/str_cat.h"
#include "template/fault.h"

namespace spate::engine {
namespace {

// A socket to ask with, and the request that names the interface.
class Query {
 public:
  explicit Query(const std::string& name) : socket_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    name.copy(request_.ifr_name, IFNAMSIZ - 1);
  }
  ~Query() {
    if (socket_ >= 0) close(socket_);
  }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  bool Ask(unsigned long what) { return ioctl(socket_, what, &request_) == 0; }
  bool AskEthtool(void* command) {
    request_.ifr_data = static_cast<char*>(command);
    return Ask(SIOCETHTOOL);
  }
  const ifreq& answer() const { return request_; }

 private:
  const int socket_;
  ifreq request_{};
};

// Bits per second; 0 when the driver does not know.
uint64_t ReadSpeed(Query& query) {
  // The kernel says first how many words its masks of link modes have, and answers only those who
  // ask with that number; 127 words a mask is the most that it can say.
  alignas(ethtool_link_settings) std::array<std::byte, sizeof(ethtool_link_settings) + 3 * 127 * 4>
      room{};
  auto* const settings = new (room.data()) ethtool_link_settings{};
  settings->cmd = ETHTOOL_GLINKSETTINGS;
  if (!query.AskEthtool(settings) || settings->link_mode_masks_nwords >= 0) return 0;
  settings->cmd = ETHTOOL_GLINKSETTINGS;
  settings->link_mode_masks_nwords = static_cast<int8_t>(-settings->link_mode_masks_nwords);
  if (!query.AskEthtool(settings)) return 0;
  const uint32_t megabits = settings->speed;
  return megabits == static_cast<uint32_t>(SPEED_UNKNOWN) ? 0 : megabits * uint64_t{1'000'000};
}

// The carrier as the driver sees it. IFF_RUNNING, which is there for every interface, follows up to
// a second later.
bool ReadCarrier(Query& query, bool running) {
  ethtool_value link{};
  link.cmd = ETHTOOL_GLINK;
  return query.AskEthtool(&link) ? link.data != 0 : running;
}

std::string ReadDriver(Query& query) {
  ethtool_drvinfo info{};
  info.cmd = ETHTOOL_GDRVINFO;
  if (!query.AskEthtool(&info)) return "";
  return std::string(info.driver, strnlen(info.driver, sizeof(info.driver)));
}

int ReadNode(const std::string& name) {
  std::ifstream file(absl::StrCat("/sys/class/net/", name, "/device/numa_node"));
  int node = -1;
  return file >> node ? node : -1;
}

}  // namespace

absl::StatusOr<Interface> ReadInterface(const std::string& name) {
  Query query(name);
  if (name.empty() || name.size() >= IFNAMSIZ || !query.Ask(SIOCGIFINDEX)) {
    return absl::NotFoundError(absl::StrCat("no interface ", name));
  }
  Interface found{.name = name, .index = query.answer().ifr_ifindex, .driver = {}};
  if (query.Ask(SIOCGIFFLAGS)) {
    found.up = (query.answer().ifr_flags & IFF_UP) != 0;
    found.running = found.up && ReadCarrier(query, (query.answer().ifr_flags & IFF_RUNNING) != 0);
  }
  if (query.Ask(SIOCGIFHWADDR)) {
    const auto type = query.answer().ifr_hwaddr.sa_family;
    found.ethernet = type == ARPHRD_ETHER || type == ARPHRD_LOOPBACK;
  }
  if (query.Ask(SIOCGIFMTU)) found.mtu = static_cast<uint32_t>(query.answer().ifr_mtu);
  found.speed_bps = ReadSpeed(query);
  found.driver = ReadDriver(query);
  found.node = ReadNode(name);
  return found;
}

absl::StatusOr<Interface> FindInterface(const std::string& port, const std::string& name) {
  absl::StatusOr<Interface> interface = ReadInterface(name);
  if (!interface.ok()) {
    const std::string nearest = tmpl::Nearest(name, InterfaceNames());
    return absl::NotFoundError(
        absl::StrCat("port ", port, ": no such interface",
                     nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?")));
  }
  if (!interface->ethernet) {
    return absl::InvalidArgumentError(
        absl::StrCat("port ", port, ": the interface does not carry Ethernet frames"));
  }
  return interface;
}

absl::Status CheckCarrier(const std::string& port, const Interface& interface) {
  if (!interface.up) {
    return absl::UnavailableError(
        absl::StrCat("port ", port, ": the interface is down; to bring it up: ip link set ",
                     interface.name, " up"));
  }
  if (!interface.running) {
    return absl::UnavailableError(
        absl::StrCat("port ", port, ": no carrier; is the cable in and the other side up?"));
  }
  return absl::OkStatus();
}

std::string StateOf(const Interface& interface) {
  std::string state = interface.running ? "up" : interface.up ? "no carrier" : "down";
  if (interface.speed_bps != 0) {
    absl::StrAppend(&state, ", ", static_cast<double>(interface.speed_bps) * 1e-9, " Gb/s");
  }
  absl::StrAppend(&state, ", MTU ", interface.mtu);
  if (!interface.driver.empty()) absl::StrAppend(&state, ", driver ", interface.driver);
  if (!interface.ethernet) absl::StrAppend(&state, ", not Ethernet");
  return state;
}

std::vector<std::string> InterfaceNames() {
  std::vector<std::string> names;
  const std::unique_ptr<struct if_nameindex, void (*)(struct if_nameindex*)> list(if_nameindex(),
                                                                                  if_freenameindex);
  if (list == nullptr) return names;
  for (const struct if_nameindex* i = list.get(); i->if_index != 0; ++i) {
    names.emplace_back(i->if_name);
  }
  return names;
}

InterfacesInUse FindInterfacesInUse() {
  InterfacesInUse found;
  ifaddrs* first = nullptr;
  if (getifaddrs(&first) != 0) return found;
  const auto add = [](const char* name, std::vector<std::string>& names) {
    if (std::ranges::find(names, name) == names.end()) names.emplace_back(name);
  };
  for (const ifaddrs* at = first; at != nullptr; at = at->ifa_next) {
    if ((at->ifa_flags & IFF_LOOPBACK) != 0) continue;
    add(at->ifa_name, found.all);
    if (at->ifa_addr == nullptr) continue;
    const int family = at->ifa_addr->sa_family;
    const auto* const six = reinterpret_cast<const sockaddr_in6*>(at->ifa_addr);
    const bool global = family == AF_INET6 && !IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr);
    if (family == AF_INET || global) add(at->ifa_name, found.addressed);
  }
  freeifaddrs(first);
  return found;
}

}  // namespace spate::engine
