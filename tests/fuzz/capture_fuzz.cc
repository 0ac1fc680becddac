// The capture reader and the dissector behind it, on any file.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <string>

#include "capture/capture.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const int fd = memfd_create("capture", MFD_CLOEXEC);
  if (fd < 0 || write(fd, data, size) != static_cast<ssize_t>(size)) return 0;
  const auto reader = spate::capture::Reader::Open("/proc/self/fd/" + std::to_string(fd));
  size_t bytes = 0;
  while (reader.ok()) {
    const auto packet = (*reader)->Next();
    if (!packet.ok() || !packet->has_value()) break;
    const auto& [time, frame, original, link] = **packet;
    spate::packet::Summarize(frame.data(), frame.size(), link);
    bytes += frame.size();
  }
  close(fd);
  if (bytes > size) __builtin_trap();  // packets must come out of the file
  return 0;
}
