// Endpoints as host sets.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "generator/fit/arrivals.h"
#include "generator/sample/sample.h"
#include "template/surface.h"

namespace spate::generator {

// The host sets of the template under construction; equal ones of one service are one.
class HostPool {
 public:
  explicit HostPool(const Sample& sample) : sample_(sample) {}

  // Names of the sets of clients and servers of these conversations, so that the n-th instance (or
  // pass) meets the pair of addresses that the n-th conversation had, as far as the pairs repeat.
  // With one server, clients are dealt by weight where some come more often than others.
  std::pair<std::string, std::string> SetsFor(uint32_t service,
                                              const std::vector<uint32_t>& conversations,
                                              const Arrivals& arrivals);

  // Whether the set holds one host.
  bool Single(const std::string& set) const;

  tmpl::Named<tmpl::HostSet> Take() { return std::move(sets_); }

 private:
  struct Host {
    uint32_t endpoint = 0;
    uint16_t port = 0;  // 0: of no concern
    friend bool operator==(const Host&, const Host&) = default;
  };
  std::string SetOf(const std::string& name, std::vector<Host> hosts, std::vector<double> weights);

  const Sample& sample_;
  tmpl::Named<tmpl::HostSet> sets_;
  std::vector<std::pair<std::string, std::string>>
      contents_;  // by set: base name and what it holds
};

}  // namespace spate::generator
