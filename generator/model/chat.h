// What a language model's server is asked and answers, free of HTTP: plain data shared by the
// client (client.h), the request log (log.h) and those that write prompts (generator/prompt).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace spate::model {

// Where the model is. Everything that speaks OpenAI's /chat/completions will do: llama.cpp, vLLM,
// Ollama, OpenAI itself.
struct Endpoint {
  std::string base_url;  // "http://127.0.0.1:8089/v1"
  std::string model;     // "": the first that GET <base_url>/models lists
  std::string key;       // sent as a bearer token when not empty; never logged or printed
};

// Fills what is empty from the environment: the model from SPATE_MODEL_NAME, the key from
// SPATE_API_KEY or else OPENAI_API_KEY.
Endpoint WithEnvironment(Endpoint endpoint);

struct Limits {
  using Duration = std::chrono::milliseconds;

  Duration connect{10'000};
  Duration idle{300'000};         // without a byte; a small machine reads a long prompt for minutes
  Duration total{1'800'000};      // one request, from connect to its last byte
  uint32_t retries = 4;           // after 429, 500, 502, 503, 504 and broken connections
  Duration backoff{500};          // before the first retry; doubles, with jitter of ± 50 %
  Duration longest_wait{60'000};  // a server that asks for more (Retry-After) is given up
  uint64_t answer_bytes = 256 << 10;  // of one answer's text
  uint64_t answer_tokens = 4096;      // of one answer, sent as max_tokens
  uint64_t budget_tokens = 200'000;   // of all requests of one client, in and out
};

struct ChatMessage {
  std::string role;  // "system", "user", "assistant"
  std::string content;
};

struct ChatRequest {
  std::vector<ChatMessage> messages;
  std::string schema;  // JSON Schema that the answer should keep to; "" = free text
  double temperature = 0;
  uint64_t seed = 1;
};

struct ChatReply {
  std::string content;
  std::string finish_reason;  // "stop", "length", …; "" when the server gave none
  std::string dialect;        // how the schema was passed on, see dialect.h
  uint64_t prompt_tokens = 0;
  uint64_t answer_tokens = 0;
  bool tokens_estimated = false;  // the server did not count: deltas seen, four bytes a token
  double seconds = 0;
};

}  // namespace spate::model
