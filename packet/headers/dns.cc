#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/text.h"
#include "packet/addresses.h"
#include "packet/bits.h"
#include "packet/header.h"
#include "packet/layout.h"

namespace spate::packet::dns {

extern const HeaderSpec kSpec;

namespace {

using std::string_view_literals::operator""sv;

// Counts of one are told by fields; more questions or records stand in the payload.
constexpr When kOneQuestion = {.byte = 5, .mask = 0xff, .values = "\x01"};
constexpr When kOneAnswer = {.byte = 7, .mask = 0xff, .values = "\x01"};

constexpr FieldSpec kFields[] = {
    {.name = "id", .bit_offset = 0, .bits = 16, .doc = "joins answer and query"},
    {.name = "response", .bit_offset = 16, .bits = 1, .doc = "0: query, 1: answer"},
    {.name = "opcode", .bit_offset = 17, .bits = 4, .doc = "0: a standard query"},
    {.name = "authoritative", .bit_offset = 21, .bits = 1, .doc = "from the zone's own server"},
    {.name = "truncated", .bit_offset = 22, .bits = 1, .doc = "cut to fit"},
    {.name = "recursion_desired", .bit_offset = 23, .bits = 1, .preset = 1, .doc = "ask others"},
    {.name = "recursion_available", .bit_offset = 24, .bits = 1, .doc = "of the server"},
    {.name = "z", .bit_offset = 25, .bits = 3, .doc = "reserved, authentic, checking disabled"},
    {.name = "response_code", .bit_offset = 28, .bits = 4, .doc = "0: no error, 3: no such name"},
    {.name = "questions",
     .bit_offset = 32,
     .bits = 16,
     .preset = 1,
     .doc = "1: as the fields below say; others stand in the payload"},
    {.name = "answers",
     .bit_offset = 48,
     .bits = 16,
     .doc = "1 (set by giving a field of the answer): as the fields below say; others stand in the "
            "payload"},
    {.name = "authorities", .bit_offset = 64, .bits = 16, .doc = "records in the payload"},
    {.name = "additionals", .bit_offset = 80, .bits = 16, .doc = "records in the payload"},
    {.name = "query_name",
     .kind = FieldKind::kName,
     .doc = "what is asked for",
     .when = kOneQuestion,
     .preset_bytes = "\5spate\4test\0"sv},
    {.name = "query_type",
     .bits = 16,
     .preset = 1,
     .doc = "1: A, 28: AAAA, 15: MX, 16: TXT, 12: PTR",
     .part = Part::kTail,
     .when = kOneQuestion},
    {.name = "query_class",
     .bits = 16,
     .preset = 1,
     .doc = "1: Internet",
     .part = Part::kTail,
     .when = kOneQuestion},
    {.name = "answer_name",
     .kind = FieldKind::kName,
     .doc = "by default a pointer to the question's",
     .when = kOneAnswer,
     .preset_bytes = "\xc0\x0c"},
    {.name = "answer_type",
     .bits = 16,
     .preset = 1,
     .doc = "of the record",
     .part = Part::kTail,
     .when = kOneAnswer},
    {.name = "answer_class",
     .bits = 16,
     .preset = 1,
     .doc = "1: Internet",
     .part = Part::kTail,
     .when = kOneAnswer},
    {.name = "answer_ttl",
     .bits = 32,
     .preset = 300,
     .doc = "seconds that the record may be kept",
     .part = Part::kTail,
     .when = kOneAnswer},
    {.name = "answer_data",
     .kind = FieldKind::kBytes,
     .doc = "of the record; the default is 198.18.0.2",
     .when = kOneAnswer,
     .own_length = 2,
     .preset_bytes = "\xc6\x12\x00\x02"sv},
};

constexpr Place kPlaces[] = {{Space::kUdpPort, 53}, {Space::kUdpPort, 5353}};

struct Type {
  uint64_t number;
  std::string_view name;
};
constexpr Type kTypes[] = {{1, "A"},   {2, "NS"},   {5, "CNAME"}, {6, "SOA"},  {12, "PTR"},
                           {15, "MX"}, {16, "TXT"}, {28, "AAAA"}, {33, "SRV"}, {65, "HTTPS"}};

std::string TypeName(uint64_t number) {
  for (const Type& type : kTypes) {
    if (type.number == number) return std::string(type.name);
  }
  return absl::StrCat("TYPE", number);
}

std::string Info(std::span<const uint8_t> bytes) {
  std::string text = absl::StrFormat(
      "Standard query%s 0x%04x", (bytes[2] & 0x80) != 0 ? " response" : "", Get16(bytes.data()));
  if ((bytes[3] & 0xf) == 3) text += " No such name";
  const std::string name = FieldText(kSpec, "query_name", bytes);
  if (!name.empty()) {
    Append(&text, " ", TypeName(FieldNumber(kSpec, "query_type", bytes)), " ", name);
  }
  const uint64_t type = FieldNumber(kSpec, "answer_type", bytes);
  if (type == 0) return text;
  const std::vector<uint8_t> data = ReadField(kSpec, *kSpec.Find("answer_data"), bytes);
  Append(&text, " ", TypeName(type));
  if (type == 1 && data.size() == 4) Append(&text, " ", FormatIpv4(data.data()));
  if (type == 28 && data.size() == 16) Append(&text, " ", FormatIpv6(data.data()));
  return text;
}

// Few records and a known operation, and what the counts promise is there.
bool Matches(std::span<const uint8_t> bytes) {
  constexpr unsigned kMostRecords = 64;
  if (bytes.size() < 12) return false;
  unsigned records = 0;
  for (size_t at = 4; at < 12; at += 2) records += Get16(bytes.data() + at);
  return records > 0 && records <= kMostRecords && (bytes[2] >> 3 & 0xf) <= 6 &&
         Parse(kSpec, bytes).has_value();
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "dns",
    .title = "DNS",
    .doc = "Domain Name System message with one question and one answer as fields",
    .source = "RFC 1035, 4",
    .fields = kFields,
    .fixed_bytes = 12,
    .follows = kPlaces,
    .info = Info,
    .matches = Matches,
};

}  // namespace spate::packet::dns
