// Text forms of link and network addresses.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spate::packet {

using Mac = std::array<uint8_t, 6>;
using Eui64 = std::array<uint8_t, 8>;
using Ipv4 = std::array<uint8_t, 4>;
using Ipv6 = std::array<uint8_t, 16>;

// nullopt when `text` is not wholly such an address. MAC: six hex pairs joined by ':' or '-';
// EUI-64: eight. IPv4: dotted decimal, four numbers. IPv6: RFC 4291, without zone.
std::optional<Mac> ParseMac(std::string_view text);
std::optional<Eui64> ParseEui64(std::string_view text);
std::optional<Ipv4> ParseIpv4(std::string_view text);
std::optional<Ipv6> ParseIpv6(std::string_view text);

// Canonical forms: lower case, ':' between the pairs of a MAC and EUI-64, RFC 5952 for IPv6. Each
// reads as many bytes as its address has.
std::string FormatMac(const uint8_t* bytes);
std::string FormatEui64(const uint8_t* bytes);
std::string FormatIpv4(const uint8_t* bytes);
std::string FormatIpv6(const uint8_t* bytes);

}  // namespace spate::packet
