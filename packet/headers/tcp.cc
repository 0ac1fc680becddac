#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/text.h"
#include "packet/bits.h"
#include "packet/header.h"
#include "packet/layout.h"

namespace spate::packet::tcp {

extern const HeaderSpec kSpec;

namespace {

constexpr FieldSpec kFields[] = {
    {.name = "src_port", .bit_offset = 0, .bits = 16, .preset = 49152, .doc = "source port"},
    {.name = "dst_port",
     .bit_offset = 16,
     .bits = 16,
     .derived = Derived::kNext,
     .preset = 9,
     .doc =
         "destination port: that of the header that follows, else the discard service (RFC 863)"},
    {.name = "seq_num", .bit_offset = 32, .bits = 32, .doc = "of the first payload byte"},
    {.name = "ack_num", .bit_offset = 64, .bits = 32, .doc = "the next byte expected"},
    {.name = "data_offset",
     .bit_offset = 96,
     .bits = 4,
     .derived = Derived::kHeaderLength,
     .doc = "header and options in 32-bit words"},
    {.name = "reserved", .bit_offset = 100, .bits = 4, .doc = "0"},
    {.name = "flags",
     .kind = FieldKind::kFlags,
     .bit_offset = 104,
     .bits = 8,
     .preset = 0x10,
     .doc = "F: FIN, S: SYN, R: RST, P: PSH, A: ACK, U: URG, E: ECE, C: CWR",
     .letters = "FSRPAUEC"},
    {.name = "window", .bit_offset = 112, .bits = 16, .preset = 65535, .doc = "bytes it will take"},
    {.name = "checksum",
     .bit_offset = 128,
     .bits = 16,
     .derived = Derived::kChecksum,
     .doc = "of header, payload and a pseudo-header"},
    {.name = "urgent_pointer", .bit_offset = 144, .bits = 16, .doc = "end of urgent data"},
    {.name = "mss",
     .bits = 16,
     .doc = "option: maximum segment size",
     .part = Part::kTail,
     .optional = true,
     .prefix = "\x02\x04"},
    {.name = "sack_permitted",
     .kind = FieldKind::kMark,
     .doc = "option: selective acknowledgements may be sent (RFC 2018)",
     .optional = true,
     .prefix = "\x04\x02"},
    {.name = "timestamp",
     .bits = 32,
     .doc = "option: the sender's clock (RFC 7323); behind two no-operations",
     .part = Part::kTail,
     .optional = true,
     .prefix = "\x01\x01\x08\x0a"},
    {.name = "timestamp_echo",
     .bits = 32,
     .doc = "with timestamp: the other side's last one",
     .part = Part::kTail,
     .with_previous = true},
    {.name = "window_scale",
     .bits = 8,
     .doc = "option: the window's left shift; behind a no-operation",
     .part = Part::kTail,
     .optional = true,
     .prefix = "\x01\x03\x03"},
    {.name = "sack_begin",
     .bits = 32,
     .doc = "option: selective acknowledgement of one block from this sequence number on (RFC "
            "2018); behind two no-operations",
     .part = Part::kTail,
     .optional = true,
     .prefix = "\x01\x01\x05\x0a"},
    {.name = "sack_end",
     .bits = 32,
     .doc = "with sack_begin: the number behind the block",
     .part = Part::kTail,
     .with_previous = true},
    {.name = "sack",
     .kind = FieldKind::kBytes,
     .doc = "option: selective acknowledgements of several blocks, pairs of 32-bit sequence "
            "numbers; behind two no-operations",
     .optional = true,
     .prefix = "\x01\x01\x05",
     .own_length = 1,
     .length_adds = 2},
    {.name = "options",
     .kind = FieldKind::kBytes,
     .doc = "further options as bytes; all together are up to 40 bytes, extended with zeros to a "
            "multiple of 4"},
};

constexpr Place kPlaces[] = {{Space::kIpProtocol, 6}};
constexpr ChecksumRule kChecksums[] = {
    {.field = "checksum", .covers = Covers::kPseudoHeaderAndRest}};

constexpr std::string_view kFlagNames[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};

std::string FlagList(uint8_t flags) {
  std::string list;
  for (unsigned bit = 0; bit < 8; ++bit) {
    if (flags >> bit & 1) absl::StrAppend(&list, list.empty() ? "" : ", ", AsAbsl(kFlagNames[bit]));
  }
  return list.empty() ? "<None>" : list;
}

void AppendOptions(std::span<const uint8_t> bytes, std::string& text) {
  constexpr struct {
    std::string_view field, label;
  } kOptions[] = {{"mss", " MSS="},
                  {"window_scale", " WS="},
                  {"sack_permitted", " SACK_PERM"},
                  {"timestamp", " TSval="},
                  {"timestamp_echo", " TSecr="}};
  for (const auto& option : kOptions) {
    const std::string value = FieldText(kSpec, option.field, bytes);
    if (value.empty()) continue;
    const uint64_t number = FieldNumber(kSpec, option.field, bytes);
    const bool scale = option.field == "window_scale";
    Append(&text, option.label,
           option.label.ends_with('=') ? absl::StrCat(scale ? uint64_t{1} << (number & 63) : number)
                                       : "");
  }
}

std::string Info(std::span<const uint8_t> bytes) {
  const uint8_t flags = bytes[13];
  const size_t header = std::clamp<size_t>(bytes[12] >> 4 << 2, 20, bytes.size());
  std::string text =
      absl::StrFormat("%d → %d [%s] Seq=%u", Get16(bytes.data()), Get16(bytes.data() + 2),
                      FlagList(flags), Get32(bytes.data() + 4));
  if (flags & 0x10) absl::StrAppend(&text, " Ack=", Get32(bytes.data() + 8));
  absl::StrAppend(&text, " Win=", Get16(bytes.data() + 14), " Len=", bytes.size() - header);
  AppendOptions(bytes, text);
  return text;
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "tcp",
    .title = "TCP",
    .doc = "Transmission Control Protocol",
    .source = "RFC 9293",
    .fields = kFields,
    .fixed_bytes = 20,
    .follows = kPlaces,
    .selects = Space::kTcpPort,
    .checksums = kChecksums,
    .info = Info,
    .also_selects = "src_port",
};

}  // namespace spate::packet::tcp
