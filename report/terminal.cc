#include "report/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace spate::report {

Terminal Terminal::Of(int fd) {
  const char* const term = std::getenv("TERM");
  const char* const no_colour = std::getenv("NO_COLOR");
  const bool dumb = term == nullptr || *term == '\0' || std::string_view(term) == "dumb";
  const bool interactive = isatty(fd) == 1 && !dumb;
  const bool plain = no_colour != nullptr && *no_colour != '\0';
  return {.fd = fd, .interactive = interactive, .colour = interactive && !plain};
}

size_t Terminal::width() const {
  winsize size{};
  return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

void WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return;
    text.remove_prefix(static_cast<size_t>(written));
  }
}

}  // namespace spate::report
