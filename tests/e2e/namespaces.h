// Two network namespaces joined by veth pairs, as two hosts on a wire, or a tester and the device
// between two of its ports.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace spate::testing {

// Each wire is an interface of its name in both namespaces. Needs root and ip(8).
class VethPair {
 public:
  explicit VethPair(const std::vector<std::string>& wires = {"wire"});
  ~VethPair();
  VethPair(const VethPair&) = delete;
  VethPair& operator=(const VethPair&) = delete;

  // Why there is no pair; "" when there is one.
  const std::string& missing() const { return missing_; }

  // For a child process: enters the sender's namespace, or the receiver's.
  std::function<bool()> EnterSender() const;
  std::function<bool()> EnterReceiver() const;
  // A packet socket (AF_PACKET, not blocking) on the receiver's end of a wire, with room for what
  // the tests send; -1 on failure.
  int OpenReceiver(const std::string& wire = "wire") const;

 private:
  std::string Path(const std::string& name) const { return "/run/netns/" + name; }
  void Make(const std::vector<std::string>& wires);

  std::string sender_, receiver_;
  std::string missing_;
};

// The frames that wait in the socket.
std::vector<std::vector<uint8_t>> Drain(int socket);

}  // namespace spate::testing
