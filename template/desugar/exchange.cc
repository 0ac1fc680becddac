// exchange: a request, its answer, time-outs with back-off, packets that come twice.
#include <cmath>

#include "base/text.h"
#include "template/desugar/program.h"
#include "template/surface/laws.h"

namespace spate::tmpl {

using core::OpCode;

namespace {

void CheckBackoff(Faults& faults, const ExchangeStep& step, const Place& place) {
  if (!step.timeout || step.max_timeout_s) return;
  const auto first = MeanSeconds(*step.timeout);
  if (!first.ok()) return;  // reported with the law
  const double last = *first * std::pow(step.backoff, step.retries);
  if (last <= kMaxSeconds) return;
  faults.Add(At(place, "backoff"), Concat("a last time-out of ", last, " s"),
             Concat("at most ", kMaxSeconds, " s: a smaller factor, or \"max_timeout\""));
}

}  // namespace

// The packet, and by chance again; its sequence number stays.
void Program::SendMaybeTwice(const Sent& sent, double twice, const std::optional<TimeLaw>& after,
                             const std::string& path) {
  SendOnly(sent);
  if (twice <= 0) return;
  const uint32_t draw = Choose({1 - twice, twice}, Concat(path, " twice"), 0);
  SetTarget(draw, 1, Here());
  if (after) Wait(*after, Concat(path, " double"));
  SendOnly(sent);
  SetTarget(draw, 0, Here());
}

void Program::WaitTimeout(const ExchangeStep& step, uint32_t tries, const std::string& path) {
  const double most = step.max_timeout_s.value_or(kMaxSeconds);
  const core::Law first = LowerTime(context_, step.timeout.value_or(TimeLaw{}));
  Wait(Stretched(first, std::pow(step.backoff, tries), most), path);
}

// Unrolled: request, then by chance the answer or (after the time-out) the next try. A repeated
// request repeats its sequence number, so the number advances when the tries are over.
void Program::AddStep(const ExchangeStep& step, const Step& at, const std::string& path) {
  const Place place = At(at.place, "exchange");
  const Sent* request = Find(step.request, At(place, "request"));
  const Sent* response = Find(step.response, At(place, "response"));
  if (!request || !response) return;
  CheckBackoff(context_.faults, step, place);
  const Duplicate duplicate = step.duplicate.value_or(Duplicate{});
  std::vector<uint32_t> answered;  // draws whose first outcome is the answer
  if (step.loss > 0) {
    for (uint32_t i = 0; i <= step.retries; ++i) {
      const std::string try_path = Concat(path, " try ", i);
      SendMaybeTwice(*request, duplicate.request, duplicate.after, try_path);
      const uint32_t draw = Choose({1 - step.loss, step.loss}, try_path, 0);
      SetTarget(draw, 1, Here());
      answered.push_back(draw);
      WaitTimeout(step, i, Concat(try_path, " timeout"));
    }
    Advance(*request);
  } else {
    SendMaybeTwice(*request, duplicate.request, duplicate.after, path);
  }
  const size_t skip = Here();
  if (step.loss > 0) Emit(OpCode::kJump);
  for (const uint32_t draw : answered) SetTarget(draw, 0, Here());
  Advance(*request);
  Wait(step.delay, Concat(path, " delay"));
  if (duplicate.response > 0) {
    SendMaybeTwice(*response, duplicate.response, duplicate.after, Concat(path, " answer"));
    Advance(*response);
  } else {
    Send(*response);
  }
  if (step.loss > 0) out_.ops[skip].a = static_cast<uint32_t>(Here());
}

}  // namespace spate::tmpl
