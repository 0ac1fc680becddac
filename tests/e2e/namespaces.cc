#include "tests/e2e/namespaces.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "tests/e2e/process.h"

namespace spate::testing {
namespace {

bool EnterNamespace(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool entered = fd >= 0 && setns(fd, CLONE_NEWNET) == 0;
  if (fd >= 0) close(fd);
  return entered;
}

int OpenSocket(const std::string& interface) {
  const int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETH_P_ALL));
  if (fd < 0) return -1;
  const int room = 64 << 20;
  sockaddr_ll at{};
  at.sll_family = AF_PACKET;
  at.sll_protocol = htons(ETH_P_ALL);
  at.sll_ifindex = static_cast<int>(if_nametoindex(interface.c_str()));
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) == 0 &&
      bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0) {
    return fd;
  }
  close(fd);
  return -1;
}

}  // namespace

VethPair::VethPair(const std::vector<std::string>& wires) {
  const std::string id = std::to_string(getpid());
  sender_ = "spate-e2e-a" + id;
  receiver_ = "spate-e2e-b" + id;
  if (geteuid() != 0) {
    missing_ = "network namespaces need root";
  } else {
    Make(wires);
  }
}

void VethPair::Make(const std::vector<std::string>& wires) {
  // Without IPv6 the kernel itself says nothing on the wire. Not by "ip netns exec" or "ip -n":
  // they mount, which a container or a chroot may not let them.
  const std::string script =
      "set -e\n"
      "sender=$1 receiver=$2\n"
      "shift 2\n"
      "within() { at=$1; shift; nsenter --net=/run/netns/$at \"$@\"; }\n"
      "for ns in $sender $receiver; do\n"
      "  ip netns add $ns\n"
      "  within $ns sh -c 'echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6'\n"
      "done\n"
      "for wire; do\n"
      "  within $sender ip link add $wire type veth peer name $wire netns $receiver\n"
      "  for ns in $sender $receiver; do within $ns ip link set $wire up; done\n"
      "done\n";
  std::vector<std::string> arguments = {"-c", script, "sh", sender_, receiver_};
  arguments.insert(arguments.end(), wires.begin(), wires.end());
  const Outcome outcome =
      Execute(arguments, {.program = "sh", .terminal = false, .environment = {}, .in_child = {}});
  if (outcome.exit_code != 0) missing_ = "no veth pair between namespaces: " + outcome.err;
}

VethPair::~VethPair() {
  for (const std::string& name : {sender_, receiver_}) {
    if (access(Path(name).c_str(), F_OK) != 0) continue;
    Execute({"netns", "del", name},
            {.program = "ip", .terminal = false, .environment = {}, .in_child = {}});
  }
}

std::function<bool()> VethPair::EnterSender() const {
  return [path = Path(sender_)] { return EnterNamespace(path); };
}

std::function<bool()> VethPair::EnterReceiver() const {
  return [path = Path(receiver_)] { return EnterNamespace(path); };
}

int VethPair::OpenReceiver(const std::string& wire) const {
  int fd = -1;
  // A socket belongs to the namespace in which its thread was.
  std::thread([&] {
    if (EnterNamespace(Path(receiver_))) fd = OpenSocket(wire);
  }).join();
  return fd;
}

std::vector<std::vector<uint8_t>> Drain(int socket) {
  std::vector<std::vector<uint8_t>> frames;
  std::array<uint8_t, 65536> frame;
  for (ssize_t n; (n = recv(socket, frame.data(), frame.size(), 0)) >= 0;) {
    frames.emplace_back(frame.begin(), frame.begin() + n);
  }
  return frames;
}

}  // namespace spate::testing
