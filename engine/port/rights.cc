#include "engine/port/rights.h"

#include <linux/capability.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace spate::engine {
namespace {

struct Capability {
  unsigned bit;
  const char* name;
};

Capability CapabilityOf(Right right) {
  switch (right) {
    case Right::kNetRaw:
      return {CAP_NET_RAW, "cap_net_raw"};
    case Right::kNetAdmin:
      return {CAP_NET_ADMIN, "cap_net_admin"};
    case Right::kSysAdmin:
      return {CAP_SYS_ADMIN, "cap_sys_admin"};
    case Right::kIpcLock:
      return {CAP_IPC_LOCK, "cap_ipc_lock"};
  }
  std::abort();
}

// The effective set, from proc(5).
uint64_t EffectiveCapabilities() {
  constexpr std::string_view kKey = "CapEff:";
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(kKey)) return std::strtoull(line.c_str() + kKey.size(), nullptr, 16);
  }
  return 0;
}

}  // namespace

bool HasRight(Right right) { return (EffectiveCapabilities() >> CapabilityOf(right).bit & 1) != 0; }

std::string GrantCommand(Right right) {
  std::error_code error;
  const std::string program = std::filesystem::read_symlink("/proc/self/exe", error);
  return absl::StrCat("sudo setcap ", CapabilityOf(right).name, "+ep ",
                      program.empty() ? "spate" : program);
}

}  // namespace spate::engine
