#include "tests/generator/office.h"

#include <cstdlib>
#include <stdexcept>

namespace spate::generator {

const Sample& Office() {
  static const Sample sample = [] {
    const char* root = std::getenv("SPATE_SOURCE_ROOT");
    return ReadSample(std::string(root == nullptr ? "." : root) +
                      "/configs/samples/office-iot.pcapng")
        .value();
  }();
  return sample;
}

const Outline& OfficeOutline() {
  static const Outline outline = MakeOutline(Office());
  return outline;
}

std::string MessageList(const OutlineService& service) {
  std::string list;
  for (const OutlineMessage& m : service.messages) {
    list += (list.empty() ? "\"" : ", \"") + m.id + "\"";
  }
  return "[" + list + "]";
}

std::string ChainDraft(const OutlineService& service) {
  return R"({"about": "It talks.", "group": "office devices", "behaviour": "chain", )"
         R"("clock": "every", "steps": )" +
         MessageList(service) + "}";
}

const OutlineService& ServiceAskedFor(const std::string& request) {
  const std::string before = "JSON object for the service ";
  const size_t begin = request.rfind(before) + before.size();
  return ServiceNamed(request.substr(begin, request.find_first_of(" .", begin) - begin));
}

const OutlineService& ServiceNamed(const std::string& name) {
  for (const OutlineService& service : OfficeOutline().services) {
    if (service.name == name) return service;
  }
  throw std::invalid_argument("the office sample has no service " + name);
}

}  // namespace spate::generator
