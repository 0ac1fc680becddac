// spate replay: captures back onto a port, by way of a template made in memory.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/diagnostics.h"
#include "cli/run_input.h"
#include "cli/template_output.h"
#include "cli/values.h"

namespace spate::cli {
namespace {

constexpr char kReplayExamples[] =
    "Examples:\n"
    "  spate replay office.pcapng --port eth1              as it was recorded\n"
    "  spate replay office.pcapng -x 10 --loop 0 -p eth1   ten times as fast, without end\n"
    "  spate replay a.pcap b.pcap --pps 1m --limit 5m -p eth1\n"
    "  spate replay office.pcapng --map 10.0.0.7=198.18.0.1 --map-port 80=8080 -p out.pcap\n"
    "  spate replay office.pcapng -x 2 --print             the template instead of the run\n"
    "\n"
    "Frames are held in memory, each different one once. Checksums that were right stay right "
    "when\n"
    "addresses or ports are replaced; everything else is sent as it was recorded.";

struct ReplayArguments {
  std::vector<std::string> files;
  std::vector<std::string> addresses, ports;  // OLD=NEW
  std::string multiplier, pps, mbps, loop = "1", limit;
  bool topspeed = false, print = false;
  RunArguments run;
};

absl::StatusOr<std::pair<std::string, std::string>> ParsePair(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, '=');
  if (parts.size() == 2 && !parts[0].empty() && !parts[1].empty())
    return std::pair(parts[0], parts[1]);
  return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is not OLD=NEW"));
}

std::string CheckPair(const std::string& text) {
  return std::string(ParsePair(text).status().message());
}

std::string CheckNumber(const std::string& text) {
  double number = 0;
  const bool good = absl::SimpleAtod(text, &number) && number > 0 && number <= 1e9;
  return good ? "" : absl::StrCat("\"", text, "\" is not a number above 0, at most 1e9");
}

std::string CheckPort(const std::string& text) {
  const auto pair = ParsePair(text);
  uint32_t from = 0, to = 0;
  const bool good = pair.ok() && absl::SimpleAtoi(pair->first, &from) &&
                    absl::SimpleAtoi(pair->second, &to) && from <= 65535 && to <= 65535;
  return good ? "" : absl::StrCat("\"", text, "\" is not OLD=NEW, two ports");
}

// Each address that takes the place of another one is a host set of its own.
void AddRoles(const ReplayArguments& args, tmpl::Template& made, tmpl::CaptureUse& capture) {
  for (const std::string& text : args.addresses) {
    auto [from, to] = *ParsePair(text);
    tmpl::ValueLaw address;
    address.values.emplace_back(to);
    tmpl::HostSet host;
    host.columns.emplace_back(to.find(':') == std::string::npos ? "ipv4" : "ipv6", address);
    made.hosts.emplace_back(to, host);
    capture.roles.emplace_back(from, to);
  }
  for (const std::string& text : args.ports) {
    auto [from, to] = *ParsePair(text);
    uint32_t port = 0;
    if (absl::SimpleAtoi(to, &port)) capture.ports.emplace_back(from, port);
  }
}

tmpl::Template TemplateOf(const ReplayArguments& args) {
  tmpl::Template made;
  made.name = args.files.front();
  tmpl::Flow flow;
  tmpl::CaptureUse& capture = flow.capture.emplace();
  capture.files = args.files;
  if (double speed = 1; absl::SimpleAtod(args.multiplier, &speed)) capture.speed = speed;
  AddRoles(args, made, capture);
  if (!args.pps.empty()) flow.clock.rate = absl::StrCat(args.pps, "pps");
  if (!args.mbps.empty()) flow.clock.rate = absl::StrCat(args.mbps, "mbps");
  if (!flow.clock.rate.empty()) flow.clock.kind = tmpl::Clock::Kind::kRate;
  flow.passes = *ParseCount(args.loop);
  made.flows.emplace_back("replay", std::move(flow));
  return made;
}

int Replay(ReplayArguments& args) {
  const int speeds =
      !args.multiplier.empty() + !args.pps.empty() + !args.mbps.empty() + args.topspeed;
  if (speeds > 1) {
    Error("one of --multiplier, --pps, --mbps and --topspeed at a time");
    return kWrongUsage;
  }
  auto input = CompileTemplate(TemplateOf(args));
  if (!input) return kFailed;
  tmpl::Flow& flow = input->source.flows.front().second;
  if (flow.clock.kind == tmpl::Clock::Kind::kRate) {
    // There a pass is a packet, not the whole.
    flow.passes = *flow.passes * input->scenario.tracks.front()->entries.size();
    input->scenario.flows.front().passes = *flow.passes;
  }
  if (args.print) {
    const absl::Status status = TemplateOutput{}.Write(input->source);
    return status.ok() ? kDone : Fail(status);
  }
  if (args.topspeed) args.run.rate = "max";
  args.run.packets = args.limit;
  return RunInput(args.run, *input);
}

Action DeclareReplay(Options& options) {
  auto args = std::make_shared<ReplayArguments>();
  options.Add(
      args->files,
      {.names = "FILE", .type = "", .help = "captures, one after the other", .required = true});
  options.Add(args->multiplier, {.names = "-x,--multiplier",
                                 .type = "N",
                                 .help = "times as fast as recorded",
                                 .check = CheckNumber});
  options.Add(
      args->pps,
      {.names = "--pps", .type = "N", .help = "packets a second, evenly", .check = CheckCount});
  options.Add(args->mbps,
              {.names = "-M,--mbps",
               .type = "N",
               .help = "Mb/s (frames with FCS): each gap as long as the frame before it takes",
               .check = CheckNumber});
  options.AddFlag(args->topspeed, "-t,--topspeed", "as fast as the port takes it");
  options.Add(args->loop, {.names = "-l,--loop",
                           .type = "N",
                           .help = "times to send the captures (default 1); 0: without end",
                           .check = CheckCount});
  options.Add(args->limit, {.names = "-L,--limit",
                            .type = "N",
                            .help = "end after this many packets",
                            .check = CheckCount});
  options.Add(args->addresses, {.names = "--map",
                                .type = "OLD=NEW",
                                .help = "replace an IP address, as often as wanted",
                                .check = CheckPair});
  options.Add(args->ports, {.names = "--map-port",
                            .type = "OLD=NEW",
                            .help = "replace a TCP or UDP port",
                            .check = CheckPort});
  options.AddFlag(args->print, "--print", "print the template instead of running it");
  AddRunOptions(options, args->run);
  return [args] { return Replay(*args); };
}

}  // namespace

constexpr Command kReplayCommand = {"replay", "send captures again", kReplayExamples,
                                    DeclareReplay};

}  // namespace spate::cli
