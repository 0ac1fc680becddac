// Message types as messages of the template.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "generator/fit/types.h"
#include "generator/sample/sample.h"
#include "template/surface.h"

namespace spate::generator {

// Where a message's echoed fields take their values: variables of the flow or draws of the
// template.
struct FieldSource {
  uint32_t offset = 0, bytes = 0;
  bool variable = false;
  std::string name;

  friend auto operator<=>(const FieldSource&, const FieldSource&) = default;
};

class MessagePool {
 public:
  MessagePool(const Sample& sample, const Typing& typing);

  // The name of the message of this type with these fields, made at the first call.
  std::string NameOf(uint32_t type, const std::vector<FieldSource>& fields);

  // The headers that the messages of a conversation like this one share beyond the defaults.
  std::vector<tmpl::HeaderUse> SharedHeaders(uint32_t conversation) const;

  // Whether a packet is sent with its whole stack of headers: no ports, or a tunnel.
  bool IsPlain(uint32_t packet) const;

  tmpl::Named<tmpl::Message> Take() { return std::move(messages_); }

 private:
  tmpl::Message Make(const MessageType& type) const;
  tmpl::Message MakePlain(const MessageType& type) const;
  std::string BaseName(const MessageType& type) const;
  std::string OptionsOf(uint32_t packet) const;
  // Segments without payload are alike in all services; "" for others.
  std::string BareTcpKey(const MessageType& type, const tmpl::Message& message) const;
  bool Truncates(const MessageType& type) const;
  void AddPayload(const MessageType& type, std::span<const uint8_t> payload, uint64_t whole,
                  tmpl::Message& message) const;

  const Sample& sample_;
  const Typing& typing_;
  struct Usual {          // of TCP, outside handshakes
    std::string options;  // hex digits
    uint16_t window = 0;
  };
  std::vector<Usual> usual_;  // by service
  std::map<std::pair<uint32_t, std::vector<FieldSource>>, std::string> names_;
  std::map<std::string, std::string> bare_tcp_;  // names by key
  tmpl::Named<tmpl::Message> messages_;
};

}  // namespace spate::generator
