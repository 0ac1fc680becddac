// A machine that is a tree of files, as sysfs shows one.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/port/cpus.h"
#include "tests/engine/port_testing.h"

namespace spate::testing {

// Two sockets of two cores of two threads; numbered as Linux does on x86: first threads first.
class Machine {
 public:
  explicit Machine(const std::string& isolated) {
    Write("devices/system/cpu/online", "0-7");
    Write("devices/system/cpu/isolated", isolated);
    for (int cpu = 0; cpu < 8; ++cpu) {
      const int core = cpu % 4;
      const std::string directory = absl::StrCat("devices/system/cpu/cpu", cpu);
      Write(directory + "/topology/thread_siblings_list", absl::StrCat(core, ",", core + 4));
      std::filesystem::create_directories(sysfs() / directory / absl::StrCat("node", core / 2));
    }
  }

  std::filesystem::path sysfs() const { return scratch_.File(""); }
  std::vector<engine::Cpu> cpus() const { return engine::ReadCpus(sysfs()); }

  void Write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((sysfs() / name).parent_path());
    std::ofstream(sysfs() / name) << text << "\n";
  }

 private:
  ScratchDirectory scratch_;
};

}  // namespace spate::testing
