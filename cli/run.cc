// spate run: sends what a template says.
#include "engine/run/run.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/diagnostics.h"
#include "cli/file_watch.h"
#include "cli/interrupt.h"
#include "cli/plan_watch.h"
#include "cli/run_input.h"
#include "cli/run_plan.h"
#include "cli/template_input.h"
#include "cli/values.h"
#include "engine/port/port.h"
#include "engine/run/wiring.h"
#include "nlohmann/json.hpp"
#include "report/run_report.h"
#include "report/units.h"
#include "template/quantity.h"

namespace spate::cli {
namespace {

constexpr char kRunExamples[] =
    "Examples:\n"
    "  spate run office.json                          to the null port: nothing leaves the "
    "machine\n"
    "  spate run office.json --port out.pcapng        into a file, as fast as the disk\n"
    "  spate run office.json --port eth1 --rate 1gbps onto a wire, scaled to 1 Gb/s in all\n"
    "  spate run udp-flood.json --rate max --duration 5s\n"
    "  spate run sensors.json --set sensors=5000 --packets 1m --json\n"
    "  spate run firewall.json --port left=eth1 --port right=eth2\n"
    "  spate run office.json --port eth1 --watch      go on with what is saved as office.json\n"
    "\n"
    "Rates: a number, k, m or g, then pps, bps (frames with FCS) or bpsl1 (with preamble and\n"
    "gap); or a share of the line, 50%. Times: 60s, 5ms, 10us.\n"
    "--late: shift the schedule and report a stall, drop the packets, or burst: send them at "
    "once.\n"
    "Ports: null, *.pcap, *.pcapng, an interface, or a DPDK device (`spate ports` lists them);\n"
    "NAME=none leaves that side to another.\n"
    "On a terminal keys change a run: + and - its rate by a tenth, space holds it and goes on, s "
    "and\n"
    "a flow's number or name stop that flow's packets or send them again, q ends it.\n"
    "--watch, behind TEMPLATE: a saved template takes over between two packets, one that is not "
    "good\n"
    "does not; the account, --duration and --packets are of the whole run.\n"
    "Ctrl-C ends a run with true figures and a readable capture; twice, at once.";

// Whole Ethernet frames without FCS, for the plans that a saved template makes.
constexpr uint32_t kWatchedFrameRoom = 1'514;

struct LateChoice {
  const char* name;
  engine::LatePolicy policy;
};
constexpr LateChoice kLateChoices[] = {
    {"shift", engine::LatePolicy::kShift},
    {"drop", engine::LatePolicy::kDrop},
    {"burst", engine::LatePolicy::kCatchUp},
};

const LateChoice* FindLate(const std::string& name) {
  for (const LateChoice& choice : kLateChoices) {
    if (name == choice.name) return &choice;
  }
  return nullptr;
}

std::string CheckLate(const std::string& name) {
  return FindLate(name) != nullptr ? ""
                                   : absl::StrCat("\"", name, "\" is not shift, drop or burst");
}

std::string CheckMode(const std::string& name) {
  return engine::FindMode(name).has_value()
             ? ""
             : absl::StrCat("\"", name, "\" is not auto, prefilled, run-to-completion or pipeline");
}

std::string CheckDeparture(const std::string& name) {
  return name == "auto" || name == "lcore" ? ""
                                           : absl::StrCat("\"", name, "\" is not auto or lcore");
}

absl::StatusOr<engine::RunOptions> OptionsOf(const RunArguments& args,
                                             const engine::Wiring& wiring) {
  engine::RunOptions options;
  if (args.ends_by_clock(wiring)) {
    SPATE_ASSIGN_OR_RETURN(const double seconds, tmpl::ParseDuration(args.duration));
    options.clock_limit = Picos::FromSeconds(seconds);
  }
  options.generation_lcores = args.gen;
  options.emission_lcores = args.emit;
  options.unpaced = args.unpaced();
  options.mode = *engine::FindMode(args.mode);
  options.late = FindLate(args.late)->policy;
  if (!args.lcores.empty()) {
    SPATE_ASSIGN_OR_RETURN(options.lcores, ParseCpuList(args.lcores));
  }
  return options;
}

std::string PlannedRate(const engine::Plan& plan) {
  const packet::Framing framing = packet::FramingOf(plan.link);
  const double bits = (plan.mean_frame + framing.fcs_bytes + framing.l1_bytes) * 8;
  return absl::StrCat(report::Pps(plan.mean_pps), " planned (", report::Bps(plan.mean_pps * bits),
                      " L1)");
}

// What is going to happen, in a line.
std::string Announcement(const engine::Plan& plan, const engine::Wiring& wiring,
                         const engine::RunOptions& options, const report::RunGoal& goal) {
  const auto name = [](std::string* out, const engine::Port* port) {
    absl::StrAppend(out, AsAbsl(port->name()));
  };
  std::string text =
      absl::StrCat(goal.name, " to ", absl::StrJoin(wiring.ports, " and ", name), ": ");
  if (AllVirtual(wiring)) {
    absl::StrAppend(&text, "in virtual time, ", PlannedRate(plan));
  } else {
    absl::StrAppend(&text, options.unpaced ? "as fast as the port takes it"
                                           : absl::StrCat("paced, ", PlannedRate(plan)));
  }
  absl::StrAppend(&text, ", frames of ",
                  std::llround(plan.mean_frame) + packet::FramingOf(plan.link).fcs_bytes,
                  " B on average");
  if (goal.duration_s) absl::StrAppend(&text, ", for ", report::Seconds(*goal.duration_s));
  if (goal.packets) absl::StrAppend(&text, ", ", report::Count(*goal.packets), " packets at most");
  if (!goal.duration_s && !goal.packets) absl::StrAppend(&text, ", until it ends or Ctrl-C");
  return absl::StrCat(text, ", seed ", plan.seed);
}

int TellRun(const engine::RunResult& result, const RunArguments& args) {
  if (args.json) {
    report::WriteAll(STDOUT_FILENO, report::Text(report::RunJson(result)));
  } else {
    report::WriteAll(STDOUT_FILENO, report::RunText(result, report::Terminal::Of(STDOUT_FILENO)));
  }
  return result.verdict.ok() ? kDone : Fail(result.verdict);
}

absl::StatusOr<engine::RunResult> RunPlan(const engine::Plan& plan, const Opened& opened,
                                          const RunArguments& args, const TemplateInput& input) {
  const engine::Wiring& wiring = opened.wiring;
  SPATE_ASSIGN_OR_RETURN(engine::RunOptions options, OptionsOf(args, wiring));
  std::optional<PlanWatch> watch;
  if (args.watch.has_value()) {
    std::vector<std::string> files = FilesOf(input.source);
    if (!args.watch->empty()) files = {*args.watch};
    SPATE_ASSIGN_OR_RETURN(FileWatch saved, FileWatch::Of(files));
    watch.emplace(std::move(saved), [&args, &opened] { return PlanAnew(args, opened); });
    options.frame_room = kWatchedFrameRoom;
    if (!args.duration.empty() && !args.ends_by_clock(wiring)) options.duration = plan.duration;
    if (!args.packets.empty()) options.packets = plan.packets;
  }
  const report::RunGoal goal = GoalOf(DisplayName(input.source), plan, options);
  const Interrupt interrupt;
  for (const std::string& note : plan.notes) Note(note);
  if (!args.quiet) Note(Announcement(plan, wiring, options, goal));
  Console console(args, goal, plan, interrupt);
  console.Connect(options, watch ? &*watch : nullptr);
  auto result = engine::Run(plan, options, wiring, interrupt.flag(), console.progress());
  console.End();
  return result;
}

void AddLcoreOptions(Options& options, RunArguments& args) {
  options.Add(args.mode, {.names = "--mode",
                          .type = "auto|prefilled|run-to-completion|pipeline",
                          .help = "how to send (default auto: by plan, ports and CPUs)",
                          .check = CheckMode});
  options.Add(args.gen, {.names = "--gen",
                         .type = "N",
                         .help = "generation lcores; 0: emission lcores do it (default: by CPUs)",
                         .check = CheckLcores});
  options.Add(args.emit, {.names = "--emit",
                          .type = "N",
                          .help = "emission lcores of each port (default 1)",
                          .check = CheckLcores});
  options.Add(args.lcores, {.names = "--lcores",
                            .type = "LIST",
                            .help = "CPUs to use, emission lcores first, such as 2,4-6",
                            .check = CheckCpuList});
}

int RunTemplate(const RunArguments& args) {
  if (args.templates.size() > 1) {
    Error(absl::StrCat("a run has one template, ", args.templates.size(), " were named"));
    return kWrongUsage;
  }
  auto input = LoadTemplate(args.templates.front(), args.set, args.line);
  return input ? RunInput(args, *input) : kFailed;
}

Action DeclareRun(Options& options) {
  auto args = std::make_shared<RunArguments>();
  options.Add(args->templates,
              {.names = "TEMPLATE", .type = "", .help = "template to run", .required = true});
  options.Add(args->rate, {.names = "--rate",
                           .type = "RATE|max",
                           .help = "scale the whole to this rate; max: do not wait",
                           .check = CheckRateOrMax});
  options.Add(args->packets, {.names = "--packets",
                              .type = "N",
                              .help = "end after this many packets",
                              .check = CheckCount});
  options.Add(args->watch,
              {.names = "--watch",
               .type = "[FILE]",
               .help = "go on with the template as it is whenever it, or FILE, is saved"});
  AddSetOption(options, args->set);
  AddLineOption(options, args->line);
  AddRunOptions(options, *args);
  return [args] { return RunTemplate(*args); };
}

}  // namespace

int RunInput(const RunArguments& args, TemplateInput& input) {
  auto binding = engine::BindPorts(args.ports, input.scenario.ports);
  if (!binding.ok()) {
    Error(std::string(binding.status().message()));
    return kWrongUsage;
  }
  if (!CheckLinks(binding->specs, input)) return kFailed;
  std::vector<std::string> specs = binding->specs;
  const auto open =
      OpenPorts::Open(*std::move(binding), args.rx, input.scenario, args.device_time());
  if (!open.ok()) return Fail(open.status());
  const engine::Wiring& wiring = open->wiring();
  if (AllVirtual(wiring) && !Observe(input)) return kFailed;
  const auto plan = PlanRun(args, input.scenario, wiring);
  if (!plan.ok()) return Fail(plan.status());
  const Opened opened{.wiring = wiring, .specs = std::move(specs), .view = input.scenario.view};
  const auto result = RunPlan(*plan, opened, args, input);
  return result.ok() ? TellRun(*result, args) : Fail(result.status());
}

void AddRunOptions(Options& options, RunArguments& args) {
  options.Add(args.ports, {.names = "-p,--port",
                           .type = "[NAME=]PORT",
                           .help = "where to send, or what the template's NAME is (default null)"});
  options.Add(args.rx, {.names = "--rx",
                        .type = "PORT",
                        .help = "count what arrives at a port sent by, or at another"});
  options.Add(args.duration, {.names = "--duration",
                              .type = "TIME",
                              .help = "end the trace after this time",
                              .check = CheckDuration});
  options.Add(args.seed, {.names = "--seed",
                          .type = "N",
                          .help = "seed of all draws (default 1): same seed, same trace"});
  AddLcoreOptions(options, args);
  options.Add(args.late, {.names = "--late",
                          .type = "shift|drop|burst",
                          .help = "what to do about packets over 1 ms late (default shift)",
                          .check = CheckLate});
  options.Add(args.departure, {.names = "--departure",
                               .type = "auto|lcore",
                               .help = "who holds packets until due: a NIC that can, or the "
                                       "lcore (default auto)",
                               .check = CheckDeparture});
  options.AddFlag(args.json, "--json", "print the account as one JSON object");
  options.AddFlag(args.quiet, "-q,--quiet", "no progress on standard error");
}

constexpr Command kRunCommand = {"run", "send what a template says", kRunExamples, DeclareRun};

}  // namespace spate::cli
