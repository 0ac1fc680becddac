// spate ports: where packets can go, what is missing and how to mend it.
#include <unistd.h>

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
std::string Mends(const engine::SystemAdvice& advice) {
  std::string text;
  for (const auto* list : {&advice.ports, &advice.system}) {
    for (const PortAdvice& line : *list) {
      if (line.mend.empty()) continue;
      absl::StrAppend(&text, "  ", report::Printable(line.name), ": ", report::Printable(line.mend),
                      "\n");
    }
  }
  return text.empty() ? text : absl::StrCat("\nTo mend:\n", text);
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

int ListPorts(bool json) {
  const engine::SystemAdvice advice = engine::SurveyPorts();
  const std::string text = json
                               ? report::Text({{"ports", PortsJsonOf(advice.ports)},
                                               {"system", PortsJsonOf(advice.system)}})
                               : absl::StrCat(PortsTableOf("Port", advice.ports), "\n",
                                              PortsTableOf("System", advice.system), Mends(advice));
  report::WriteAll(STDOUT_FILENO, text);
  return kDone;
}

Action DeclarePorts(Options& options) {
  auto json = std::make_shared<bool>(false);
  options.AddFlag(*json, "--json", "print one JSON object");
  return [json] { return ListPorts(*json); };
}

}  // namespace

constexpr Command kPortsCommand = {"ports", "list ports and what is missing for them",
                                   kPortsExamples, DeclarePorts};

}  // namespace spate::cli
