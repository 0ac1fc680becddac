#include "tests/capture/file_builder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "base/text.h"
#include "capture/layout.h"

namespace spate::capture {

FileBuilder& FileBuilder::Number(uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) {
    const int shift = 8 * (big_endian_ ? bytes - 1 - i : i);
    out_.push_back(static_cast<char>(value >> shift));
  }
  return *this;
}

FileBuilder& FileBuilder::Bytes(std::string_view bytes) {
  out_ += bytes;
  return *this;
}

FileBuilder& FileBuilder::PcapHeader(uint32_t magic, uint32_t link) {
  return U32(magic).U16(2).U16(4).U32(0).U32(0).U32(262144).U32(link);
}

FileBuilder& FileBuilder::PcapRecord(uint32_t seconds, uint32_t fraction, std::string_view data) {
  const auto bytes = static_cast<uint32_t>(data.size());
  return U32(seconds).U32(fraction).U32(bytes).U32(bytes + 4).Bytes(data);
}

FileBuilder& FileBuilder::Block(uint32_t type, const FileBuilder& body) {
  std::string filled = body.str();
  filled.resize((filled.size() + 3) / 4 * 4);
  const auto length = static_cast<uint32_t>(filled.size() + 12);
  return U32(type).U32(length).Bytes(filled).U32(length);
}

FileBuilder& FileBuilder::Section() {
  return Block(kSectionHeaderBlock,
               FileBuilder(big_endian_).U32(kByteOrderMagic).U16(1).U16(0).U64(~uint64_t{0}));
}

FileBuilder& FileBuilder::Interface(uint16_t link, uint32_t snap_bytes,
                                    const FileBuilder& options) {
  return Block(kInterfaceBlock,
               FileBuilder(big_endian_).U16(link).U16(0).U32(snap_bytes).Bytes(options.str()));
}

FileBuilder& FileBuilder::Enhanced(uint32_t interface, uint64_t ticks, std::string_view data) {
  const auto bytes = static_cast<uint32_t>(data.size());
  FileBuilder body(big_endian_);
  body.U32(interface).U32(static_cast<uint32_t>(ticks >> 32)).U32(static_cast<uint32_t>(ticks));
  return Block(kEnhancedPacketBlock, body.U32(bytes).U32(bytes).Bytes(data));
}

std::string FreshPath(std::string_view extension) {
  static int number = 0;
  return absl::StrCat(::testing::TempDir(), "spate-capture-", getpid(), "-", ++number,
                      AsAbsl(extension));
}

TempFile::TempFile(std::string_view bytes, std::string_view extension)
    : path_(FreshPath(extension)) {
  std::ofstream(path_, std::ios::binary).write(bytes.data(), static_cast<long>(bytes.size()));
}

TempFile::~TempFile() { std::remove(path_.c_str()); }

std::vector<Read> ReadAll(const std::string& path, absl::Status* status) {
  std::vector<Read> packets;
  const auto reader = Reader::Open(path);
  *status = reader.status();
  while (status->ok()) {
    const auto packet = (*reader)->Next();
    *status = packet.status();
    if (!packet.ok() || !packet->has_value()) break;
    packets.push_back({(*packet)->time_ns,
                       std::string((*packet)->data.begin(), (*packet)->data.end()),
                       (*packet)->original_bytes, static_cast<uint16_t>((*packet)->link)});
  }
  return packets;
}

}  // namespace spate::capture
