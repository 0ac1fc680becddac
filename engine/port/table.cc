#include "engine/port/table.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/text.h"
#include "engine/port/af_packet_port.h"
#include "engine/port/af_xdp_port.h"
#include "engine/port/dpdk_names.h"
#include "engine/port/dpdk_port.h"
#include "engine/port/file_port.h"
#include "engine/port/interface.h"
#include "engine/port/rows_port.h"
#include "engine/port/system_advice.h"
#include "template/fault.h"

namespace spate::engine {
namespace {

bool IsNull(std::string_view name) { return name == "null"; }
bool IsDpdkDevice(std::string_view name) { return IsPciDevice(name) || IsVirtualDevice(name); }
bool IsInterface(std::string_view name) { return ReadInterface(std::string(name)).ok(); }

// Short forms of DPDK devices.
template <ShortForm kForm>
bool Matches(std::string_view name) {
  return IsShortForm(kForm, name);
}
template <ShortForm kForm>
void Survey(SystemAdvice& advice) {
  advice.ports.push_back(AdviceOf(kForm));
}
template <ShortForm kForm>
constexpr PortKind ShortKind(std::string_view name, std::string_view pattern,
                             std::string_view help) {
  return {name, pattern, help, Matches<kForm>, OpenDpdkPort, Survey<kForm>};
}

// Names decide, except that an interface may have any: those that are there come first.
constexpr std::array kKinds = {
    PortKind{"null", "null", "takes every frame and drops it (the default)", IsNull, OpenNullPort,
             SurveyNull, /*any_link=*/true},
    PortKind{"af_packet", "eth0", "interface of the kernel, by an AF_PACKET socket", IsInterface,
             OpenAfPacketPort, SurveyInterfaces},
    PortKind{"af_xdp", "xdp:eth0", "interface of the kernel, by an AF_XDP socket", IsXdpPort,
             OpenXdpPort, SurveyXdp},
    PortKind{"dpdk", "0000:01:00.0, net_…", "DPDK device: PCI address or virtual device",
             IsDpdkDevice, OpenDpdkPort, SurveyDpdk},
    ShortKind<ShortForm::kMemif>("memif", "memif:PATH", "shared memory with another process"),
    ShortKind<ShortForm::kVhost>("vhost", "vhost:PATH", "host's side of a vhost-user socket"),
    ShortKind<ShortForm::kVirtio>("virtio", "virtio:PATH", "guest's side of a vhost-user socket"),
    ShortKind<ShortForm::kTap>("tap", "tap:NAME", "interface that the kernel makes for the run"),
    PortKind{"file", "*.pcap, *.pcapng", "capture file with nanosecond stamps, in virtual time",
             IsCaptureFile, OpenFilePort, SurveyFiles, /*any_link=*/true},
    PortKind{"file", "*.jsonl, *.csv", "table of the packets, a row each, in virtual time",
             IsRowsFile, OpenRowsPort, SurveyRows, /*any_link=*/true},
};

absl::Status UnknownPort(const std::string& name) {
  std::vector<std::string> known = InterfaceNames();
  std::string message = absl::StrCat("unknown port ", tmpl::Quote(name), ": expected ");
  absl::StrAppend(&message, absl::StrJoin(kKinds, ", ", [](std::string* out, const PortKind& kind) {
    absl::StrAppend(out, AsAbsl(kind.pattern));
  }));
  absl::StrAppend(&message, "; interfaces here: ", absl::StrJoin(known, ", "));
  known.emplace_back("null");
  const std::string nearest = tmpl::Nearest(name, known);
  if (!nearest.empty()) absl::StrAppend(&message, " (did you mean ", tmpl::Quote(nearest), "?)");
  return absl::NotFoundError(message);
}

const PortKind* FindKind(std::string_view name) {
  const auto found =
      std::ranges::find_if(kKinds, [&](const PortKind& kind) { return kind.match(name); });
  return found == kKinds.end() ? nullptr : &*found;
}

}  // namespace

std::span<const PortKind> PortKinds() { return kKinds; }

absl::StatusOr<std::unique_ptr<RxQueue>> Port::OpenReceiver() {
  return absl::InvalidArgumentError(
      Concat("port ", name(), ": nothing can be received from a port of kind ", kind()));
}

absl::StatusOr<std::unique_ptr<Port>> OpenPort(const std::string& name,
                                               const PortOptions& options) {
  const PortKind* kind = FindKind(name);
  if (kind == nullptr) return UnknownPort(name);
  if (!CarriesLink(name, options.link)) {
    return absl::InvalidArgumentError(
        Concat("port ", name, ": found ", packet::LinkName(options.link),
               " frames, expected Ethernet frames; capture files take the others"));
  }
  return kind->open(name, options);
}

bool CarriesLink(std::string_view name, packet::LinkType link) {
  const PortKind* kind = FindKind(name);
  return kind == nullptr || kind->any_link || link == packet::LinkType::kEthernet;
}

SystemAdvice SurveyPorts() {
  SystemAdvice advice;
  for (const PortKind& kind : kKinds) kind.survey(advice);
  SurveySystem(advice);
  return advice;
}

}  // namespace spate::engine
