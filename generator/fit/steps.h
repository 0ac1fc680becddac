// A kind's behaviour as steps of a flow.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "generator/fit/arrivals.h"
#include "generator/fit/behaviour.h"
#include "generator/fit/messages.h"
#include "template/surface.h"

namespace spate::generator {

// Draws of the template that stand for transaction identifiers, one per pass.
class DrawPool {
 public:
  // The draw of the n-th identifier of a service; `bits` wide.
  std::string NameOf(const std::string& service, uint32_t n, uint32_t bits);
  tmpl::Named<tmpl::NamedDraw> Take() { return std::move(draws_); }

 private:
  std::map<std::tuple<std::string, uint32_t, uint32_t>, std::string> names_;
  tmpl::Named<tmpl::NamedDraw> draws_;
};

struct StepsContext {
  const Sample& sample;
  const Typing& typing;
  MessagePool& messages;
  DrawPool& draws;
};

// Fills steps and variables of `flow`.
void WriteSteps(const Kind& kind, const Arrivals& arrivals, const StepsContext& context,
                tmpl::Flow& flow);

}  // namespace spate::generator
