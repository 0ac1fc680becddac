#include "absl/strings/str_format.h"
#include "packet/bits.h"
#include "packet/header.h"

namespace spate::packet::modbus_response {
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
     .doc = "1, 2: read coils, inputs; 3, 4: read registers"},
    {.name = "byte_count",
     .bit_offset = 64,
     .bits = 8,
     .derived = Derived::kLength,
     .doc = "bytes of values: the payload"},
};

constexpr Place kPlaces[] = {{Space::kTcpPort, 502}};
constexpr LengthRule kLengths[] = {{.field = "length", .skip = 6},
                                   {.field = "byte_count", .after_header = true}};

std::string Info(std::span<const uint8_t> bytes) {
  constexpr std::string_view kFunctions[] = {"Unknown", "Read Coils", "Read Discrete Inputs",
                                             "Read Holding Registers", "Read Input Registers"};
  const uint8_t code = bytes[7];
  return absl::StrFormat("Response: Trans: %5d; Unit: %3d, Func: %3d: %s", Get16(bytes.data()),
                         bytes[6], code, kFunctions[code <= 4 ? code : 0]);
}

bool Matches(std::span<const uint8_t> bytes) {
  const uint16_t length = Get16(bytes.data() + 4);
  return Get16(bytes.data() + 2) == 0 && bytes[7] >= 1 && bytes[7] <= 4 && bytes[8] + 3 == length;
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "modbus_response",
    .title = "Modbus/TCP",
    .doc = "Modbus/TCP answer to a read; answers to writes repeat the query",
    .source = "Modbus Messaging on TCP/IP 1.0b, 3.1",
    .fields = kFields,
    .fixed_bytes = 9,
    .follows = kPlaces,
    .lengths = kLengths,
    .info = Info,
    .matches = Matches,
};

}  // namespace spate::packet::modbus_response
