#include "tests/golden/tshark.h"

#include <array>
#include <cstdio>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace spate::testing {
namespace {

std::string Output(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string output;
  std::array<char, 4096> chunk;
  while (pipe != nullptr) {
    const size_t got = fread(chunk.data(), 1, chunk.size(), pipe.get());
    if (got == 0) break;
    output.append(chunk.data(), got);
  }
  return output;
}

}  // namespace

bool HaveTshark() { return !Output("command -v tshark").empty(); }

std::vector<std::vector<std::string>> TsharkFields(const std::string& path,
                                                   const std::vector<std::string>& fields) {
  std::string command = absl::StrCat("tshark -n -r '", path, "' -T fields -E separator=/t");
  for (const char* protocol : {"ip", "tcp", "udp"}) {
    absl::StrAppend(&command, " -o ", protocol, ".check_checksum:TRUE");
  }
  // The network key that Zigbee frames have unless another is given.
  absl::StrAppend(&command,
                  " -o 'uat:zigbee_pc_keys:\"c0:c1:c2:c3:c4:c5:c6:c7:c8:c9:ca:cb:cc:cd:ce:cf\",",
                  "\"Normal\",\"test\"'");
  absl::StrAppend(&command, " -o tcp.relative_sequence_numbers:FALSE",
                  " -o esp.enable_null_encryption_decode_heuristic:TRUE",
                  " -o 'sctp.checksum:CRC 32c' -d udp.port==5004,rtp");
  for (const std::string& field : fields) absl::StrAppend(&command, " -e ", field);
  std::vector<std::vector<std::string>> rows;
  const std::string output = Output(command + " 2>/dev/null");
  for (absl::string_view line : absl::StrSplit(output, '\n')) {
    if (line.empty() && !rows.empty()) continue;
    rows.push_back(absl::StrSplit(line, '\t'));
  }
  return rows;
}

}  // namespace spate::testing
