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
    for (size_t i = placed_.size(); i-- > 0;) AddChecksums(i);
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
  void Pad();

  void Put(const Placed& header, const FieldSpec& field, uint64_t value) {
    PutBits(frame_.bytes.data() + header.offset, field.bit_offset, field.bits, value);
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
  size_t bytes = spec.fixed_bytes;
  for (const FieldValue& value : values.fields) {
    if (value.field->bits == 0) bytes += (value.bytes.size() + 3) / 4 * 4;
  }
  if (frame_.bytes.size() + bytes > kMaxFrameBytes) {
    return absl::InvalidArgumentError(absl::StrCat(AsAbsl(spec.name), " ends beyond byte ",
                                                   kMaxFrameBytes,
                                                   ", the longest frame that spate makes"));
  }
  const Placed header{&values, frame_.bytes.size(), bytes};
  placed_.push_back(header);
  frame_.header_offsets.push_back(static_cast<uint16_t>(header.offset));
  frame_.bytes.resize(header.offset + bytes);
  for (const FieldSpec& field : spec.fields) {
    const FieldValue* value = Given(values, &field);
    SPATE_RETURN_IF_ERROR(value != nullptr ? PutField(header, *value) : PutPreset(header, field));
  }
  return absl::OkStatus();
}

absl::Status Encoder::PutField(const Placed& header, const FieldValue& value) {
  const FieldSpec& field = *value.field;
  uint8_t* start = frame_.bytes.data() + header.offset;
  if (field.bits == 0) {
    std::ranges::copy(value.bytes, start + field.bit_offset / 8);
    return absl::OkStatus();
  }
  if (const size_t width = Width(value.bytes); width > field.bits) {
    return Error(header.spec(), field.name,
                 absl::StrCat("a value of ", width, " bits does not fit ", field.bits, " bits"));
  }
  // Right-aligned, byte by byte; what is missing on the left is zero, as the frame is.
  size_t bit = field.bit_offset + field.bits;
  size_t left = field.bits;
  for (size_t i = value.bytes.size(); i-- > 0 && left > 0;) {
    const auto take = static_cast<unsigned>(std::min<size_t>(left, 8));
    bit -= take;
    left -= take;
    PutBits(start, bit, take, value.bytes[i]);
  }
  return absl::OkStatus();
}

absl::Status Encoder::PutPreset(const Placed& header, const FieldSpec& field) {
  if (field.bits == 0) return absl::OkStatus();
  if (field.derived == Derived::kHeaderLength) {
    const size_t words = header.bytes / 4;
    if (words >= size_t{1} << field.bits) {
      return Error(header.spec(), field.name,
                   absl::StrCat("a header of ", header.bytes, " bytes; at most ",
                                ((size_t{1} << field.bits) - 1) * 4));
    }
    Put(header, field, words);
    return absl::OkStatus();
  }
  uint8_t* start = frame_.bytes.data() + header.offset;
  if (field.bits > 64) PutBits(start, field.bit_offset, field.bits - 64u, field.preset_high);
  const unsigned low = std::min<unsigned>(field.bits, 64);
  PutBits(start, field.bit_offset + field.bits - low, low, field.preset);
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
  if (size_ != 0 && size_ < headers) {
    return absl::InvalidArgumentError(absl::StrCat("a frame of ", size_,
                                                   " bytes (without FCS) is "
                                                   "too small for its headers: ",
                                                   headers));
  }
  const size_t total = size_ != 0 ? size_ : headers + payload_.size();
  if (total > kMaxFrameBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("a frame of ", total, " bytes (without FCS); at most ", kMaxFrameBytes));
  }
  if (!carries) return absl::OkStatus();  // Pad() fills up to size_
  const size_t keep = std::min(payload_.size(), total - headers);
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
    frame_.lengths.push_back({static_cast<uint16_t>(header.offset + field->bit_offset / 8),
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
    site.offset = static_cast<uint16_t>(header.offset + field->bit_offset / 8);
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

void Encoder::Pad() {
  frame_.data_end = static_cast<uint16_t>(frame_.bytes.size());
  const size_t least = std::max<size_t>(size_, stack_.front().spec->shortest_frame);
  if (frame_.bytes.size() < least) frame_.bytes.resize(least);
}

}  // namespace

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
