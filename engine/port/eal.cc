#include "engine/port/eal.h"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_log.h>
#include <sched.h>
#include <sys/mman.h>

#include <cstdio>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/text.h"

namespace spate::engine {
namespace {

// Without hugepages the EAL takes all its memory at the start. It is only mapped: pages that no
// mempool writes cost nothing.
constexpr char kOrdinaryMegabytes[] = "512";

// Hugepages that must be free for us to use them: enough for the pools of a few queues.
constexpr size_t kHugeBytes = 128 << 20;

// What the EAL and its drivers log goes here instead of to the user; errors quote it.
class Log {
 public:
  // Lives as long as the process: drivers log from threads of their own until the very end.
  static Log& Get() {
    static Log* const log = new Log;
    return *log;
  }

  void Open() {
    cookie_io_functions_t io{};
    io.write = [](void* self, const char* data, size_t size) {
      static_cast<Log*>(self)->Append({data, size});
      return static_cast<ssize_t>(size);
    };
    stream_ = fopencookie(this, "w", io);
    if (stream_ != nullptr) rte_openlog_stream(stream_);
  }

  std::string Take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(text_, {});
  }

 private:
  void Append(std::string_view text) {
    const absl::string_view line = absl::StripAsciiWhitespace(AsAbsl(text));
    if (line.empty()) return;
    const std::lock_guard lock(mutex_);
    // The first lines say what is wrong, later ones who gave up because of it.
    if (text_.size() + line.size() > kMostBytes) return;
    absl::StrAppend(&text_, text_.empty() ? "" : "; ", line);
  }

  static constexpr size_t kMostBytes = 400;

  std::mutex mutex_;
  std::string text_;
  FILE* stream_ = nullptr;
};

// Reserving fails when too few pages are free or this user may not have them; nothing is touched.
bool HugepagesUsable() {
  void* memory = mmap(nullptr, kHugeBytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
  if (memory == MAP_FAILED) return false;
  munmap(memory, kHugeBytes);
  return true;
}

int FirstAllowedCpu() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  sched_getaffinity(0, sizeof(allowed), &allowed);
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &allowed)) return cpu;
  }
  return 0;
}

std::vector<std::string> Arguments(bool hugepages) {
  std::vector<std::string> arguments = {"spate"};
  if (hugepages) {
    // Few pieces: a vhost peer maps each of them, eight at most.
    arguments.emplace_back("--in-memory");
    arguments.emplace_back("--single-file-segments");
  } else {
    for (const char* a : {"--no-huge", "--no-shconf", "-m", kOrdinaryMegabytes}) {
      arguments.emplace_back(a);
    }
  }
  // An allow-list that names no network device: nothing on the PCI bus is taken at the start, but
  // ports may name devices later, which --no-pci would rule out.
  arguments.insert(arguments.end(), {"-a", "0000:00:00.0"});
  arguments.emplace_back("--no-telemetry");
  arguments.emplace_back(absl::StrCat("--log-level=", RTE_LOG_ERR));
  arguments.emplace_back(absl::StrCat("--lcores=0@", FirstAllowedCpu()));
  return arguments;
}

// rte_eal_init pins its caller to a CPU and makes it lcore 0, so it gets a thread to itself.
bool InitEal(bool hugepages) {
  std::vector<std::string> arguments = Arguments(hugepages);
  std::vector<char*> argv;
  for (std::string& a : arguments) argv.push_back(a.data());
  bool started = false;
  std::thread([&] {
    started = rte_eal_init(static_cast<int>(argv.size()), argv.data()) >= 0;
  }).join();
  return started;
}

absl::Status StartOnce() {
  Log::Get().Open();
  const bool hugepages = HugepagesUsable();
  if (InitEal(hugepages)) return absl::OkStatus();
  const std::string first = TakeEalMessage();
  if (hugepages && InitEal(false)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("DPDK's EAL does not start: ", first, "; `spate ports` lists what is missing"));
}

// Registered until the thread ends.
struct Registration {
  Registration() : ok(rte_thread_register() == 0) {}
  ~Registration() {
    if (ok) rte_thread_unregister();
  }
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;
  bool ok;
};

}  // namespace

absl::Status StartEal() {
  static const absl::Status status = StartOnce();
  return status;
}

absl::Status RegisterEalThread() {
  thread_local const Registration registration;
  if (registration.ok) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat("no lcore left for this thread: DPDK has room for ", RTE_MAX_LCORE));
}

std::string TakeEalMessage() { return Log::Get().Take(); }

}  // namespace spate::engine
