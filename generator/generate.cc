#include "generator/generate.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/text.h"
#include "generator/model/client.h"
#include "generator/model/json_text.h"
#include "generator/prompt/assemble.h"
#include "generator/prompt/draft.h"
#include "generator/prompt/prompt.h"
#include "template/template.h"

namespace spate::generator {
namespace {

constexpr size_t kAnswerBytes = 8192;  // of a faulty answer that goes back: contexts are small

// Asks for the services one by one: a short question is what a small model can answer, and a wrong
// answer spoils one service alone.
class Dialogue {
 public:
  Dialogue(const Outline& outline, const GenerateOptions& options,
           const GenerateProgressFn& progress, model::Client& client, model::Log& log,
           GenerateResult& result)
      : outline_(outline),
        options_(options),
        progress_(progress),
        client_(client),
        log_(log),
        result_(result) {}

  absl::Status Run() {
    for (const OutlineService& service : outline_.services) {
      SPATE_RETURN_IF_ERROR(AskFor(service));
    }
    return absl::OkStatus();
  }

  const Draft& draft() const { return draft_; }
  // By service: the faults that its rounds did not mend.
  const std::map<std::string, std::string>& faults() const { return faults_; }

 private:
  // Asks until nothing is wrong or the rounds are used up.
  absl::Status AskFor(const OutlineService& service) {
    const std::string digest = FirstPrompt(outline_, service);
    std::vector<model::ChatMessage> messages = {{"system", SystemPrompt()}, {"user", digest}};
    for (int round = 0;; ++round) {
      result_.rounds = std::max(result_.rounds, round);
      SPATE_ASSIGN_OR_RETURN(const std::string answer, Ask(service, round, messages));
      absl::StatusOr<DraftService> draft = ReadDraft(answer, outline_, service);
      if (draft.ok()) {
        draft_.push_back(*std::move(draft));
        return absl::OkStatus();
      }
      const std::string text(AsStd(draft.status().message()));
      const std::string faults = FaultPrompt(text, service);
      log_.Note("faults", absl::StrCat(service.name, ": ", text));
      if (round >= options_.rounds) return faults_[service.name] = text, absl::OkStatus();
      // Older answers say nothing that the last one and its faults do not.
      messages.resize(2);
      messages.push_back({"assistant", model::Excerpt(answer, kAnswerBytes)});
      messages.push_back({"user", faults});
    }
  }

  absl::StatusOr<std::string> Ask(const OutlineService& service, int round,
                                  const std::vector<model::ChatMessage>& messages) {
    model::ChatRequest request;
    request.messages = messages;
    request.schema = DraftSchema(outline_, service);
    request.seed = options_.seed;
    std::string text = absl::StrCat("asking ", result_.model, " about ", service.name);
    if (round > 0) absl::StrAppend(&text, ", its faults sent back");
    const auto report = [&](uint64_t tokens) {
      if (progress_) progress_({round, tokens, text});
    };
    report(0);
    SPATE_ASSIGN_OR_RETURN(model::ChatReply reply, client_.Ask(request, report));
    result_.dialect = reply.dialect;
    result_.prompt_tokens += reply.prompt_tokens;
    result_.answer_tokens += reply.answer_tokens;
    result_.tokens_estimated = result_.tokens_estimated || reply.tokens_estimated;
    result_.seconds += reply.seconds;
    return std::move(reply.content);
  }

  const Outline& outline_;
  const GenerateOptions& options_;
  const GenerateProgressFn& progress_;
  model::Client& client_;
  model::Log& log_;
  GenerateResult& result_;
  Draft draft_;
  std::map<std::string, std::string> faults_;
};

void NameOrigins(const Sample& sample, const Dialogue& dialogue, GenerateResult& result) {
  for (const SampleService& service : sample.services) {
    ServiceOrigin origin{.service = service.name, .reason = ""};
    const auto fault = dialogue.faults().find(service.name);
    const bool drafted =
        std::any_of(dialogue.draft().begin(), dialogue.draft().end(),
                    [&](const DraftService& s) { return s.service == service.name; });
    if (!drafted) {
      origin.author = ServiceOrigin::Author::kFit;
      origin.reason =
          fault == dialogue.faults().end() ? "it is too rare to be asked for" : fault->second;
      result.notes.push_back(
          absl::StrCat("service ", service.name, " is filled in by the fit: ", origin.reason));
    }
    result.services.push_back(std::move(origin));
  }
  result.notes.push_back(
      "addresses, payloads, sizes, counts and times are the sample's, not the model's");
}

absl::Status Unusable(const Dialogue& dialogue) {
  std::string text = "the model's draft is not usable, no service of it is right:";
  for (const auto& [service, fault] : dialogue.faults()) {
    absl::StrAppend(&text, "\n  ", service, ": ", fault);
  }
  return absl::FailedPreconditionError(text);
}

}  // namespace

absl::StatusOr<GenerateResult> Generate(const Sample& sample, const GenerateOptions& options,
                                        const GenerateProgressFn& progress,
                                        const std::atomic<bool>* cancel) {
  model::Log log;
  if (!options.log_path.empty()) {
    SPATE_ASSIGN_OR_RETURN(log, model::Log::Create(options.log_path));
  }
  SPATE_ASSIGN_OR_RETURN(model::Client client,
                         model::Client::Create(options.endpoint, options.limits, &log, cancel));
  GenerateResult result;
  SPATE_ASSIGN_OR_RETURN(result.model, client.ModelName());
  const Outline outline = MakeOutline(sample);
  Dialogue dialogue(outline, options, progress, client, log, result);
  SPATE_RETURN_IF_ERROR(dialogue.Run());
  if (dialogue.draft().empty()) return Unusable(dialogue);
  SPATE_ASSIGN_OR_RETURN(result.tmpl, Assemble(outline, dialogue.draft(), result.notes));
  SPATE_RETURN_IF_ERROR(tmpl::Compile(result.tmpl).status());
  NameOrigins(sample, dialogue, result);
  return result;
}

}  // namespace spate::generator
