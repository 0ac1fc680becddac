#include "template/desugar/message.h"

#include <algorithm>
#include <span>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "base/text.h"
#include "base/units.h"
#include "packet/frame.h"
#include "template/desugar/port.h"
#include "template/limits.h"

namespace spate::tmpl {
namespace {

packet::FieldKind KindOf(const RawField& field) {
  if (field.kind == "mac") return packet::FieldKind::kMac;
  return field.kind == "ipv4" ? packet::FieldKind::kIpv4 : packet::FieldKind::kUint;
}

// What a message is that cannot be encoded.
constexpr char kWhole[] = "headers, a payload and a size that make a frame";

packet::LinkType LinkOf(const std::vector<packet::HeaderValues>& stack) {
  return static_cast<packet::LinkType>(stack.front().spec->In(packet::Space::kLink)->id);
}

// A field of the stack whose pieces become patches once the frame's offsets are known.
struct Varying {
  size_t header = 0;
  const packet::FieldSpec* field = nullptr;
  std::vector<FieldPiece> pieces;
};

// Frame sizes with FCS.
struct Sizes {
  uint32_t min = 0, max = 0;  // 0: as long as headers and payload are
  double mean = 0;
  uint32_t draw = core::kNone;
  uint32_t variable = core::kNone;
};

class MessageLowering {
 public:
  MessageLowering(Context& context, const FlowNames& names, std::string name,
                  const Message& message)
      : context_(context), names_(names), name_(std::move(name)), message_(message) {}

  std::optional<LoweredMessage> Lower();

 private:
  bool LowerStack();
  bool LowerHeader(const packet::HeaderSpec& spec, const HeaderUse& use);
  bool LowerSize();
  bool CheckSizes(const LawRange& range);
  bool MakePayload();
  bool LowerRaw(const RawField& field, size_t number);
  bool SetLink();
  void CutPadding(packet::Frame& frame) const;
  bool FitsRadio(const packet::Frame& frame);
  void AddPatches(core::Message& out) const;
  bool MeasureHeaders();
  uint32_t HeaderBytes() const { return header_bytes_; }
  // That sizes count and frames do not hold.
  uint32_t FcsBytes() const { return packet::FramingOf(LinkOf(stack_)).fcs_bytes; }

  Context& context_;
  const FlowNames& names_;
  std::string name_;
  const Message& message_;
  std::vector<packet::HeaderValues> stack_;
  std::vector<Varying> varying_;
  std::vector<std::pair<uint32_t, FieldPiece>> raw_;  // bit offset into the payload
  std::vector<uint8_t> payload_;
  Sizes sizes_;
  uint32_t header_bytes_ = 0;  // and trailers
};

// Lengths whose width follows their value, fields behind the payload and keys have no fixed place.
bool CanVary(Faults& faults, const HeaderUse& use, const packet::HeaderSpec& spec,
             const packet::FieldSpec& field) {
  const packet::LengthRule* rule = spec.LengthOf(field);
  const bool binary = rule == nullptr || rule->form == packet::LengthForm::kBinary;
  if (binary && (field.part == packet::Part::kFixed || field.tail())) return true;
  faults.Add(use.place, Concat("a law for ", Quote(field.name)), "a plain value");
  return false;
}

// "good" says what is done anyway.
bool IsGoodChecksum(const packet::FieldSpec& field, const ValueLaw& law) {
  return field.derived == packet::Derived::kChecksum && law.kind == ValueLaw::Kind::kConstant &&
         LiteralText(law.values[0]) == "good";
}

bool MessageLowering::LowerHeader(const packet::HeaderSpec& spec, const HeaderUse& use) {
  packet::HeaderValues values;
  values.spec = &spec;
  bool good = true;
  for (const auto& [field_name, law] : use.fields) {
    const packet::FieldSpec* field = spec.Find(field_name);
    if (!field) {
      context_.faults.Add(use.place, Concat("the unknown field ", Quote(field_name)),
                          Concat("a field of ", spec.name));
      good = false;
      continue;
    }
    if (IsGoodChecksum(*field, law)) continue;
    const std::string path = Concat("message ", name_, " ", stack_.size(), " ", field_name);
    auto value = LowerField(context_, names_, law, *field, path);
    good &= value.has_value();
    if (!value) continue;
    if (!value->pieces.empty()) {
      if (!CanVary(context_.faults, use, spec, *field)) good = false;
      varying_.push_back({stack_.size(), field, value->pieces});
    }
    values.fields.push_back({field, std::move(value->constant)});
  }
  stack_.push_back(std::move(values));
  return good;
}

bool MessageLowering::LowerStack() {
  bool good = !message_.packet.empty();
  if (!good) {
    context_.faults.Add(
        message_.place,
        Concat("the message ", Quote(name_), " without headers in flow ", Quote(names_.flow)),
        "a message with \"packet\", as the flow is no conversation");
  }
  const packet::HeaderSpec* previous = nullptr;
  for (const HeaderUse& use : message_.packet) {
    const packet::HeaderSpec* spec = packet::FindHeader(use.header);
    if (!spec || !packet::MayFollow(previous, *spec)) {
      std::vector<std::string> allowed;
      for (const packet::HeaderSpec* header : packet::Headers()) {
        if (packet::MayFollow(previous, *header)) allowed.emplace_back(header->name);
      }
      context_.faults.Add(use.place,
                          Concat("the header ", Quote(use.header),
                                 previous ? Concat(" after ", Quote(previous->name)) : " in front"),
                          allowed.empty() ? "no header there" : OneOf(allowed));
      return false;
    }
    good &= LowerHeader(*spec, use);
    previous = spec;
  }
  return good;
}

// In the largest frame; before that is known, around the payload.
bool MessageLowering::MeasureHeaders() {
  const uint32_t size = sizes_.max > FcsBytes() ? sizes_.max - FcsBytes() : 0;
  auto bytes = packet::HeaderBytes(stack_, 0, size);
  if (!bytes.ok() && size > 0) bytes = packet::HeaderBytes(stack_, 0, 0);  // CheckSizes tells why
  if (!bytes.ok()) {
    context_.faults.Add(message_.place,
                        Concat("the message ", Quote(name_), ": ", AsStd(bytes.status().message())),
                        kWhole);
    return false;
  }
  header_bytes_ = *bytes;
  return true;
}

bool MessageLowering::CheckSizes(const LawRange& range) {
  sizes_.max = static_cast<uint32_t>(std::clamp<int64_t>(range.max, 0, kMaxFrameBytes));
  if (!MeasureHeaders()) return false;
  uint32_t least = HeaderBytes() + FcsBytes();
  std::string why = Concat("at least ", least, " bytes: headers and FCS");
  const bool ethernet = stack_[0].spec->name == "ethernet";
  if (ethernet && !message_.runt && least < kMinEthernetBytes) {
    why =
        Concat("at least ", kMinEthernetBytes, " bytes, the shortest Ethernet frame, or \"runt\"");
    least = kMinEthernetBytes;
  }
  if (range.min < least || range.max > kMaxFrameBytes) {
    using Kind = ValueLaw::Kind;
    const Kind kind = message_.size->kind;
    const bool counts =
        kind == Kind::kIncrement || kind == Kind::kDecrement || kind == Kind::kPermutation;
    if (counts && message_.size->count == 0) {
      context_.faults.Add(message_.size->place, "a size that counts on without end",
                          "\"count\": how many sizes");
      return false;
    }
    const bool low = range.min < least;
    context_.faults.Add(message_.size->place,
                        Concat("a size of ", low ? range.min : range.max, " bytes"),
                        low ? why : Concat("at most ", kMaxFrameBytes));
    return false;
  }
  sizes_.min = static_cast<uint32_t>(range.min);
  sizes_.max = static_cast<uint32_t>(range.max);
  sizes_.mean = range.mean;
  return true;
}

// Sizes count the FCS, the engine's frames do not.
void WithoutFcs(core::Law& law, uint32_t fcs) {
  law.start -= law.kind == core::Law::Kind::kList || law.kind == core::Law::Kind::kAlias ? 0 : fcs;
  for (uint64_t& value : law.values) value -= fcs;
}

bool MessageLowering::LowerSize() {
  if (!message_.size) return MeasureHeaders();
  auto number = LowerNumber(context_, names_, *message_.size, Scope::kPacket,
                            Concat("message ", name_, " size"));
  if (!number) return false;
  if (number->variable && message_.size->name.starts_with("(")) {
    sizes_.variable = *number->variable;
    return true;
  }
  if (number->variable) {  // kept between the headers' own size and the longest usual frame
    sizes_.variable = *number->variable;
    sizes_.max = kUsualFrameBytes;
    if (!MeasureHeaders()) return false;
    sizes_.min = std::min(HeaderBytes() + FcsBytes(), sizes_.max);
    return true;
  }
  if (!CheckSizes(RangeOf(number->law))) return false;
  if (sizes_.min == sizes_.max) return true;
  WithoutFcs(number->law, FcsBytes());
  sizes_.draw = AddDraw(context_, std::move(number->law), number->scope, number->salt);
  return true;
}

bool MessageLowering::MakePayload() {
  const Payload payload = message_.payload.value_or(Payload{});
  const bool pattern =
      payload.kind == Payload::Kind::kFill || payload.kind == Payload::Kind::kIncrementByte;
  if (pattern && !message_.size) {
    context_.faults.Add(payload.place, "a pattern without end", "a \"size\" of the message");
    return false;
  }
  if (!pattern && payload.kind != Payload::Kind::kNone) {
    const std::string bytes = *PayloadBytes(context_, payload);
    payload_.assign(bytes.begin(), bytes.end());
  }
  if (pattern) {
    payload_.assign(sizes_.max - FcsBytes() - HeaderBytes(), payload.fill);
    if (payload.kind == Payload::Kind::kIncrementByte) {
      for (size_t i = 0; i < payload_.size(); ++i)
        payload_[i] = static_cast<uint8_t>(payload.fill + i);
    }
  }
  const size_t room = sizes_.max > 0 ? sizes_.max - FcsBytes() - HeaderBytes() : payload_.size();
  if (sizes_.draw == core::kNone && payload_.size() > room) {
    context_.faults.Add(message_.size->place, Concat("a size of ", sizes_.max, " bytes"),
                        Concat("at least ", HeaderBytes() + payload_.size() + FcsBytes(),
                               " bytes: headers, payload and FCS"));
    return false;
  }
  if (HeaderBytes() + payload_.size() + FcsBytes() > kMaxFrameBytes && !pattern) {
    context_.faults.Add(message_.place, Concat("a payload of ", payload_.size(), " bytes"),
                        Concat("a frame of at most ", kMaxFrameBytes, " bytes with FCS"));
    return false;
  }
  bool good = true;
  for (size_t i = 0; i < message_.at.size(); ++i) good &= LowerRaw(message_.at[i], i);
  return good;
}

// Constants go into the payload before it is encoded, so that checksums cover them; what varies
// becomes a patch over zeros.
bool MessageLowering::LowerRaw(const RawField& field, size_t number) {
  const uint64_t bit = uint64_t{field.offset} * 8;
  const uint64_t end = (bit + field.bits + 7) / 8;
  const uint64_t room = sizes_.min > 0 ? sizes_.min - FcsBytes() - HeaderBytes() : payload_.size();
  if (end > room || field.bits < 1 || field.bits > 64) {
    context_.faults.Add(field.place, Concat(field.bits, " bits at byte ", field.offset),
                        Concat("a place within the payload of ", room, " bytes"));
    return false;
  }
  for (const RawField& other : std::span(message_.at).first(number)) {
    if (other.offset < end && field.offset < other.offset + (other.bits + 7) / 8) {
      context_.faults.Add(field.place, Concat(field.bits, " bits at byte ", field.offset),
                          Concat("a place apart from the ", other.bits, " bits at byte ",
                                 other.offset, ", which another value takes"));
      return false;
    }
  }
  if (payload_.size() < end) payload_.resize(end);
  const packet::FieldSpec spec = {
      .name = "value", .kind = KindOf(field), .bits = static_cast<uint16_t>(field.bits)};
  const auto value =
      LowerField(context_, names_, field.value, spec, Concat("message ", name_, " at ", number));
  if (!value) return false;
  // What varies is written as words of 64 bits that begin at even bytes.
  const bool odd = (HeaderBytes() + field.offset) % 2 == 1;
  if (odd && field.bits > 56 && field.bits < 64 && !value->pieces.empty()) {
    context_.faults.Add(
        field.place,
        Concat(field.bits, " bits that vary at byte ", field.offset, ", an odd one of the frame"),
        "at most 56 bits, or 64");
    return false;
  }
  for (uint32_t i = 0; i < field.bits; ++i) {
    const size_t from = value->constant.size() * 8 - field.bits + i;
    const bool set = value->constant[from / 8] >> (7 - from % 8) & 1;
    const auto mask = static_cast<uint8_t>(0x80 >> (bit + i) % 8);
    uint8_t& byte = payload_[(bit + i) / 8];
    byte = static_cast<uint8_t>(set ? byte | mask : byte & ~mask);
  }
  for (const FieldPiece& piece : value->pieces) {
    raw_.emplace_back(static_cast<uint32_t>(bit + field.bits), piece);
  }
  return true;
}

core::Patch PatchAt(uint32_t end_bit, const FieldPiece& piece) {
  return {.offset_bits = end_bit - piece.low_bit - piece.bits,
          .bits = piece.bits,
          .source = piece.source,
          .index = piece.index,
          .column = piece.column};
}

void MessageLowering::AddPatches(core::Message& out) const {
  for (const Varying& field : varying_) {
    const auto first = packet::FieldBit(stack_, field.header, *field.field, out.frame);
    const uint32_t end = first.value_or(0) + field.field->bits;
    for (const FieldPiece& piece : field.pieces) {
      out.patches.push_back(PatchAt(end, piece));
      out.patches.back().little_endian = field.field->little_endian;
    }
  }
  for (const auto& [end, piece] : raw_) {
    out.patches.push_back(PatchAt(out.frame.payload_offset * 8u + end, piece));
  }
}

bool MessageLowering::SetLink() {
  const packet::LinkType link = LinkOf(stack_);
  const bool first = context_.out.messages.empty() && context_.out.tracks.empty();
  if (!first && context_.out.link != link) {
    context_.faults.Add(message_.place,
                        Concat("a message that begins with ", Quote(stack_[0].spec->name)),
                        "the same outermost header in all messages of a template");
    return false;
  }
  context_.out.link = link;
  return true;
}

// Back to what headers and payload, or the size, make of a runt.
void MessageLowering::CutPadding(packet::Frame& frame) const {
  const size_t size = sizes_.max > FcsBytes() ? sizes_.max - FcsBytes() : 0;
  frame.bytes.resize(std::max<size_t>(frame.data_end, size));
  if (!frame.seals.empty()) frame.clear.resize(frame.bytes.size());
}

// A radio takes no longer frame, be it sent or carried in a tunnel.
bool MessageLowering::FitsRadio(const packet::Frame& frame) {
  for (size_t i = 0; i < stack_.size(); ++i) {
    const uint32_t bytes = frame.data_end - frame.header_offsets[i];
    if (stack_[i].spec->name != "ieee802154" || bytes <= kMaxRadioBytes) continue;
    context_.faults.Add(
        message_.size ? message_.size->place : message_.place,
        Concat("an IEEE 802.15.4 frame of ", bytes, " bytes"),
        Concat("at most ", kMaxRadioBytes, ", its FCS included (aMaxPhyPacketSize)"));
    return false;
  }
  return true;
}

// Lengths that vary with the size, also those in digits (SIP, HTTP), are columns of 32 bits.
constexpr size_t kMostDigits = 4;

std::optional<LoweredMessage> MessageLowering::Lower() {
  if (!LowerStack() || !LowerSize() || !MakePayload() || !SetLink()) return std::nullopt;
  core::Message out;
  out.name = name_;
  out.info = message_.info;
  out.size_draw = sizes_.draw;
  out.size_variable = sizes_.variable;
  out.missed = Missed(context_, names_, message_);
  const bool varies = sizes_.draw != core::kNone || sizes_.variable != core::kNone;
  auto frame = packet::Encode(stack_, payload_, sizes_.max > 0 ? sizes_.max - FcsBytes() : 0);
  if (!frame.ok()) {
    context_.faults.Add(message_.place,
                        Concat("the message ", Quote(name_), ": ", AsStd(frame.status().message())),
                        kWhole);
    return std::nullopt;
  }
  if (varies && !frame->resizable()) {
    context_.faults.Add(message_.size->place, "a size that varies around a trailer",
                        "one size: a header of this stack ends behind the payload");
    return std::nullopt;
  }
  if (varies && std::ranges::any_of(frame->lengths, [](const packet::LengthSite& site) {
        return site.bytes > kMostDigits;
      })) {
    context_.faults.Add(message_.size->place, "a size that varies around a length of five digits",
                        "one size, or one of at most 9999 bytes behind that length");
    return std::nullopt;
  }
  out.frame = *std::move(frame);
  out.runt = message_.runt;
  if (out.runt) CutPadding(out.frame);
  if (!FitsRadio(out.frame)) return std::nullopt;
  AddPatches(out);
  LoweredMessage lowered;
  lowered.index = static_cast<uint32_t>(context_.out.messages.size());
  if (!varies) {
    // Link padding is no payload, so the frame's end does not tell its length.
    lowered.payload = sizes_.max > 0 ? sizes_.max - FcsBytes() - HeaderBytes()
                                     : static_cast<uint32_t>(payload_.size());
  }
  for (size_t i = 0; i + 1 < stack_.size(); ++i) {
    if (stack_[i].spec->name != "tcp") continue;
    lowered.application = out.frame.payload_offset - out.frame.header_offsets[i + 1];
  }
  lowered.mean_bytes =
      sizes_.mean > 0 ? sizes_.mean : static_cast<double>(out.frame.bytes.size() + FcsBytes());
  out.port = PortOf(context_, names_, message_);
  context_.out.messages.push_back(std::move(out));
  return lowered;
}

}  // namespace

std::optional<std::string> PayloadBytes(Context& context, const Payload& payload) {
  if (payload.kind == Payload::Kind::kText) return payload.data;
  if (payload.kind != Payload::Kind::kHex) {
    context.faults.Add(payload.place, "a pattern without end", "\"text\", \"hex\" or a size");
    return std::nullopt;
  }
  std::string digits;
  for (char c : payload.data) {
    if (!absl::ascii_isspace(c)) digits += c;
  }
  return absl::HexStringToBytes(digits);
}

std::optional<LoweredMessage> LowerMessage(Context& context, const FlowNames& names,
                                           const std::string& name, const Message& message) {
  return MessageLowering(context, names, name, message).Lower();
}

}  // namespace spate::tmpl
