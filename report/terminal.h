// What a stream is connected to: a person's terminal, a file, a pipe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace spate::report {

struct Terminal {
  int fd = 2;
  bool interactive = false;  // the cursor can be moved
  bool colour = false;       // interactive and NO_COLOR (no-color.org) is not set

  // Of the stream `fd`.
  static Terminal Of(int fd);

  // Columns at present; 80 where there is no answer.
  size_t width() const;

  std::string_view bold() const { return colour ? "\033[1m" : ""; }
  std::string_view red() const { return colour ? "\033[1;31m" : ""; }
  std::string_view plain() const { return colour ? "\033[0m" : ""; }
};

// Writes all of `text`; what cannot be written (a closed pipe) is dropped.
void WriteAll(int fd, std::string_view text);

}  // namespace spate::report
