// The judge of what spate writes: tshark decodes a capture file.
#pragma once

#include <string>
#include <vector>

namespace spate::testing {

bool HaveTshark();

// For each packet of the file, the values of `fields` (several of one name joined by commas).
// Checksums are checked, sequence numbers raw, Zigbee frames opened with the default key.
std::vector<std::vector<std::string>> TsharkFields(const std::string& path,
                                                   const std::vector<std::string>& fields);

}  // namespace spate::testing
