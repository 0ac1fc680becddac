#include "packet/seal.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace spate::packet {
namespace {

constexpr uint8_t kLevel = 5;  // encryption and an integrity code of 4 bytes
constexpr uint8_t kLevelMask = 7;
constexpr int kNonceBytes = 13;

constexpr std::array<uint16_t, 256> MakeCrcTable() {
  std::array<uint16_t, 256> table{};
  for (unsigned i = 0; i < 256; ++i) {
    unsigned crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0x8408 : crc >> 1;
    table[i] = static_cast<uint16_t>(crc);
  }
  return table;
}
constexpr std::array<uint16_t, 256> kCrc = MakeCrcTable();

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

// Contexts keep cipher, key and lengths; each frame only sets its nonce.
Context MakeContext(bool encrypt, const Key& key) {
  Context context(EVP_CIPHER_CTX_new());
  const bool ready =
      context != nullptr &&
      EVP_CipherInit_ex(context.get(), EVP_aes_128_ccm(), nullptr, nullptr, nullptr, encrypt) ==
          1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_IVLEN, kNonceBytes, nullptr) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kCcmMicBytes, nullptr) == 1 &&
      EVP_CipherInit_ex(context.get(), nullptr, nullptr, key.data(), nullptr, encrypt) == 1;
  return ready ? std::move(context) : nullptr;
}

// Extended source, frame counter, security control (Zigbee 05-3474-23, 4.5.2.2).
std::array<uint8_t, kNonceBytes> NonceOf(const uint8_t* aux) {
  std::array<uint8_t, kNonceBytes> nonce;
  std::copy_n(aux + 5, 8, nonce.begin());
  std::copy_n(aux + 1, 4, nonce.begin() + 8);
  nonce[12] = aux[0];
  return nonce;
}

struct Parts {
  uint8_t* header;
  int header_bytes;
  uint8_t* aux;
  uint8_t* text;
  int text_bytes;
  uint8_t* mic;
};

// `header` is null when the frame is too short.
Parts PartsOf(const Seal& seal, uint8_t* frame, size_t size) {
  const size_t trailers = size_t{seal.behind} + kCcmMicBytes;
  const bool fits =
      size >= seal.clear_end + trailers && seal.clear_end >= seal.begin + kZigbeeAuxBytes;
  if (!fits) return {};
  uint8_t* const text = frame + seal.clear_end;
  uint8_t* const mic = frame + size - trailers;
  return {frame + seal.begin,           seal.clear_end - seal.begin,
          text - kZigbeeAuxBytes,       text,
          static_cast<int>(mic - text), mic};
}

// The steps of both ways: lengths first, as CCM wants them, then the header, then the text.
bool Run(EVP_CIPHER_CTX* context, const Parts& parts, int encrypt, uint8_t* out) {
  const auto nonce = NonceOf(parts.aux);
  int length = 0;
  return EVP_CipherInit_ex(context, nullptr, nullptr, nullptr, nonce.data(), encrypt) == 1 &&
         EVP_CipherUpdate(context, nullptr, &length, nullptr, parts.text_bytes) == 1 &&
         EVP_CipherUpdate(context, nullptr, &length, parts.header, parts.header_bytes) == 1 &&
         EVP_CipherUpdate(context, out, &length, parts.text, parts.text_bytes) == 1;
}

}  // namespace

uint16_t Fcs16(const uint8_t* data, size_t size) {
  uint16_t crc = 0;
  for (size_t i = 0; i < size; ++i) {
    crc = static_cast<uint16_t>(crc >> 8 ^ kCrc[(crc ^ data[i]) & 0xff]);
  }
  return crc;
}

size_t SealBytes(std::span<const Seal> seals) {
  size_t bytes = 0;
  for (const Seal& seal : seals)
    bytes += seal.kind == SealKind::kFcs16 ? kFcs16Bytes : kCcmMicBytes;
  return bytes;
}

void AddKeys(std::span<const Seal> seals, std::vector<Key>& keys) {
  for (const Seal& seal : seals) {
    if (seal.kind != SealKind::kCcmMic) continue;
    if (std::ranges::find(keys, seal.key) == keys.end()) keys.push_back(seal.key);
  }
}

struct Sealer::Cipher {
  Context seal, open;
};

Sealer::Sealer(const Seal& seal, std::unique_ptr<Cipher> cipher)
    : seal_(seal), cipher_(std::move(cipher)) {}
Sealer::Sealer(Sealer&&) noexcept = default;
Sealer& Sealer::operator=(Sealer&&) noexcept = default;
Sealer::~Sealer() = default;

absl::StatusOr<Sealer> Sealer::Create(const Seal& seal) {
  if (seal.kind == SealKind::kFcs16) return Sealer(seal, nullptr);
  auto cipher = std::make_unique<Cipher>(MakeContext(true, seal.key), MakeContext(false, seal.key));
  if (cipher->seal == nullptr || cipher->open == nullptr) {
    return absl::InternalError("the crypto library has no AES-128-CCM");
  }
  return Sealer(seal, std::move(cipher));
}

bool Sealer::Apply(uint8_t* frame, size_t size) const {
  if (seal_.kind == SealKind::kFcs16) {
    const size_t end = size - seal_.behind - kFcs16Bytes;
    const uint16_t fcs = Fcs16(frame + seal_.begin, end - seal_.begin);
    frame[end] = static_cast<uint8_t>(fcs);
    frame[end + 1] = static_cast<uint8_t>(fcs >> 8);
    return true;
  }
  const Parts parts = PartsOf(seal_, frame, size);
  if (parts.header == nullptr) return false;
  *parts.aux = static_cast<uint8_t>((*parts.aux & ~kLevelMask) | kLevel);
  EVP_CIPHER_CTX* const context = cipher_->seal.get();
  const bool done =
      Run(context, parts, 1, parts.text) &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kCcmMicBytes, parts.mic) == 1;
  *parts.aux = static_cast<uint8_t>(*parts.aux & ~kLevelMask);
  return done;
}

bool Sealer::Open(uint8_t* frame, size_t size) const {
  if (cipher_ == nullptr) return false;
  const Parts parts = PartsOf(seal_, frame, size);
  if (parts.header == nullptr || parts.text_bytes == 0) return false;
  const uint8_t control = *parts.aux;
  *parts.aux = static_cast<uint8_t>((control & ~kLevelMask) | kLevel);
  EVP_CIPHER_CTX* const context = cipher_->open.get();
  // No frame of a radio is longer (IEEE 802.15.4: 127 bytes); what fails must leave no trace.
  uint8_t clear[256];
  const bool done =
      parts.text_bytes <= static_cast<int>(sizeof clear) &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kCcmMicBytes, parts.mic) == 1 &&
      Run(context, parts, 0, clear);
  if (done) {
    std::memcpy(parts.text, clear, static_cast<size_t>(parts.text_bytes));
  } else {
    *parts.aux = control;
  }
  return done;
}

}  // namespace spate::packet
