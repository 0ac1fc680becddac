#include "packet/addresses.h"

#include <arpa/inet.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"

namespace spate::packet {
namespace {

int HexDigit(char c) {
  if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) return -1;
  return absl::ascii_isdigit(static_cast<unsigned char>(c)) ? c - '0'
                                                            : absl::ascii_tolower(c) - 'a' + 10;
}

// Hex pairs joined by ':' or '-', one of them throughout.
template <typename Address>
std::optional<Address> ParsePairs(std::string_view text) {
  Address address;
  if (text.size() != address.size() * 3 - 1 || (text[2] != ':' && text[2] != '-')) {
    return std::nullopt;
  }
  for (size_t i = 0; i < address.size(); ++i) {
    const int high = HexDigit(text[3 * i]);
    const int low = HexDigit(text[3 * i + 1]);
    if (high < 0 || low < 0 || (i > 0 && text[3 * i - 1] != text[2])) return std::nullopt;
    address[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return address;
}

template <typename Address>
std::optional<Address> ParseInet(int family, std::string_view text) {
  Address address;
  // inet_pton reads up to the first NUL, which a string_view may hold or lack.
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  if (inet_pton(family, std::string(text).c_str(), address.data()) != 1) return std::nullopt;
  return address;
}

}  // namespace

std::optional<Mac> ParseMac(std::string_view text) { return ParsePairs<Mac>(text); }
std::optional<Eui64> ParseEui64(std::string_view text) { return ParsePairs<Eui64>(text); }
std::optional<Ipv4> ParseIpv4(std::string_view text) { return ParseInet<Ipv4>(AF_INET, text); }
std::optional<Ipv6> ParseIpv6(std::string_view text) { return ParseInet<Ipv6>(AF_INET6, text); }

std::string FormatMac(const uint8_t* b) {
  return absl::StrFormat("%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5]);
}

std::string FormatEui64(const uint8_t* b) {
  return absl::StrFormat("%s:%02x:%02x", FormatMac(b), b[6], b[7]);
}

std::string FormatIpv4(const uint8_t* b) {
  return absl::StrFormat("%d.%d.%d.%d", b[0], b[1], b[2], b[3]);
}

std::string FormatIpv6(const uint8_t* bytes) {
  char text[INET6_ADDRSTRLEN];
  return inet_ntop(AF_INET6, bytes, text, sizeof(text));
}

}  // namespace spate::packet
