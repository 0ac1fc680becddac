#include "engine/port/dpdk_names.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/status.h"
#include "base/text.h"
#include "engine/port/rights.h"

namespace spate::engine {
namespace {

constexpr uint32_t kMostQueues = 64;

struct Form {
  ShortForm form;
  std::string_view prefix;
  std::string_view device;
  std::string_view key;    // of the path or name among the device's arguments
  bool path = false;       // the name is that of a socket at which peers meet
  bool listens = false;    // the device makes the socket
  bool queue_key = false;  // the driver wants to know the number of queues
  std::string_view state;  // for `spate ports`
};

constexpr std::array kForms = {
    Form{ShortForm::kMemif, "memif:", "net_memif", "socket", true, false, false,
         "shared memory with another process; who comes first listens at PATH"},
    Form{ShortForm::kVhost, "vhost:", "net_vhost", "iface", true, true, true,
         "the host's side of a vhost-user socket, for a guest or virtio:PATH"},
    Form{ShortForm::kVirtio, "virtio:", "net_virtio_user", "path", true, false, true,
         "the guest's side of a vhost-user socket, of a switch or vhost:PATH"},
    Form{ShortForm::kTap, "tap:", "net_tap", "iface", false, false, false,
         "an interface of the kernel that lives as long as the run"},
};

const Form* FindForm(std::string_view name) {
  const auto found =
      std::ranges::find_if(kForms, [&](const Form& form) { return name.starts_with(form.prefix); });
  return found == kForms.end() ? nullptr : &*found;
}

enum class Listener { kThere, kGone, kNone };

// Who is at the other end of a path: a socket with a listener, one that its listener left behind,
// or nothing. Asked by a socket of another type, which the kernel refuses to connect (EPROTOTYPE):
// the listener's driver need not cope with a peer that leaves at once.
absl::StatusOr<Listener> FindListener(const std::string& port, const std::string& path) {
  struct stat found{};
  if (stat(path.c_str(), &found) != 0) return Listener::kNone;
  if (!S_ISSOCK(found.st_mode)) {
    return absl::InvalidArgumentError(absl::StrCat("port ", port, ": ", path, " is no socket"));
  }
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return absl::InvalidArgumentError(absl::StrCat("port ", port, ": the path is longer than ",
                                                   sizeof address.sun_path - 1, " bytes"));
  }
  path.copy(address.sun_path, path.size());
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int result = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int error = errno;
  close(fd);
  return result != 0 && error == ECONNREFUSED ? Listener::kGone : Listener::kThere;
}

absl::StatusOr<uint32_t> TakeQueues(const std::string& port, std::vector<std::string>& arguments) {
  constexpr std::string_view kKey = "queues=";
  const auto given = std::ranges::find_if(
      arguments, [&](const std::string& argument) { return argument.starts_with(kKey); });
  if (given == arguments.end()) return 1;
  uint32_t queues = 0;
  if (!absl::SimpleAtoi(given->substr(kKey.size()), &queues) || queues < 1 ||
      queues > kMostQueues) {
    return absl::InvalidArgumentError(absl::StrCat("port ", port, ": found ", *given,
                                                   ", expected 1 to ", kMostQueues, " queues"));
  }
  arguments.erase(given);
  return queues;
}

// Adds the role of a memif, and makes way for who listens.
absl::Status MeetPeer(const std::string& port, const std::string& path, const Form& form,
                      std::vector<std::string>& arguments) {
  SPATE_ASSIGN_OR_RETURN(const Listener listener, FindListener(port, path));
  bool listens = form.listens;
  if (form.form == ShortForm::kMemif) {
    const auto role = std::ranges::find_if(
        arguments, [](const std::string& argument) { return argument.starts_with("role="); });
    listens = role == arguments.end() ? listener != Listener::kThere : *role == "role=server";
    if (role == arguments.end()) {
      arguments.emplace_back(listens ? "role=server" : "role=client");
    }
    arguments.emplace_back("socket-abstract=no");
  }
  if (listens && listener == Listener::kThere) {
    return absl::AlreadyExistsError(
        absl::StrCat("port ", port, ": another process listens at ", path));
  }
  if (listens && listener == Listener::kGone) unlink(path.c_str());
  if (form.form == ShortForm::kVirtio && listener != Listener::kThere) {
    return absl::UnavailableError(
        absl::StrCat("port ", port, ": nobody listens at ", path, "; start the vhost side first"));
  }
  return absl::OkStatus();
}

absl::StatusOr<DeviceName> ReadShortForm(const std::string& name, const Form& form) {
  std::vector<std::string> arguments =
      absl::StrSplit(AsAbsl(std::string_view(name).substr(form.prefix.size())), ',');
  const std::string path = arguments[0];
  if (path.empty()) {
    return absl::InvalidArgumentError(
        Concat("port ", name, ": found no ", form.path ? "path" : "name", " after ", form.prefix));
  }
  DeviceName device{.bus = "vdev", .device = std::string(form.device)};
  device.peer = form.path;
  SPATE_ASSIGN_OR_RETURN(device.queues, TakeQueues(name, arguments));
  if (form.path) SPATE_RETURN_IF_ERROR(MeetPeer(name, path, form, arguments));
  arguments[0] = Concat(form.key, "=", path);
  if (form.queue_key) arguments.push_back(absl::StrCat("queues=", device.queues));
  device.arguments = absl::StrJoin(arguments, ",");
  return device;
}

}  // namespace

bool IsVirtualDevice(std::string_view name) {
  name = name.substr(0, name.find(','));
  return name.starts_with("net_") && std::ranges::all_of(name, [](unsigned char c) {
           return c == '_' || std::isalnum(c) != 0;
         });
}

bool IsPciDevice(std::string_view name) {
  name = name.substr(0, name.find(','));
  // [dddd:]bb:dd.f, hexadecimal
  constexpr std::string_view kShape = "xxxx:xx:xx.x";
  const std::string_view shape = name.size() == 7 ? kShape.substr(5) : kShape;
  return std::ranges::equal(name, shape, [](char c, char expected) {
    return expected == 'x' ? std::isxdigit(static_cast<unsigned char>(c)) != 0 : c == expected;
  });
}

bool IsShortForm(ShortForm form, std::string_view name) {
  const Form* found = FindForm(name);
  return found != nullptr && found->form == form;
}

std::string_view KindOfDevice(std::string_view name) {
  const Form* form = FindForm(name);
  return form == nullptr ? "dpdk" : form->prefix.substr(0, form->prefix.size() - 1);
}

PortAdvice AdviceOf(ShortForm wanted) {
  const Form& form = *std::ranges::find(kForms, wanted, &Form::form);
  PortAdvice advice{.name = Concat(form.prefix, form.path ? "PATH" : "NAME"),
                    .kind = std::string(KindOfDevice(form.prefix)),
                    .usable = true,
                    .state = std::string(form.state),
                    .mend = ""};
  if (wanted != ShortForm::kTap) return advice;
  if (access("/dev/net/tun", F_OK) != 0) {
    advice.usable = false;
    advice.mend = "modprobe tun";
  } else if (!HasRight(Right::kNetAdmin)) {
    advice.usable = false;
    advice.mend = GrantCommand(Right::kNetAdmin);
  }
  return advice;
}

absl::StatusOr<DeviceName> ReadDeviceName(const std::string& name) {
  if (const Form* form = FindForm(name)) return ReadShortForm(name, *form);
  const std::pair<std::string, std::string> parts = absl::StrSplit(name, absl::MaxSplits(',', 1));
  if (!IsPciDevice(name)) {
    return DeviceName{.bus = "vdev", .device = parts.first, .arguments = parts.second};
  }
  const bool short_address = std::ranges::count(parts.first, ':') == 1;
  return DeviceName{.bus = "pci",
                    .device = short_address ? "0000:" + parts.first : parts.first,
                    .arguments = parts.second};
}

}  // namespace spate::engine
