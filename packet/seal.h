// Seals: trailers that are made of a finished frame part, and the encryption that comes with them.
// They run after every field, length and checksum inside is in place, and before the checksums that
// cover them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "packet/header.h"

namespace spate::packet {

using Key = std::array<uint8_t, 16>;

// One seal of a frame, its places in bytes from the frame's begin. The trailer ends `behind` bytes
// before the frame's end, wherever that is.
struct Seal {
  SealKind kind = SealKind::kFcs16;
  uint16_t begin = 0;      // of what it protects
  uint16_t clear_end = 0;  // kCcmMic: end of the header in the clear; what follows is encrypted
  uint16_t behind = 0;
  Key key = {};  // kCcmMic
};

// Adds the keys of `seals` to `keys`, each once.
void AddKeys(std::span<const Seal> seals, std::vector<Key>& keys);

inline constexpr uint16_t kFcs16Bytes = 2;
inline constexpr uint16_t kCcmMicBytes = 4;
// The auxiliary header of Zigbee's network security, the last bytes of the header in the clear:
// security control, frame counter, extended source, key sequence number (Zigbee 05-3474-23, 4.5.1).
inline constexpr uint16_t kZigbeeAuxBytes = 14;

// ITU-T CRC-16 as IEEE 802.15.4-2020, 7.2.11 has it: x^16 + x^12 + x^5 + 1, lowest bit first, start
// 0.
uint16_t Fcs16(const uint8_t* data, size_t size);

// Bytes of the trailers that `seals` make.
size_t SealBytes(std::span<const Seal> seals);

// Makes one seal, frame by frame. Holds a cipher context: one thread at a time.
class Sealer {
 public:
  static absl::StatusOr<Sealer> Create(const Seal& seal);
  Sealer(Sealer&&) noexcept;
  Sealer& operator=(Sealer&&) noexcept;
  ~Sealer();

  // Seals the frame of `size` bytes in place, which holds the part in the clear and any trailer.
  // kCcmMic: AES-128-CCM* of level 5 (encryption, 4 bytes of integrity code), the nonce made of
  // extended source, frame counter and security control; the level is sent as 0 (Zigbee
  // 05-3474-23, 4.3.1.1). False: the library failed.
  bool Apply(uint8_t* frame, size_t size) const;

  // The way back, for kCcmMic: the frame in the clear, its level set, where the integrity code is
  // right; else untouched and false.
  bool Open(uint8_t* frame, size_t size) const;

 private:
  struct Cipher;
  Sealer(const Seal& seal, std::unique_ptr<Cipher> cipher);

  Seal seal_;
  std::unique_ptr<Cipher> cipher_;  // kCcmMic
};

}  // namespace spate::packet
