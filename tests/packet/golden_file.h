// Reads the golden packets of tests/golden/packets (its README describes the lines).
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "packet/frame.h"

namespace spate::packet {

struct Golden {
  std::string protocol;
  std::set<std::string> blind;
  std::vector<HeaderValues> stack;
  std::vector<uint8_t> payload;
  std::vector<uint8_t> carries;  // behind the header where it is the last one of a pair
  uint32_t size = 0;
  std::string bytes;  // hex
  std::vector<std::pair<std::string, std::string>> tshark;
};

// Writes `hex` as the bytes of a header's golden packet (SPATE_UPDATE=1).
void UpdateGolden(std::string_view header, std::string_view hex);

// The golden packet of a header; an empty stack when there is no such file.
Golden ReadGolden(std::string_view header);

}  // namespace spate::packet
