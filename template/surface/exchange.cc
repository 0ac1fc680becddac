// {"exchange": {"request": "query", "response": "answer", "delay": "2ms"}}
#include "base/text.h"
#include "template/limits.h"
#include "template/surface/verb.h"

namespace spate::tmpl {
namespace {

constexpr Key<Duplicate> kDuplicateKeys[] = {
    MemberKey<&Duplicate::request, Probability>(
        {.key = "request",
         .doc = "probability that a request, retries included, comes twice",
         .example = "0.01",
         .fallback = "0"}),
    MemberKey<&Duplicate::response, Probability>({.key = "response",
                                                  .doc = "probability that the answer comes twice",
                                                  .example = "0.01",
                                                  .fallback = "0"}),
    MemberKey<&Duplicate::after>(
        {.key = "after",
         .doc = "from a packet to its double, before the exchange goes on; absent: at once",
         .example = R"({"exponential": {"mean": "1ms"}})"}),
};

constexpr Key<ExchangeStep> kExchangeKeys[] = {
    MemberKey<&ExchangeStep::request, MessageName>(
        {.key = "request", .doc = "message that asks", .example = R"("query")", .required = true}),
    MemberKey<&ExchangeStep::response, MessageName>({.key = "response",
                                                     .doc = "message that answers",
                                                     .example = R"("answer")",
                                                     .required = true}),
    MemberKey<&ExchangeStep::delay>({.key = "delay",
                                     .doc = "from request to response",
                                     .example = R"({"lognormal": {"median": "8ms", "sigma": 0.7}})",
                                     .required = true}),
    MemberKey<&ExchangeStep::loss, Probability>({.key = "loss",
                                                 .doc = "probability that no answer comes",
                                                 .example = "0.01",
                                                 .fallback = "0"}),
    MemberKey<&ExchangeStep::timeout>({.key = "timeout",
                                       .doc = "after a lost answer: wait before the next request, "
                                              "or before going on",
                                       .example = R"("1s")"}),
    MemberKey<&ExchangeStep::retries>({.key = "retries",
                                       .doc = "how often the request is sent again at most",
                                       .example = "2",
                                       .fallback = "0"}),
    MemberKey<&ExchangeStep::backoff>(
        {.key = "backoff",
         .doc = "how many times as long as the time-out before each further one is, at least 1",
         .example = "2",
         .fallback = "1"}),
    MemberKey<&ExchangeStep::max_timeout_s, Duration>(
        {.key = "max_timeout",
         .doc = "no time-out grows longer by \"backoff\"",
         .example = R"("60s")"}),
    MemberKey<&ExchangeStep::duplicate>({.key = "duplicate",
                                         .doc = "packets that the network delivers twice",
                                         .example = R"({"request": 0.01, "response": 0.02})"}),
};

void FinishExchange(Reader& reader, const Node& node, ExchangeStep& exchange) {
  if (exchange.loss > 0 && !exchange.timeout) {
    reader.Fail(node, "\"loss\" without \"timeout\"", "\"timeout\": how long an answer is awaited",
                "");
  }
  if (exchange.retries > kMaxRetries) {
    reader.Fail(node, Concat("\"retries\": ", exchange.retries), Concat("at most ", kMaxRetries),
                "");
  }
  if (!(exchange.backoff >= 1)) {
    reader.Fail(node, Concat("\"backoff\": ", exchange.backoff), "a factor of at least 1", "");
  }
  if (exchange.max_timeout_s && exchange.backoff == 1) {
    reader.Fail(node, "\"max_timeout\" without \"backoff\"", "a \"backoff\" above 1 beside it", "");
  }
}

}  // namespace

template <>
const ObjectSpec<Duplicate>& SpecOf<Duplicate>() {
  static constexpr ObjectSpec<Duplicate> spec = {
      "duplicate", "How often packets of an exchange come twice.", kDuplicateKeys};
  return spec;
}

template <>
const ObjectSpec<ExchangeStep>& SpecOf<ExchangeStep>() {
  static constexpr ObjectSpec<ExchangeStep> spec = {
      "exchange", "A request, its response, and what happens when the response is lost.",
      kExchangeKeys, FinishExchange};
  return spec;
}

Key<Step> ExchangeKey() {
  return VerbKey<ExchangeStep>(
      {.key = "exchange",
       .doc = "request and response",
       .example = R"({"request": "query", "response": "answer", "delay": "2ms"})"});
}

}  // namespace spate::tmpl
