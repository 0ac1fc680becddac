#include "tests/fake_model/fake_model.h"

#include <httplib.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <utility>

#include "generator/model/json_text.h"

namespace spate::testing {
namespace {

std::string Event(const std::string& delta) {
  return "data: {\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{" +
         delta + "},\"finish_reason\":null}]}\n\n";
}

const char kEnd[] =
    "data: {\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{},"
    "\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

}  // namespace

Act Says(const std::string& content, size_t delta_bytes) {
  Act act;
  act.pieces.push_back(Event("\"role\":\"assistant\""));
  for (size_t at = 0; at < content.size(); at += delta_bytes) {
    act.pieces.push_back(Event("\"content\":" + model::Quote(content.substr(at, delta_bytes))));
  }
  act.pieces.emplace_back(kEnd);
  return act;
}

Act SaysInPieces(const std::string& content, size_t piece_bytes) {
  std::string stream;
  for (const std::string& piece : Says(content).pieces) stream += piece;
  Act act;
  for (size_t at = 0; at < stream.size(); at += piece_bytes) {
    act.pieces.push_back(stream.substr(at, piece_bytes));
  }
  return act;
}

Act SaysAtOnce(const std::string& content) {
  Act act;
  act.content_type = "application/json";
  act.pieces = {
      "{\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":{\"role\":"
      "\"assistant\",\"content\":" +
      model::Quote(content) +
      "},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":11,"
      "\"completion_tokens\":5,\"total_tokens\":16}}"};
  return act;
}

Act Refuses(int status, const std::string& message) {
  Act act;
  act.status = status;
  act.content_type = "application/json";
  act.pieces = {"{\"error\":{\"message\":" + model::Quote(message) + ",\"code\":null}}"};
  return act;
}

struct FakeModel::State {
  httplib::Server server;
  int port = 0;
  std::thread thread;
  std::atomic<bool> stopping{false};
  mutable std::mutex mutex;  // guards what follows
  Answer answer;
  Act models;
  std::vector<Request> requests;

  void Play(const Act& act, httplib::Response& response);
  void Complete(const httplib::Request& request, httplib::Response& response);
};

void FakeModel::State::Play(const Act& act, httplib::Response& response) {
  response.status = act.status;
  for (const auto& [name, value] : act.headers) response.set_header(name.c_str(), value);
  if (act.end == Act::End::kClean && act.pieces.size() <= 1) {
    response.set_content(act.pieces.empty() ? "" : act.pieces[0], act.content_type.c_str());
    return;
  }
  response.set_chunked_content_provider(
      act.content_type.c_str(), [this, act](size_t, httplib::DataSink& sink) {
        for (const std::string& piece : act.pieces) {
          if (!sink.write(piece.data(), piece.size())) return false;
        }
        if (act.end == Act::End::kBreak) return false;
        while (act.end == Act::End::kHang && !stopping && sink.is_writable()) {
          std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        sink.done();
        return true;
      });
}

void FakeModel::State::Complete(const httplib::Request& request, httplib::Response& response) {
  Answer chosen;
  {
    const std::lock_guard<std::mutex> lock(mutex);
    requests.push_back({request.body, request.get_header_value("Authorization")});
    chosen = answer;
  }
  Play(chosen(request.body), response);
}

FakeModel::FakeModel(std::vector<Act> script)
    : FakeModel([script = std::move(script), next = size_t{0}](const std::string&) mutable {
        return script[std::min(next++, script.size() - 1)];
      }) {}

FakeModel::FakeModel(Answer answer) : state_(std::make_unique<State>()) {
  State& state = *state_;
  // Handlers run on several threads; the script is one.
  state.answer = [answer = std::make_shared<Answer>(std::move(answer)),
                  mutex = std::make_shared<std::mutex>()](const std::string& body) {
    const std::lock_guard<std::mutex> lock(*mutex);
    return (*answer)(body);
  };
  state.models.content_type = "application/json";
  state.models.pieces = {R"({"object":"list","data":[{"id":"fake-1"},{"id":"fake-2"}]})"};
  state.server.Get("/v1/models", [&state](const httplib::Request&, httplib::Response& response) {
    state.Play(state.models, response);
  });
  state.server.Post("/v1/chat/completions",
                    [&state](const httplib::Request& request, httplib::Response& response) {
                      state.Complete(request, response);
                    });
  state.server.set_keep_alive_max_count(1);
  state.port = state.server.bind_to_any_port("127.0.0.1");
  state.thread = std::thread([&state] { state.server.listen_after_bind(); });
  while (!state.server.is_running()) std::this_thread::yield();  // stop() needs it running
}

FakeModel::~FakeModel() {
  state_->stopping = true;
  state_->server.stop();
  state_->thread.join();
}

std::string FakeModel::base_url() const {
  return "http://127.0.0.1:" + std::to_string(state_->port) + "/v1";
}

void FakeModel::SetModels(Act act) { state_->models = std::move(act); }

std::vector<FakeModel::Request> FakeModel::requests() const {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  return state_->requests;
}

}  // namespace spate::testing
