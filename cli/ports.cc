// spate ports: where packets can go, what is missing and how to mend it.
#include <unistd.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/text.h"
#include "cli/commands.h"
#include "engine/port/port.h"
#include "nlohmann/json.hpp"
#include "report/json.h"
#include "report/table.h"
#include "report/terminal.h"

namespace spate::cli {
namespace {

constexpr char kPortsExamples[] =
    "Examples:\n"
    "  spate ports\n"
    "  spate ports --advise     which CPUs a run gets, and how to make them quiet\n"
    "  spate ports --json\n"
    "\n"
    "Any name in the first column (or a file name, or a DPDK device string such as\n"
    "net_af_xdp0,iface=eth1) is good for `spate run --port`. A card given to vfio-pci leaves the\n"
    "kernel, and its interface is gone: not the one that you are logged in through.";

using engine::PortAdvice;

std::string PortsTableOf(const char* title, const std::vector<PortAdvice>& advice) {
  const report::Terminal terminal = report::Terminal::Of(STDOUT_FILENO);
  report::Table table({{title}, {"Kind"}, {"Usable"}, {"State"}});
  for (const PortAdvice& line : advice) {
    table.Add({line.name, line.kind, line.usable ? "yes" : "no", line.state});
  }
  return table.Render(terminal.bold(), terminal.plain());
}

// The commands that mend what is missing, in a form that can be copied.
std::string Mends(std::initializer_list<const std::vector<PortAdvice>*> lists) {
  std::string text;
  for (const auto* list : lists) {
    for (const PortAdvice& line : *list) {
      if (line.mend.empty()) continue;
      absl::StrAppend(&text, "  ", report::Printable(line.name), ": ", report::Printable(line.mend),
                      "\n");
    }
  }
  return text.empty() ? text : absl::StrCat("\nTo mend:\n", text);
}

std::string LcoreAdviceTable(const std::vector<engine::LcoreAdvice>& advice) {
  if (advice.empty()) return "No port is on a card: lcores may be on any NUMA node.\n";
  const report::Terminal terminal = report::Terminal::Of(STDOUT_FILENO);
  report::Table table({{"Port"},
                       {"NUMA node", report::Align::kRight},
                       {"Emission CPU", report::Align::kRight},
                       {"Generation CPU", report::Align::kRight}});
  for (const engine::LcoreAdvice& line : advice) {
    table.Add({line.port, absl::StrCat(line.node), absl::StrCat(line.emission),
               absl::StrCat(line.generation)});
  }
  return table.Render(terminal.bold(), terminal.plain());
}

std::string PortsText(const engine::SystemAdvice& advice) {
  return absl::StrCat(PortsTableOf("Port", advice.ports), "\n",
                      PortsTableOf("System", advice.system),
                      Mends({&advice.ports, &advice.system}));
}

// For whoever wants the last packet: the machine instead of its ports.
std::string AdviceText(const engine::SystemAdvice& advice) {
  return absl::StrCat(LcoreAdviceTable(advice.lcores), "\n", PortsTableOf("System", advice.system),
                      Mends({&advice.system}));
}

report::Json PortsJsonOf(const std::vector<PortAdvice>& advice) {
  report::Json list = report::Json::array();
  for (const PortAdvice& line : advice) {
    list.push_back({{"name", line.name},
                    {"kind", line.kind},
                    {"usable", line.usable},
                    {"state", line.state},
                    {"mend", line.mend}});
  }
  return list;
}

report::Json LcoresJsonOf(const std::vector<engine::LcoreAdvice>& advice) {
  report::Json list = report::Json::array();
  for (const engine::LcoreAdvice& line : advice) {
    list.push_back({{"port", line.port},
                    {"node", line.node},
                    {"emission", line.emission},
                    {"generation", line.generation}});
  }
  return list;
}

struct PortsArguments {
  bool json = false;
  bool advise = false;
};

int ListPorts(const PortsArguments& args) {
  const engine::SystemAdvice advice = engine::SurveyPorts();
  std::string text;
  if (args.json) {
    text = report::Text({{"ports", PortsJsonOf(advice.ports)},
                         {"system", PortsJsonOf(advice.system)},
                         {"lcores", LcoresJsonOf(advice.lcores)}});
  } else {
    text = args.advise ? AdviceText(advice) : PortsText(advice);
  }
  report::WriteAll(STDOUT_FILENO, text);
  return kDone;
}

Action DeclarePorts(Options& options) {
  auto args = std::make_shared<PortsArguments>();
  options.AddFlag(args->advise, "--advise", "the CPUs of a run, and what makes them quiet");
  options.AddFlag(args->json, "--json", "print one JSON object");
  return [args] { return ListPorts(*args); };
}

}  // namespace

constexpr Command kPortsCommand = {"ports", "list ports and what is missing for them",
                                   kPortsExamples, DeclarePorts};

}  // namespace spate::cli
