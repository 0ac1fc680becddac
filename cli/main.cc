#include <string>
#include <vector>

#include "cli/command_line.h"

int main(int argc, char** argv) {
  return spate::cli::Main(std::vector<std::string>(argv + (argc > 0), argv + argc));
}
