#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "base/text.h"
#include "packet/bits.h"
#include "packet/frame.h"
#include "packet/layout.h"
#include "packet/pseudo.h"

namespace spate::packet {
namespace {

// A header's place in the frame.
struct Placed {
  const HeaderValues* values;
  size_t offset = 0;
  size_t end = 0;  // of its datagram, its own trailer left out
  Layout layout;
  Trailer trailer;

  const HeaderSpec& spec() const { return *values->spec; }
};

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

// Headers and trailers of a stack around a payload of a known size, from the innermost out.
class Stacker {
 public:
  Stacker(const std::vector<HeaderValues>& stack, bool pad) : stack_(stack), pad_(pad) {}

  absl::Status Run(size_t payload) {
    built.clear();
    trailers.clear();
    inside = payload;
    for (size_t i = stack_.size(); i-- > 0;) {
      SPATE_ASSIGN_OR_RETURN(Built header, Build(stack_[i], inside));
      SPATE_ASSIGN_OR_RETURN(Trailer trailer, BuildTrailer(stack_[i], header.bytes, inside, pad_));
      inside += trailer.bytes.size() + header.bytes.size();
      trailers.push_back(std::move(trailer));
      built.push_back(std::move(header));
    }
    std::ranges::reverse(built);
    std::ranges::reverse(trailers);
    return absl::OkStatus();
  }

  std::vector<Built> built;  // outermost first
  std::vector<Trailer> trailers;
  size_t inside = 0;  // bytes of all with the payload

 private:
  const std::vector<HeaderValues>& stack_;
  const bool pad_;
};

// Lays the stack around what payload fits: `payload` bytes, or what `size` leaves. Returns the
// payload's size. Widths of some lengths depend on it, so it is found by trying.
absl::StatusOr<size_t> Fit(Stacker& stacker, size_t payload, uint32_t size) {
  if (size == 0) {
    SPATE_RETURN_IF_ERROR(stacker.Run(payload));
    return payload;
  }
  size_t room = 0;
  for (int round = 0; round < 4; ++round) {
    SPATE_RETURN_IF_ERROR(stacker.Run(room));
    const size_t headers = stacker.inside - room;
    if (headers > size) {
      return absl::InvalidArgumentError(absl::StrCat("a frame of ", size,
                                                     " bytes (without FCS) is "
                                                     "too small for its headers: ",
                                                     headers));
    }
    if (size - headers == room) break;
    room = size - headers;
  }
  return room;
}

class Encoder {
 public:
  Encoder(const std::vector<HeaderValues>& stack, const std::vector<uint8_t>& payload,
          uint32_t size)
      : stack_(stack), payload_(payload), size_(size) {}

  absl::StatusOr<Frame> Run() {
    SPATE_RETURN_IF_ERROR(CheckStack());
    SPATE_RETURN_IF_ERROR(PlaceAll());
    NameNext();
    for (size_t i = 0; i < placed_.size(); ++i) AddLengths(i);
    for (size_t i = placed_.size(); i-- > 0;) {
      SPATE_RETURN_IF_ERROR(AddSeal(placed_[i]));
      AddChecksums(i);
    }
    Pad();
    return std::move(frame_);
  }

 private:
  absl::Status CheckStack() const;
  absl::Status PlaceAll();
  void NameNext();
  void NameNext(const Placed& header, const Placed& next);
  void AddLengths(size_t index);
  void AddLength(const Placed& header, size_t offset, size_t from, const LengthRule& rule,
                 size_t bits);
  absl::Status AddSeal(const Placed& header);
  void AddChecksums(size_t index);
  void Pad();

  const std::vector<HeaderValues>& stack_;
  const std::vector<uint8_t>& payload_;
  const uint32_t size_;
  std::vector<Placed> placed_;
  Frame frame_;
};

absl::Status Encoder::CheckStack() const {
  if (stack_.empty()) return absl::InvalidArgumentError("a frame needs at least one header");
  const HeaderSpec* previous = nullptr;
  for (const HeaderValues& values : stack_) {
    SPATE_RETURN_IF_ERROR(CheckOrder(previous, *values.spec));
    previous = values.spec;
  }
  if (stack_.back().spec->carries_payload || payload_.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(AsAbsl(stack_.back().spec->name),
                                                 " carries no payload, found ", payload_.size(),
                                                 " bytes of it"));
}

absl::Status Encoder::PlaceAll() {
  const bool carries = stack_.back().spec->carries_payload;  // else Pad() fills up to size_
  Stacker stacker(stack_, size_ == 0);
  SPATE_ASSIGN_OR_RETURN(size_t payload, Fit(stacker, payload_.size(), size_));
  if (!carries && payload != 0) {
    payload = 0;
    SPATE_RETURN_IF_ERROR(stacker.Run(0));
  }
  if (std::max<size_t>(stacker.inside, size_) > kMaxFrameBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("a frame of ", std::max<size_t>(stacker.inside, size_),
                     " bytes (without FCS); at most ", kMaxFrameBytes));
  }
  std::vector<uint8_t>& bytes = frame_.bytes;
  for (size_t i = 0; i < stack_.size(); ++i) {
    Built& built = stacker.built[i];
    frame_.header_offsets.push_back(static_cast<uint16_t>(bytes.size()));
    placed_.push_back({&stack_[i], bytes.size(), 0, std::move(built.layout), {}});
    bytes.insert(bytes.end(), built.bytes.begin(), built.bytes.end());
  }
  frame_.payload_offset = static_cast<uint16_t>(bytes.size());
  bytes.insert(bytes.end(), payload_.begin(),
               payload_.begin() + static_cast<ptrdiff_t>(std::min(payload_.size(), payload)));
  bytes.resize(frame_.payload_offset + payload);
  for (size_t i = stack_.size(); i-- > 0;) {
    Trailer& trailer = stacker.trailers[i];
    placed_[i].end = bytes.size();
    bytes.insert(bytes.end(), trailer.bytes.begin(), trailer.bytes.end());
    placed_[i].trailer = std::move(trailer);
  }
  frame_.trailer_bytes = static_cast<uint16_t>(bytes.size() - frame_.payload_offset - payload);
  return absl::OkStatus();
}

void Encoder::NameNext() {
  for (size_t i = 0; i + 1 < placed_.size(); ++i) NameNext(placed_[i], placed_[i + 1]);
}

void Encoder::NameNext(const Placed& header, const Placed& next) {
  const Place* place = next.spec().In(header.spec().selects);
  for (const FieldSpec& field : header.spec().fields) {
    if (field.derived != Derived::kNext || Given(*header.values, &field)) continue;
    if (place->id == kByLength) {
      AddLength(header, header.offset + field.bit_offset / 8, next.offset, {}, field.bits);
      continue;
    }
    const std::optional<FieldPlace> at = header.layout.PlaceOf(field);
    const auto trailing = std::ranges::find(header.trailer.places, &field, &FieldPlace::field);
    if (at) {
      PutBits(frame_.bytes.data() + header.offset, at->bit, field.bits, place->id);
    } else if (trailing != header.trailer.places.end()) {
      PutBits(frame_.bytes.data() + header.end, trailing->bit, field.bits, place->id);
    }
  }
}

void Encoder::AddLength(const Placed& header, size_t offset, size_t from, const LengthRule& rule,
                        size_t bits) {
  const size_t behind = frame_.bytes.size() - header.end;
  const LengthSite site{.offset = static_cast<uint16_t>(offset),
                        .from = static_cast<uint16_t>(from + behind),
                        .bytes = static_cast<uint8_t>(bits / 8),
                        .form = rule.form};
  frame_.lengths.push_back(site);
  PutLength(frame_.bytes.data() + offset, site,
            static_cast<uint32_t>(frame_.bytes.size() - site.from));
}

void Encoder::AddLengths(size_t index) {
  const Placed& header = placed_[index];
  for (const LengthRule& rule : header.spec().lengths) {
    const FieldSpec* field = header.spec().Find(rule.field);
    const auto place = header.layout.PlaceOf(*field);
    if (Given(*header.values, field) || !place) continue;
    const size_t from = header.offset + LengthStart(header.spec(), rule, header.layout);
    AddLength(header, header.offset + place->bit / 8, from, rule, place->bits);
  }
}

Key KeyOf(const HeaderValues& values) {
  Key key = {};
  for (const FieldSpec& field : values.spec->fields) {
    if (field.kind != FieldKind::kKey) continue;
    PutBits(key.data(), 0, 64, field.preset_high);
    PutBits(key.data(), 64, 64, field.preset);
    const FieldValue* given = Given(values, &field);
    if (given != nullptr) std::ranges::copy(given->bytes, key.begin());
  }
  return key;
}

// A trailer that is given is as it is and seals nothing.
absl::Status Encoder::AddSeal(const Placed& header) {
  const HeaderValues& values = *header.values;
  if (header.spec().seal == SealKind::kNone || header.trailer.places.empty()) {
    return absl::OkStatus();
  }
  if (Given(values, header.trailer.places.front().field) != nullptr) return absl::OkStatus();
  const size_t end = header.end + header.trailer.bytes.size();
  const Seal seal{.kind = header.spec().seal,
                  .begin = static_cast<uint16_t>(header.offset),
                  .clear_end = static_cast<uint16_t>(header.offset + header.layout.bytes),
                  .behind = static_cast<uint16_t>(frame_.bytes.size() - end),
                  .key = KeyOf(values)};
  if (frame_.seals.empty()) frame_.clear = frame_.bytes;
  frame_.seals.push_back(seal);
  SPATE_ASSIGN_OR_RETURN(const Sealer sealer, Sealer::Create(seal));
  if (sealer.Apply(frame_.bytes.data(), frame_.bytes.size())) return absl::OkStatus();
  return absl::InternalError("the crypto library could not seal the frame");
}

void Encoder::AddChecksums(size_t index) {
  const Placed& header = placed_[index];
  std::vector<Stacked> stack;
  for (const Placed& placed : placed_) {
    stack.push_back({&placed.spec(), placed.offset, &placed.layout});
  }
  for (const ChecksumRule& rule : header.spec().checksums) {
    const FieldSpec* field = header.spec().Find(rule.field);
    const FieldValue* given = Given(*header.values, field);
    const auto place = header.layout.PlaceOf(*field);
    if (!place || (given != nullptr && !given->bytes.empty())) continue;
    ChecksumSite site = SiteOf(stack, index, rule, frame_.bytes);
    const size_t end = header.end + header.trailer.bytes.size();
    if (site.end == 0 && end != frame_.bytes.size()) site.end = static_cast<uint16_t>(end);
    site.bias = given != nullptr ? 1 : 0;
    frame_.checksums.push_back(site);
    SetChecksum(frame_.bytes, site);
    if (!frame_.clear.empty()) SetChecksum(frame_.clear, site);
  }
}

void Encoder::Pad() {
  frame_.data_end = static_cast<uint16_t>(frame_.bytes.size());
  const size_t least = std::max<size_t>(size_, stack_.front().spec->shortest_frame);
  if (frame_.bytes.size() < least) frame_.bytes.resize(least);
  if (!frame_.seals.empty()) frame_.clear.resize(frame_.bytes.size());
}

}  // namespace

absl::StatusOr<Frame> Encode(const std::vector<HeaderValues>& stack,
                             const std::vector<uint8_t>& payload, uint32_t size) {
  return Encoder(stack, payload, size).Run();
}

absl::StatusOr<uint32_t> HeaderBytes(const std::vector<HeaderValues>& stack, size_t payload_bytes,
                                     uint32_t size) {
  Stacker stacker(stack, size == 0);
  SPATE_ASSIGN_OR_RETURN(const size_t payload, Fit(stacker, payload_bytes, size));
  return static_cast<uint32_t>(stacker.inside - payload);
}

}  // namespace spate::packet
