// A real HTTP server on 127.0.0.1 that plays a model server by script: each request for a
// completion takes the next act, the last act repeats.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace spate::testing {

struct Act {
  int status = 200;
  std::string content_type = "text/event-stream";
  std::vector<std::pair<std::string, std::string>> headers;
  // Sent as they are, one write a piece.
  std::vector<std::string> pieces;
  enum class End { kClean, kBreak, kHang } end = End::kClean;
};

// Streams `content` as chat.completion.chunk events of `delta_bytes` each, then [DONE].
Act Says(const std::string& content, size_t delta_bytes = 7);
// The same bytes in pieces of `piece_bytes`, wherever the events' borders are.
Act SaysInPieces(const std::string& content, size_t piece_bytes);
// An answer in one piece of application/json, with token counts.
Act SaysAtOnce(const std::string& content);
// An error in OpenAI's form.
Act Refuses(int status, const std::string& message);

class FakeModel {
 public:
  // Decides by the request's body when the script is not enough.
  using Answer = std::function<Act(const std::string& body)>;

  explicit FakeModel(std::vector<Act> script);
  explicit FakeModel(Answer answer);
  ~FakeModel();
  FakeModel(const FakeModel&) = delete;
  FakeModel& operator=(const FakeModel&) = delete;

  std::string base_url() const;  // "http://127.0.0.1:PORT/v1"

  // What GET /models gives; default: one model, "fake-1".
  void SetModels(Act act);

  struct Request {
    std::string body;
    std::string authorization;
  };
  std::vector<Request> requests() const;  // for completions, in order

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace spate::testing
