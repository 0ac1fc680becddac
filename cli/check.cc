// spate check: all faults of templates, or what they amount to.
#include <unistd.h>

#include <cmath>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/plural.h"
#include "base/text.h"
#include "base/units.h"
#include "cli/commands.h"
#include "cli/diagnostics.h"
#include "cli/template_input.h"
#include "nlohmann/json.hpp"
#include "report/json.h"
#include "report/terminal.h"
#include "report/units.h"

namespace spate::cli {
namespace {

constexpr char kCheckExamples[] =
    "Examples:\n"
    "  spate check office.json\n"
    "  spate check configs/*.json --json\n"
    "  spate check sensors.json --set sensors=5000";

struct CheckArguments {
  std::vector<std::string> files;
  std::vector<std::string> set;
  bool json = false;
};

// What one file amounts to; its figures count only where the status is OK.
struct Checked {
  absl::Status status;
  std::vector<tmpl::Fault> faults;
  size_t hosts = 0, messages = 0, groups = 0, flows = 0;
  uint64_t instances = 0;  // of all flows
  double pps = 0;          // planned
  double frame = 0;        // mean bytes with FCS
  std::vector<std::string> notes;
};

Checked Check(const std::string& file, const std::vector<std::string>& set) {
  Checked checked;
  const auto input = ReadTemplate(file, set, checked.faults);
  checked.status = input.status();
  if (!input.ok()) return checked;
  const core::Scenario& scenario = input->scenario;
  const auto plan = engine::MakePlan(scenario);
  checked.status = plan.status();
  if (!plan.ok()) return checked;
  checked.hosts = input->source.hosts.size();
  checked.messages = input->source.messages.size();
  checked.groups = scenario.groups.size();
  checked.flows = scenario.flows.size();
  for (const core::Flow& flow : scenario.flows) {
    checked.instances += scenario.groups[flow.group].count;
  }
  checked.notes = plan->notes;
  checked.pps = plan->mean_pps;
  checked.frame = plan->mean_frame + packet::FramingOf(plan->link).fcs_bytes;
  return checked;
}

std::string Counted(uint64_t count, const char* one) {
  return absl::StrCat(report::Count(count), " ", Plural(count, one));
}

std::string OkLine(const std::string& file, const Checked& checked) {
  return absl::StrCat(file, ": ok: ", Counted(checked.hosts, "host set"), ", ",
                      Counted(checked.messages, "message"), ", ", Counted(checked.groups, "group"),
                      ", ", Counted(checked.flows, "flow"), " in ",
                      Counted(checked.instances, "instance"), "; ", report::Pps(checked.pps),
                      " planned, ", std::llround(checked.frame), " B a frame on average\n");
}

void TellCheck(const std::string& file, const Checked& checked) {
  if (checked.status.ok()) {
    report::WriteAll(STDOUT_FILENO, OkLine(file, checked));
    for (const std::string& note : checked.notes) Note(note);
  } else if (!checked.faults.empty()) {
    FailWithFaults(file, checked.faults);
  } else {
    Fail(checked.status);
  }
}

report::Json FaultJson(const tmpl::Fault& fault) {
  return {{"line", fault.place.line},
          {"path", fault.place.path},
          {"found", fault.found},
          {"expected", fault.expected},
          {"hint", fault.hint}};
}

report::Json CheckJsonOf(const std::string& file, const Checked& checked) {
  if (checked.status.ok()) {
    return {{"file", file},
            {"ok", true},
            {"hosts", checked.hosts},
            {"messages", checked.messages},
            {"groups", checked.groups},
            {"flows", checked.flows},
            {"instances", checked.instances},
            {"planned_pps", checked.pps},
            {"mean_frame_bytes", checked.frame},
            {"notes", checked.notes}};
  }
  report::Json json = {{"file", file},
                       {"ok", false},
                       {"error", std::string(checked.status.message())},
                       {"faults", report::Json::array()}};
  for (const tmpl::Fault& fault : checked.faults) json["faults"].push_back(FaultJson(fault));
  return json;
}

int CheckAll(const CheckArguments& args) {
  bool ok = true;
  report::Json list = report::Json::array();
  for (const std::string& file : args.files) {
    const Checked checked = Check(file, args.set);
    ok = ok && checked.status.ok();
    if (args.json) {
      list.push_back(CheckJsonOf(file, checked));
    } else {
      TellCheck(file, checked);
    }
  }
  if (args.json) report::WriteAll(STDOUT_FILENO, report::Text({{"templates", std::move(list)}}));
  return ok ? kDone : kFailed;
}

Action DeclareCheck(Options& options) {
  auto args = std::make_shared<CheckArguments>();
  options.Add(args->files,
              {.names = "TEMPLATE", .type = "", .help = "templates to check", .required = true});
  AddSetOption(options, args->set);
  options.AddFlag(args->json, "--json", "print one JSON object");
  return [args] { return CheckAll(*args); };
}

}  // namespace

constexpr Command kCheckCommand = {"check", "report all faults of templates", kCheckExamples,
                                   DeclareCheck};

}  // namespace spate::cli
