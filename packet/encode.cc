#include <algorithm>
#include <bit>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "base/text.h"
#include "packet/bits.h"
#include "packet/checksum.h"
#include "packet/frame.h"

namespace spate::packet {
namespace {

// A header's place in the frame.
struct Placed {
  const HeaderValues* values;
  size_t offset;
  size_t bytes;

  const HeaderSpec& spec() const { return *values->spec; }
};

absl::Status Error(const HeaderSpec& header, std::string_view field, std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(AsAbsl(header.name), ".", AsAbsl(field), ": ", AsAbsl(what)));
}

const FieldValue* Given(const HeaderValues& values, const FieldSpec* field) {
  const auto it = std::ranges::find(values.fields, field, &FieldValue::field);
  return it == values.fields.end() ? nullptr : &*it;
}

size_t RoundUp(size_t bytes, size_t unit) { return (bytes + unit - 1) / unit * unit; }

// Fields of variable length are extended to whole units of what counts them.
size_t UnitOf(const HeaderSpec& spec) {
  const FieldSpec* count = spec.First(Derived::kHeaderLength);
  return count == nullptr ? 1 : count->unit;
}

absl::Status CheckOrder(const HeaderSpec* previous, const HeaderSpec& next) {
  if (MayFollow(previous, next)) return absl::OkStatus();
  std::vector<absl::string_view> allowed;
  for (const HeaderSpec* header : Headers()) {
    if (MayFollow(previous, *header)) allowed.push_back(AsAbsl(header->name));
  }
  const std::string where =
      previous == nullptr ? "begin a frame" : absl::StrCat("follow ", AsAbsl(previous->name));
  if (allowed.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("no header may ", where, ", found ", AsAbsl(next.name)));
  }
  return absl::InvalidArgumentError(absl::StrCat(AsAbsl(next.name), " cannot ", where,
                                                 "; allowed: ", absl::StrJoin(allowed, ", ")));
}

// The fixed part of a header as far as it says which other fields there are.
std::vector<uint8_t> PresenceBytes(const HeaderValues& values) {
  std::vector<uint8_t> bytes(values.spec->fixed_bytes);
  for (const FieldSpec& field : values.spec->fields) {
    if (field.part != Part::kFixed || field.bits != 1) continue;
    const FieldValue* given = Given(values, &field);
    const bool set = given == nullptr ? field.preset != 0 : given->bytes.back() != 0;
    PutBits(bytes.data(), field.bit_offset, 1, set ? 1 : 0);
  }
  for (const FieldValue& value : values.fields) {
    const When& when = value.field->when;
    if (when.mask != 0) bytes[when.byte] |= when.mask;
  }
  return bytes;
}

size_t HeaderBytes(const HeaderValues& values) {
  const HeaderSpec& spec = *values.spec;
  size_t bytes = spec.fixed_bytes + size_t{spec.PartBytes(Part::kTail, PresenceBytes(values))};
  for (const FieldValue& value : values.fields) {
    if (value.field->bits == 0) bytes += RoundUp(value.bytes.size(), UnitOf(spec));
  }
  return bytes;
}

size_t TrailerBytes(const HeaderValues& values) {
  return values.spec->PartBytes(Part::kTrailer, PresenceBytes(values));
}

// The bits that `bytes` need as a number.
size_t Width(const std::vector<uint8_t>& bytes) {
  const auto first = std::ranges::find_if(bytes, [](uint8_t b) { return b != 0; });
  if (first == bytes.end()) return 0;
  return static_cast<size_t>(bytes.end() - first - 1) * 8 + std::bit_width(*first);
}

class Encoder {
 public:
  Encoder(const std::vector<HeaderValues>& stack, const std::vector<uint8_t>& payload,
          uint32_t size)
      : stack_(stack), payload_(payload), size_(size) {}

  absl::StatusOr<Frame> Run() {
    SPATE_RETURN_IF_ERROR(PlaceHeaders());
    SPATE_RETURN_IF_ERROR(PlacePayload());
    NameNext();
    for (const Placed& header : placed_) AddLengths(header);
    PlaceTrailers();
    for (size_t i = placed_.size(); i-- > 0;) {
      SPATE_RETURN_IF_ERROR(ApplySeals(placed_[i].offset));
      AddChecksums(i);
    }
    Pad();
    return std::move(frame_);
  }

 private:
  absl::Status PlaceHeaders();
  absl::Status PlaceHeader(const HeaderValues& values);
  absl::Status PutField(const Placed& header, const FieldValue& value);
  absl::Status PutPreset(const Placed& header, const FieldSpec& field);
  absl::Status PlacePayload();
  void NameNext();
  void AddLengths(const Placed& header);
  void AddChecksums(size_t index);
  std::optional<ChecksumSite> PseudoHeader(size_t index) const;
  void PlaceTrailers();
  Seal SealOf(const Placed& header, size_t behind) const;
  absl::Status ApplySeals(size_t begin);
  void Pad();

  uint32_t BitOffset(const Placed& header, const FieldSpec& field) const {
    return header.spec().BitOffset(field, {frame_.bytes.data() + header.offset, header.bytes});
  }
  void Put(const Placed& header, const FieldSpec& field, uint64_t value) {
    if (field.little_endian) value = SwapBytes(value, field.bits / 8u);
    PutBits(frame_.bytes.data() + header.offset, BitOffset(header, field), field.bits, value);
  }

  const std::vector<HeaderValues>& stack_;
  const std::vector<uint8_t>& payload_;
  const uint32_t size_;
  std::vector<Placed> placed_;
  Frame frame_;
};

absl::Status Encoder::PlaceHeaders() {
  if (stack_.empty()) return absl::InvalidArgumentError("a frame needs at least one header");
  const HeaderSpec* previous = nullptr;
  for (const HeaderValues& values : stack_) {
    SPATE_RETURN_IF_ERROR(CheckOrder(previous, *values.spec));
    SPATE_RETURN_IF_ERROR(PlaceHeader(values));
    previous = values.spec;
  }
  return absl::OkStatus();
}

absl::Status Encoder::PlaceHeader(const HeaderValues& values) {
  const HeaderSpec& spec = *values.spec;
  const size_t bytes = HeaderBytes(values);
  if (frame_.bytes.size() + bytes > kMaxFrameBytes) {
    return absl::InvalidArgumentError(absl::StrCat(AsAbsl(spec.name), " ends beyond byte ",
                                                   kMaxFrameBytes,
                                                   ", the longest frame that spate makes"));
  }
  const Placed header{&values, frame_.bytes.size(), bytes};
  placed_.push_back(header);
  frame_.header_offsets.push_back(static_cast<uint16_t>(header.offset));
  frame_.bytes.resize(header.offset + bytes);
  const std::vector<uint8_t> presence = PresenceBytes(values);
  std::ranges::copy(presence, frame_.bytes.begin() + static_cast<ptrdiff_t>(header.offset));
  for (const FieldSpec& field : spec.fields) {
    if (field.kind == FieldKind::kKey || field.part == Part::kTrailer) continue;
    if (!Met(field.when, presence) || (field.part == Part::kFixed && field.bits == 1)) continue;
    const FieldValue* value = Given(values, &field);
    SPATE_RETURN_IF_ERROR(value != nullptr ? PutField(header, *value) : PutPreset(header, field));
  }
  return absl::OkStatus();
}

absl::Status Encoder::PutField(const Placed& header, const FieldValue& value) {
  const FieldSpec& field = *value.field;
  uint8_t* start = frame_.bytes.data() + header.offset;
  if (field.bits == 0) {
    const FieldSpec* count = header.spec().First(Derived::kHeaderLength);
    if (count != nullptr && !count->of.empty() && value.bytes.size() % count->unit != 0) {
      return Error(header.spec(), field.name,
                   absl::StrCat(value.bytes.size(), " bytes; entries are of ", count->unit));
    }
    std::ranges::copy(value.bytes, start + BitOffset(header, field) / 8);
    return absl::OkStatus();
  }
  if (const size_t width = Width(value.bytes); width > field.bits) {
    return Error(header.spec(), field.name,
                 absl::StrCat("a value of ", width, " bits does not fit ", field.bits, " bits"));
  }
  // Right-aligned, byte by byte; what is missing on the left is zero, as the frame is.
  const size_t begin = BitOffset(header, field);
  size_t bit = begin + field.bits;
  size_t left = field.bits;
  for (size_t i = value.bytes.size(); i-- > 0 && left > 0;) {
    const auto take = static_cast<unsigned>(std::min<size_t>(left, 8));
    bit -= take;
    left -= take;
    PutBits(start, bit, take, value.bytes[i]);
  }
  if (field.little_endian) std::reverse(start + begin / 8, start + (begin + field.bits) / 8);
  return absl::OkStatus();
}

absl::Status Encoder::PutPreset(const Placed& header, const FieldSpec& field) {
  if (field.bits == 0) return absl::OkStatus();
  if (field.derived == Derived::kHeaderLength) {
    const FieldSpec* of = header.spec().Find(field.of);
    const size_t begin = of == nullptr ? 0 : BitOffset(header, *of) / 8;
    const size_t units = (header.bytes - begin - field.less) / field.unit;
    const size_t most = (size_t{1} << field.bits) - 1;
    if (units > most) {
      return Error(header.spec(), field.name,
                   absl::StrCat("a header of ", header.bytes, " bytes; at most ",
                                begin + most * field.unit + field.less));
    }
    Put(header, field, units);
    return absl::OkStatus();
  }
  if (field.bits <= 64) {
    Put(header, field, field.preset);
    return absl::OkStatus();
  }
  uint8_t* start = frame_.bytes.data() + header.offset;
  const uint32_t begin = BitOffset(header, field);
  PutBits(start, begin, field.bits - 64u, field.preset_high);
  PutBits(start, begin + field.bits - 64u, 64, field.preset);
  return absl::OkStatus();
}

absl::Status Encoder::PlacePayload() {
  const size_t headers = frame_.bytes.size();
  frame_.payload_offset = static_cast<uint16_t>(headers);
  const bool carries = stack_.back().spec->carries_payload;
  if (!carries && !payload_.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(AsAbsl(stack_.back().spec->name),
                                                   " carries no payload, found ", payload_.size(),
                                                   " bytes of it"));
  }
  const size_t overhead = OverheadBytes(stack_);
  if (size_ != 0 && size_ < overhead) {
    return absl::InvalidArgumentError(absl::StrCat("a frame of ", size_,
                                                   " bytes (without FCS) is "
                                                   "too small for its headers: ",
                                                   overhead));
  }
  const size_t total = size_ != 0 && carries ? size_ : overhead + payload_.size();
  if (const size_t longest = std::max<size_t>(total, size_); longest > kMaxFrameBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("a frame of ", longest, " bytes (without FCS); at most ", kMaxFrameBytes));
  }
  frame_.trailer_bytes = static_cast<uint16_t>(overhead - headers);
  const size_t keep = std::min(payload_.size(), total - overhead);
  frame_.bytes.insert(frame_.bytes.end(), payload_.begin(),
                      payload_.begin() + static_cast<ptrdiff_t>(keep));
  frame_.bytes.resize(total);
  return absl::OkStatus();
}

void Encoder::NameNext() {
  for (size_t i = 0; i + 1 < placed_.size(); ++i) {
    const HeaderSpec& spec = placed_[i].spec();
    for (const FieldSpec& field : spec.fields) {
      if (field.derived != Derived::kNext || Given(*placed_[i].values, &field)) continue;
      Put(placed_[i], field, placed_[i + 1].spec().In(spec.selects)->id);
    }
  }
}

void Encoder::AddLengths(const Placed& header) {
  for (const LengthRule& rule : header.spec().lengths) {
    const FieldSpec* field = header.spec().Find(rule.field);
    if (Given(*header.values, field)) continue;
    const size_t from = header.offset + (rule.after_header ? header.bytes : 0);
    frame_.lengths.push_back({static_cast<uint16_t>(header.offset + BitOffset(header, *field) / 8),
                              static_cast<uint16_t>(from)});
    Put(header, *field, frame_.bytes.size() - from);
  }
}

// The pseudo-header of the header at `index`: the addresses of the nearest network header before
// it and its own protocol number (RFC 768, RFC 8200 8.1).
std::optional<ChecksumSite> Encoder::PseudoHeader(size_t index) const {
  const Place* self = placed_[index].spec().In(Space::kIpProtocol);
  for (size_t i = index; i-- > 0;) {
    const HeaderSpec& spec = placed_[i].spec();
    if (spec.selects != Space::kIpProtocol) continue;
    const FieldSpec* src = spec.Find("src");
    const FieldSpec* dst = spec.Find("dst");
    if (src == nullptr || dst == nullptr) continue;
    ChecksumSite site;
    site.pseudo_begin = static_cast<uint16_t>(placed_[i].offset + src->bit_offset / 8);
    site.pseudo_end = static_cast<uint16_t>(placed_[i].offset + (dst->bit_offset + dst->bits) / 8);
    site.protocol = static_cast<uint16_t>(self->id);
    return site;
  }
  return std::nullopt;
}

void Encoder::AddChecksums(size_t index) {
  const Placed& header = placed_[index];
  for (const ChecksumRule& rule : header.spec().checksums) {
    const FieldSpec* field = header.spec().Find(rule.field);
    if (Given(*header.values, field)) continue;
    ChecksumSite site;
    if (rule.covers == Covers::kPseudoHeaderAndRest) {
      site = PseudoHeader(index).value_or(ChecksumSite{});
    }
    site.offset = static_cast<uint16_t>(header.offset + BitOffset(header, *field) / 8);
    site.begin = static_cast<uint16_t>(header.offset);
    if (rule.covers == Covers::kHeader) {
      site.end = static_cast<uint16_t>(header.offset + header.bytes);
    }
    site.zero_as_ones = rule.zero_as_ones;
    frame_.checksums.push_back(site);
    Put16(&frame_.bytes[site.offset],
          FinishChecksum(SumSite(frame_.bytes, site), site.zero_as_ones));
  }
}

// Trailers stand behind the payload, that of the innermost header first. A given one is as it is
// and seals nothing.
void Encoder::PlaceTrailers() {
  size_t behind = frame_.trailer_bytes;
  for (size_t i = placed_.size(); i-- > 0;) {
    const Placed& header = placed_[i];
    const std::vector<uint8_t> presence = PresenceBytes(*header.values);
    for (const FieldSpec& field : header.spec().fields) {
      if (field.part != Part::kTrailer || !Met(field.when, presence)) continue;
      uint8_t* const at = frame_.bytes.data() + frame_.bytes.size() - behind;
      behind -= field.bits / 8u;
      if (const FieldValue* given = Given(*header.values, &field)) {
        std::ranges::copy(given->bytes, at);
        if (field.little_endian) std::reverse(at, at + field.bits / 8);
      } else {
        frame_.seals.push_back(SealOf(header, behind));
      }
    }
  }
}

Seal Encoder::SealOf(const Placed& header, size_t behind) const {
  Seal seal{.kind = header.spec().seal,
            .begin = static_cast<uint16_t>(header.offset),
            .clear_end = static_cast<uint16_t>(header.offset + header.bytes),
            .behind = static_cast<uint16_t>(behind)};
  for (const FieldSpec& field : header.spec().fields) {
    if (field.kind != FieldKind::kKey) continue;
    PutBits(seal.key.data(), 0, 64, field.preset_high);
    PutBits(seal.key.data(), 64, 64, field.preset);
    const FieldValue* given = Given(*header.values, &field);
    if (given != nullptr) std::ranges::copy(given->bytes, seal.key.begin());
  }
  return seal;
}

absl::Status Encoder::ApplySeals(size_t begin) {
  for (const Seal& seal : frame_.seals) {
    if (seal.begin != begin) continue;
    if (frame_.clear.empty()) frame_.clear = frame_.bytes;
    SPATE_ASSIGN_OR_RETURN(const Sealer sealer, Sealer::Create(seal));
    if (!sealer.Apply(frame_.bytes.data(), frame_.bytes.size())) {
      return absl::InternalError("the crypto library could not seal the frame");
    }
  }
  return absl::OkStatus();
}

void Encoder::Pad() {
  frame_.data_end = static_cast<uint16_t>(frame_.bytes.size());
  const size_t least = std::max<size_t>(size_, stack_.front().spec->shortest_frame);
  if (frame_.bytes.size() < least) frame_.bytes.resize(least);
  if (!frame_.clear.empty()) frame_.clear.resize(frame_.bytes.size());
}

}  // namespace

uint32_t OverheadBytes(const std::vector<HeaderValues>& stack) {
  size_t bytes = 0;
  for (const HeaderValues& values : stack) bytes += HeaderBytes(values) + TrailerBytes(values);
  return static_cast<uint32_t>(bytes);
}

absl::StatusOr<Frame> Encode(const std::vector<HeaderValues>& stack,
                             const std::vector<uint8_t>& payload, uint32_t size) {
  return Encoder(stack, payload, size).Run();
}

uint64_t SumSite(std::span<const uint8_t> bytes, const ChecksumSite& site) {
  const uint8_t* data = bytes.data();
  const size_t end = site.end != 0 ? site.end : bytes.size();
  uint64_t sum = SumBytes(data + site.begin, site.offset - site.begin) +
                 SumBytes(data + site.offset + 2, end - site.offset - 2u);
  if (site.pseudo_end != 0) {
    sum += SumBytes(data + site.pseudo_begin, site.pseudo_end - site.pseudo_begin);
    sum += (end - site.begin) + uint64_t{site.protocol};
  }
  return sum;
}

}  // namespace spate::packet
