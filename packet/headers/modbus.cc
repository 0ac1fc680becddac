#include "absl/strings/str_format.h"
#include "packet/bits.h"
#include "packet/header.h"

namespace spate::packet::modbus {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "transaction_id", .bit_offset = 0, .bits = 16, .doc = "joins answer and query"},
    {.name = "protocol_id", .bit_offset = 16, .bits = 16, .doc = "0: Modbus"},
    {.name = "length",
     .bit_offset = 32,
     .bits = 16,
     .derived = Derived::kLength,
     .doc = "bytes after it"},
    {.name = "unit_id", .bit_offset = 48, .bits = 8, .preset = 1, .doc = "device behind a gateway"},
    {.name = "function_code",
     .bit_offset = 56,
     .bits = 8,
     .preset = 3,
     .doc = "1, 2: read coils, inputs; 3, 4: read registers; 5, 6: write one coil, register; 15, "
            "16: write several (their bytes are the payload)"},
    {.name = "reference_number", .bit_offset = 64, .bits = 16, .doc = "first coil or register"},
    {.name = "word_count",
     .bit_offset = 80,
     .bits = 16,
     .preset = 1,
     .doc = "coils or registers, or the value written to one"},
};

constexpr Place kPlaces[] = {{Space::kTcpPort, 502}};
constexpr LengthRule kLengths[] = {{.field = "length", .skip = 6}};

constexpr std::string_view kFunctions[] = {"Unknown",
                                           "Read Coils",
                                           "Read Discrete Inputs",
                                           "Read Holding Registers",
                                           "Read Input Registers",
                                           "Write Single Coil",
                                           "Write Single Register"};

std::string Info(std::span<const uint8_t> bytes) {
  const uint8_t code = bytes[7];
  const std::string_view name = code == 15   ? "Write Multiple Coils"
                                : code == 16 ? "Write Multiple Registers"
                                             : kFunctions[code <= 6 ? code : 0];
  return absl::StrFormat("Query: Trans: %5d; Unit: %3d, Func: %3d: %s", Get16(bytes.data()),
                         bytes[6], code, name);
}

// Queries and answers differ by nothing but their lengths.
bool Matches(std::span<const uint8_t> bytes) {
  const uint16_t length = Get16(bytes.data() + 4);
  const uint8_t code = bytes[7];
  if (Get16(bytes.data() + 2) != 0) return false;
  if (code >= 1 && code <= 6) return length == 6;
  return (code == 15 || code == 16) && length >= 6;
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "modbus",
    .title = "Modbus/TCP",
    .doc = "Modbus/TCP query",
    .source = "Modbus Messaging on TCP/IP 1.0b, 3.1",
    .fields = kFields,
    .fixed_bytes = 12,
    .follows = kPlaces,
    .lengths = kLengths,
    .info = Info,
    .matches = Matches,
};

}  // namespace spate::packet::modbus
