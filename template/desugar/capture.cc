#include "template/desugar/capture.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/numbers.h"
#include "base/text.h"
#include "capture/capture.h"
#include "packet/addresses.h"
#include "packet/bits.h"
#include "template/desugar/port.h"
#include "template/limits.h"

namespace spate::tmpl {
namespace {

using core::Track;

constexpr uint32_t kMostFrame = kMaxFrameBytes - kFcsBytes;

// Fields whose kinds say how host columns are read.
const packet::FieldSpec& FieldOf(std::string_view header, std::string_view field) {
  return *packet::FindHeader(header)->Find(field);
}

// What takes the place of one captured address: columns of the track.
struct Role {
  uint32_t address = core::kNone;
  uint32_t mac = core::kNone;  // kNone: MAC addresses stay
  const HostSet* set = nullptr;
};

// Checksums that cover an address of the network header at `layer`: its own, and that of the
// transport header behind it, whose pseudo-header holds it. A UDP checksum of 0 is none (RFC 768).
struct Sums {
  uint16_t header = 0, transport = 0;
  bool zero_as_ones = false;
};

class CaptureLowering {
 public:
  CaptureLowering(Context& context, const FlowNames& names, const CaptureUse& capture)
      : context_(context), names_(names), capture_(capture) {}

  std::shared_ptr<const Track> Lower();

 private:
  bool MakeRoles();
  bool MakePorts();
  std::optional<uint32_t> AddColumn(const HostUse& use, const packet::FieldSpec& field);
  bool ReadFile(const std::string& file);
  bool AddPacket(const capture::Packet& packet, const std::string& file);
  uint32_t FrameOf(const std::vector<uint8_t>& bytes);
  // These return whose frame it is; nullptr: nobody's that has a role.
  const HostSet* FindEdits(const std::vector<uint8_t>& bytes);
  const HostSet* EditArp(const std::vector<uint8_t>& bytes, const packet::Layer& layer);
  const HostSet* EditAddress(const std::vector<uint8_t>& bytes, const packet::Dissection& found,
                             size_t layer, std::string_view field, size_t mac_offset);
  uint32_t PortBehind(const HostSet* sender);
  void EditPorts(const std::vector<uint8_t>& bytes, const packet::Dissection& found, size_t layer);
  void Edit(uint32_t column, size_t offset, size_t bytes, Sums sums);
  const Role* RoleAt(const uint8_t* address, size_t bytes) const;
  bool Fail(std::string found, std::string expected) {
    context_.faults.Add(capture_.place, std::move(found), std::move(expected));
    return false;
  }

  Context& context_;
  const FlowNames& names_;
  const CaptureUse& capture_;
  std::shared_ptr<Track> track_ = std::make_shared<Track>();
  std::map<std::vector<uint8_t>, Role> roles_;     // by captured address
  std::map<uint16_t, uint32_t> ports_;             // captured port → column
  absl::flat_hash_map<uint64_t, uint32_t> first_;  // by hash: a frame …
  std::vector<uint32_t> next_;                     // … and the next one of the same hash
  std::vector<uint8_t> bytes_;                     // of the packet in hand
  int64_t begin_ns_ = 0;                           // stamp of the file's first packet
  int64_t offset_ps_ = 0;                          // where the file begins in the track
  double sum_bytes_ = 0;
  bool first_of_file_ = true, first_of_all_ = true;
};

std::optional<uint32_t> CaptureLowering::AddColumn(const HostUse& use,
                                                   const packet::FieldSpec& field) {
  const auto rows = HostRows(context_, use, capture_.place, field);
  if (!rows) return std::nullopt;
  const uint64_t count = HostCount(*use.set);
  if (count > kMaxListed) {
    Fail(Concat(count, " hosts in place of one"), Concat("at most ", kMaxListed));
    return std::nullopt;
  }
  core::EditColumn column(count);
  const size_t bytes = field.bits / 8;
  for (uint64_t row = 0; row < count; ++row) {
    const uint128 value = rows->At(row % rows->count);  // one value is all hosts' own
    for (size_t i = 0; i < bytes; ++i) {
      column[row][i] = static_cast<uint8_t>(value >> (8 * (bytes - 1 - i)));
    }
  }
  track_->columns.push_back(std::move(column));
  return static_cast<uint32_t>(track_->columns.size() - 1);
}

bool CaptureLowering::MakeRoles() {
  for (const auto& [address, host] : capture_.roles) {
    const auto ipv4 = packet::ParseIpv4(address);
    const auto ipv6 = packet::ParseIpv6(address);
    if (!ipv4 && !ipv6) {
      return Fail(Concat("the role of ", Quote(address)), "an IPv4 or IPv6 address");
    }
    const auto use = ResolveHost(context_, names_, capture_.place, host, std::nullopt);
    if (!use) return false;
    Role role{.set = use->set};
    const auto column = AddColumn(*use, ipv4 ? FieldOf("ipv4", "src") : FieldOf("ipv6", "src"));
    if (!column) return false;
    role.address = *column;
    if (FindNamed(use->set->columns, "mac")) {
      const auto mac = AddColumn(*use, FieldOf("ethernet", "src"));
      if (!mac) return false;
      role.mac = *mac;
    }
    std::vector<uint8_t> key;
    if (ipv4) key.assign(ipv4->begin(), ipv4->end());
    if (!ipv4) key.assign(ipv6->begin(), ipv6->end());
    roles_[key] = role;
  }
  return true;
}

bool CaptureLowering::MakePorts() {
  for (const auto& [from, to] : capture_.ports) {
    uint32_t port = 0;
    if (!absl::SimpleAtoi(from, &port) || port > 65535 || to > 65535) {
      return Fail(Concat("the port ", from, " → ", to), "ports from 0 to 65535");
    }
    core::EditColumn column(1);
    packet::Put16(column[0].data(), static_cast<uint16_t>(to));
    ports_[static_cast<uint16_t>(port)] = static_cast<uint32_t>(track_->columns.size());
    track_->columns.push_back(std::move(column));
  }
  return true;
}

const Role* CaptureLowering::RoleAt(const uint8_t* address, size_t bytes) const {
  const auto found = roles_.find(std::vector<uint8_t>(address, address + bytes));
  return found == roles_.end() ? nullptr : &found->second;
}

void CaptureLowering::Edit(uint32_t column, size_t offset, size_t bytes, Sums sums) {
  track_->edits.push_back({.column = column,
                           .offset = static_cast<uint16_t>(offset),
                           .bytes = static_cast<uint8_t>(bytes),
                           .zero_as_ones = sums.zero_as_ones,
                           .header_sum = sums.header,
                           .transport_sum = sums.transport});
}

// Where the checksum of a network header stands; 0: it has none.
uint16_t HeaderSum(const packet::Layer& layer) {
  for (const packet::ChecksumRule& rule : layer.spec->checksums) {
    if (rule.covers != packet::Covers::kHeader) continue;
    return static_cast<uint16_t>(layer.offset + layer.spec->Find(rule.field)->bit_offset / 8);
  }
  return 0;
}

// Adds the checksum of a transport header, unless it has none or does not use it.
void AddTransport(const std::vector<uint8_t>& bytes, const packet::Layer& layer, Sums& sums) {
  for (const packet::ChecksumRule& rule : layer.spec->checksums) {
    if (rule.covers != packet::Covers::kPseudoHeaderAndRest) continue;
    const size_t at = layer.offset + layer.spec->Find(rule.field)->bit_offset / 8;
    if (rule.zero_as_ones && packet::Get16(&bytes[at]) == 0) continue;
    sums.transport = static_cast<uint16_t>(at);
    sums.zero_as_ones = rule.zero_as_ones;
  }
}

const HostSet* CaptureLowering::EditAddress(const std::vector<uint8_t>& bytes,
                                            const packet::Dissection& found, size_t layer,
                                            std::string_view field, size_t mac_offset) {
  const packet::Layer& network = found.layers[layer];
  const packet::FieldSpec& spec = *network.spec->Find(field);
  const size_t at = network.offset + spec.bit_offset / 8, length = spec.bits / 8;
  const Role* role = RoleAt(&bytes[at], length);
  if (!role) return nullptr;
  Sums sums{.header = HeaderSum(network)};
  if (layer + 1 < found.layers.size()) AddTransport(bytes, found.layers[layer + 1], sums);
  Edit(role->address, at, length, sums);
  const bool ethernet = found.layers[0].spec->name == "ethernet";
  // A group address says so in its MAC address, which is nobody's.
  if (ethernet && role->mac != core::kNone && (bytes[mac_offset] & 1) == 0) {
    Edit(role->mac, mac_offset, 6, {});
  }
  return role->set;
}

const HostSet* CaptureLowering::EditArp(const std::vector<uint8_t>& bytes,
                                        const packet::Layer& layer) {
  const HostSet* sender = nullptr;
  for (const auto& [protocol, hardware] :
       {std::pair("sender_protocol_addr", "sender_hardware_addr"),
        std::pair("target_protocol_addr", "target_hardware_addr")}) {
    const packet::FieldSpec* address = layer.spec->Find(protocol);
    const packet::FieldSpec* mac = layer.spec->Find(hardware);
    if (!address || !mac) continue;
    const size_t at = layer.offset + address->bit_offset / 8;
    const size_t mac_at = layer.offset + mac->bit_offset / 8;
    const Role* role = RoleAt(&bytes[at], 4);
    if (!role) continue;
    if (protocol == std::string_view("sender_protocol_addr")) sender = role->set;
    Edit(role->address, at, 4, {});
    const bool known = std::any_of(&bytes[mac_at], &bytes[mac_at + 6], [](uint8_t b) { return b; });
    if (role->mac == core::kNone || !known) continue;
    Edit(role->mac, mac_at, 6, {});
    if (std::memcmp(&bytes[6], &bytes[mac_at], 6) == 0) Edit(role->mac, 6, 6, {});
    if (std::memcmp(&bytes[0], &bytes[mac_at], 6) == 0) Edit(role->mac, 0, 6, {});
  }
  return sender;
}

void CaptureLowering::EditPorts(const std::vector<uint8_t>& bytes, const packet::Dissection& found,
                                size_t layer) {
  const packet::Layer& transport = found.layers[layer];
  for (const std::string_view name : {"src_port", "dst_port"}) {
    const packet::FieldSpec* field = transport.spec->Find(name);
    if (!field || field->bits != 16) continue;
    const size_t at = transport.offset + field->bit_offset / 8;
    const auto port = ports_.find(packet::Get16(&bytes[at]));
    if (port == ports_.end()) continue;
    Sums sums;
    AddTransport(bytes, transport, sums);
    Edit(port->second, at, 2, sums);
  }
}

// The outermost network header, what is behind it, and ARP.
const HostSet* CaptureLowering::FindEdits(const std::vector<uint8_t>& bytes) {
  if (roles_.empty() && ports_.empty()) return nullptr;
  const packet::Dissection found = packet::Dissect(bytes.data(), bytes.size(), track_->link);
  for (size_t i = 0; i < found.layers.size(); ++i) {
    const packet::Layer& layer = found.layers[i];
    if (layer.spec->name == "arp" && found.layers[0].spec->name == "ethernet") {
      return EditArp(bytes, layer);
    }
    if (layer.spec->name != "ipv4" && layer.spec->name != "ipv6") continue;
    const HostSet* sender = EditAddress(bytes, found, i, "src", 6);
    EditAddress(bytes, found, i, "dst", 0);
    if (i + 1 < found.layers.size()) EditPorts(bytes, found, i + 1);
    return sender;
  }
  return nullptr;
}

// Where in the track's ports the one stands by which this sender's frames leave.
uint32_t CaptureLowering::PortBehind(const HostSet* sender) {
  const uint32_t port = PortOfSender(context_, names_, sender);
  const auto known = std::ranges::find(track_->ports, port);
  const auto at = static_cast<uint32_t>(known - track_->ports.begin());
  if (known == track_->ports.end()) track_->ports.push_back(port);
  return at;
}

// The frame with these bytes, added if it is new.
uint32_t CaptureLowering::FrameOf(const std::vector<uint8_t>& bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const auto fresh = static_cast<uint32_t>(track_->frames.size());
  const auto [slot, is_new] = first_.try_emplace(NameKey(text), fresh);
  for (uint32_t at = is_new ? fresh : slot->second; at != fresh; at = next_[at]) {
    const core::TrackFrame& frame = track_->frames[at];
    if (frame.length == bytes.size() &&
        std::memcmp(&track_->bytes[frame.offset], bytes.data(), bytes.size()) == 0) {
      return at;
    }
    if (next_[at] == core::kNone) {
      next_[at] = fresh;
      break;
    }
  }
  core::TrackFrame frame{.offset = track_->bytes.size(),
                         .length = static_cast<uint32_t>(bytes.size()),
                         .first_edit = static_cast<uint32_t>(track_->edits.size())};
  frame.port = PortBehind(FindEdits(bytes));
  frame.edits = static_cast<uint32_t>(track_->edits.size()) - frame.first_edit;
  track_->bytes.insert(track_->bytes.end(), bytes.begin(), bytes.end());
  track_->frames.push_back(frame);
  next_.push_back(core::kNone);
  track_->longest = std::max(track_->longest, frame.length);
  return fresh;
}

// Cut packets are sent at their length on the wire, zeros in place of what was not captured.
bool CaptureLowering::AddPacket(const capture::Packet& packet, const std::string& file) {
  if (first_of_all_) track_->link = packet.link;
  if (packet.link != track_->link) {
    return Fail(Concat(Quote(file), ", whose packets are of several link types"),
                "captures of one link type");
  }
  const size_t length = std::max<size_t>(packet.original_bytes, packet.data.size());
  if (length > kMostFrame || length == 0) {
    return Fail(Concat("a frame of ", length, " bytes in ", Quote(file)),
                Concat("frames of 1 to ", kMostFrame, " bytes without FCS"));
  }
  if (track_->bytes.size() + length > kMaxTrackBytes ||
      track_->entries.size() >= kMaxTrackEntries) {
    return Fail(Concat(Quote(file), " and what is before it"),
                Concat("at most ", kMaxTrackBytes, " bytes of different frames and ",
                       kMaxTrackEntries, " packets: they are held in memory"));
  }
  if (first_of_file_) begin_ns_ = packet.time_ns;
  first_of_file_ = first_of_all_ = false;
  bytes_.assign(packet.data.begin(), packet.data.end());
  bytes_.resize(length);
  const double since_ps = static_cast<double>(packet.time_ns - begin_ns_) * 1000 / capture_.speed;
  const int64_t last = track_->entries.empty() ? 0 : track_->entries.back().at_ps;
  const int64_t at = offset_ps_ + std::llround(std::clamp(since_ps, 0.0, 8e18));
  track_->entries.push_back({std::max(last, at), FrameOf(bytes_)});
  sum_bytes_ += static_cast<double>(length);
  return true;
}

bool CaptureLowering::ReadFile(const std::string& file) {
  const std::string& from = capture_.place.file.empty() ? context_.t.file : capture_.place.file;
  const std::string path = (std::filesystem::path(from).parent_path() / file).string();
  auto reader = capture::Reader::Open(path);
  if (!reader.ok()) return Fail(std::string(reader.status().message()), "a capture");
  first_of_file_ = true;
  offset_ps_ = track_->entries.empty() ? 0 : track_->entries.back().at_ps;
  for (;;) {
    const auto packet = (*reader)->Next();
    if (!packet.ok()) return Fail(std::string(packet.status().message()), "a whole capture");
    if (!packet->has_value()) break;
    if (!AddPacket(**packet, file)) return false;
  }
  return !first_of_file_ || Fail(Concat(Quote(file), " without packets"), "at least one packet");
}

std::shared_ptr<const Track> CaptureLowering::Lower() {
  if (!MakeRoles() || !MakePorts()) return nullptr;
  for (const std::string& file : capture_.files) {
    if (!ReadFile(file)) return nullptr;
  }
  track_->name = std::filesystem::path(capture_.files.front()).filename().string();
  track_->mean_bytes = sum_bytes_ / static_cast<double>(track_->entries.size());
  track_->bytes.shrink_to_fit();
  return track_;
}

}  // namespace

std::shared_ptr<const Track> LowerCapture(Context& context, const FlowNames& names,
                                          const CaptureUse& capture) {
  return CaptureLowering(context, names, capture).Lower();
}

}  // namespace spate::tmpl
