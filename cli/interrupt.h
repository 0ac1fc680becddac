// Ctrl-C and SIGTERM: the first one asks the run to end with true figures, the second one kills.
#pragma once

#include <signal.h>

#include <atomic>

namespace spate::cli {

// Catches both signals while it lives; one at a time.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  const std::atomic<bool>& flag() const;

 private:
  struct sigaction before_int_{};
  struct sigaction before_term_{};
};

}  // namespace spate::cli
