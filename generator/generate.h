// `spate generate`: a language model writes how a sample is structured, the sample says the
// numbers. For each service the model sees a digest (prompt/digest.h), never the packets, and
// answers with a short draft (prompt/draft.h) under a schema made for that service. What is wrong
// with the draft goes back to it for some rounds; services that still lack one then are filled in
// by the fit, and the result says so.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "generator/model/chat.h"
#include "generator/sample/sample.h"
#include "template/surface.h"

namespace spate::generator {

struct GenerateOptions {
  model::Endpoint endpoint;  // base_url is required; see model::WithEnvironment for the rest
  model::Limits limits;
  int rounds = 3;        // how often faults go back to the model before the fit fills in
  std::string log_path;  // JSON lines of every request and answer, without secrets; "" = none
  uint64_t seed = 1;
};

// Reported while the model works, from the calling thread.
struct GenerateProgress {
  int round = 0;        // 0: the first draft; n: after the n-th list of faults
  uint64_t tokens = 0;  // of the present answer
  std::string text;     // one line for people: "asking gemma-3-270m", "3 faults go back", …
};
using GenerateProgressFn = std::function<void(const GenerateProgress&)>;

// Who wrote the structure of a service's part of the template. Numbers are always the sample's.
struct ServiceOrigin {
  enum class Author : uint8_t { kModel, kFit };
  std::string service;
  Author author = Author::kModel;
  std::string reason;  // kFit: the fault that the model did not mend
};

struct GenerateResult {
  tmpl::Template tmpl;
  std::vector<ServiceOrigin> services;
  std::string model;    // as the server calls it
  std::string dialect;  // how the schema reached the model: "json_schema", "none", …
  int rounds = 0;       // times that faults went back
  uint64_t prompt_tokens = 0, answer_tokens = 0;
  bool tokens_estimated = false;
  double seconds = 0;
  std::vector<std::string>
      notes;  // for people, one line each: what was calibrated, filled, dropped
};

// Errors: the server cannot be used (kUnavailable, kUnauthenticated, kDeadlineExceeded,
// kResourceExhausted), `cancel` was set (kCancelled), no service of the draft was usable
// (kFailedPrecondition). None of them leaves anything but the log behind.
absl::StatusOr<GenerateResult> Generate(const Sample& sample, const GenerateOptions& options,
                                        const GenerateProgressFn& progress = nullptr,
                                        const std::atomic<bool>* cancel = nullptr);

}  // namespace spate::generator
