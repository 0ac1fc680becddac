// Two network namespaces joined by a veth pair, as two hosts on a wire.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace spate::testing {

// Interface "wire" in both namespaces. Needs root and ip(8).
class VethPair {
 public:
  VethPair();
  ~VethPair();
  VethPair(const VethPair&) = delete;
  VethPair& operator=(const VethPair&) = delete;

  // Why there is no pair; "" when there is one.
  const std::string& missing() const { return missing_; }

  // For a child process: enters the sender's namespace, or the receiver's.
  std::function<bool()> EnterSender() const;
  std::function<bool()> EnterReceiver() const;
  // A packet socket (AF_PACKET, not blocking) on the receiver's interface, with room for what the
  // tests send; -1 on failure.
  int OpenReceiver() const;

 private:
  std::string Path(const std::string& name) const { return "/run/netns/" + name; }
  void Make();

  std::string sender_, receiver_;
  std::string missing_;
};

// The frames that wait in the socket.
std::vector<std::vector<uint8_t>> Drain(int socket);

}  // namespace spate::testing
