// What payloads of well-known services say, in one word: only enough to name messages.
#include <algorithm>
#include <cctype>

#include "absl/strings/str_cat.h"
#include "generator/sample/sample.h"
#include "score/tracker.h"

namespace spate::generator {
namespace {

using Bytes = std::span<const uint8_t>;

// Keeps letters and digits, other runs become one underscore.
std::string PayloadHintIdentifier(std::string_view text, size_t longest) {
  std::string out;
  for (char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c))) {
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else if (!out.empty() && out.back() != '_') {
      out += '_';
    }
    if (out.size() >= longest) break;
  }
  while (!out.empty() && out.back() == '_') out.pop_back();
  return out;
}

// RFC 1035: header of 12 bytes, then the question's labels, type and class.
std::string Dns(Bytes p, bool) {
  if (p.size() < 17) return "";
  const char* what = (p[2] & 0x80) ? "answer" : "query";
  size_t at = 12;
  std::string label;
  if (p[at] < 64 && at + 1 + p[at] < p.size()) {
    label.assign(reinterpret_cast<const char*>(&p[at + 1]), p[at]);
  }
  while (at < p.size() && p[at] != 0 && p[at] < 64) at += 1u + p[at];
  std::string type;
  if (at + 2 < p.size()) {
    switch (p[at + 1] << 8 | p[at + 2]) {
      case 1:
        type = "_a";
        break;
      case 2:
        type = "_ns";
        break;
      case 5:
        type = "_cname";
        break;
      case 12:
        type = "_ptr";
        break;
      case 15:
        type = "_mx";
        break;
      case 16:
        type = "_txt";
        break;
      case 28:
        type = "_aaaa";
        break;
      case 33:
        type = "_srv";
        break;
      default:
        break;
    }
  }
  label = PayloadHintIdentifier(label, 20);
  return absl::StrCat(what, label.empty() ? "" : "_", label, type);
}

// MQTT 3.1.1, 2.2.1: the packet type in the upper half of the first byte.
std::string Mqtt(Bytes p, bool) {
  static constexpr const char* kTypes[16] = {"",          "connect",  "connack",     "publish",
                                             "puback",    "pubrec",   "pubrel",      "pubcomp",
                                             "subscribe", "suback",   "unsubscribe", "unsuback",
                                             "pingreq",   "pingresp", "disconnect",  "auth"};
  return p.empty() ? "" : kTypes[p[0] >> 4];
}

std::string Http(Bytes p, bool from_client) {
  const std::string_view text(reinterpret_cast<const char*>(p.data()),
                              std::min<size_t>(p.size(), 80));
  if (text.starts_with("HTTP/1.") && text.size() >= 12)
    return absl::StrCat("reply_", std::string(text.substr(9, 3)));
  const size_t method = text.find(' ');
  const size_t end = method == text.npos ? text.npos : text.find(' ', method + 1);
  if (!from_client || end == text.npos || method > 8) return "body";
  const std::string path = PayloadHintIdentifier(text.substr(method + 1, end - method - 1), 20);
  return absl::StrCat(PayloadHintIdentifier(text.substr(0, method), 8), "_",
                      path.empty() ? "root" : path);
}

// MODBUS/TCP: 7 bytes of MBAP header, then the function code.
std::string Modbus(Bytes p, bool from_client) {
  if (p.size() < 8) return "";
  const char* side = from_client ? "_request" : "_reply";
  switch (p[7] & 0x7f) {
    case 1:
      return absl::StrCat("read_coils", side);
    case 2:
      return absl::StrCat("read_inputs", side);
    case 3:
      return absl::StrCat("read_holding", side);
    case 4:
      return absl::StrCat("read_input_registers", side);
    case 5:
      return absl::StrCat("write_coil", side);
    case 6:
      return absl::StrCat("write_register", side);
    case 15:
      return absl::StrCat("write_coils", side);
    case 16:
      return absl::StrCat("write_registers", side);
    default:
      return absl::StrCat("function_", p[7] & 0x7f, side);
  }
}

std::string RequestOrReply(Bytes, bool from_client) { return from_client ? "request" : "reply"; }

// RFC 4253: identification strings, then binary packets.
std::string Ssh(Bytes p, bool) {
  const std::string_view text(reinterpret_cast<const char*>(p.data()), p.size());
  if (text.starts_with("SSH-")) return "version";
  return p.size() > 5 && p[5] == 20 && p.size() > 200 ? "kexinit" : "";
}

// RFC 8446, 5.1: content type of the first record.
std::string Tls(Bytes p, bool from_client) {
  if (p.size() < 6 || p[1] != 3) return "";
  switch (p[0]) {
    case 20:
      return "change_cipher";
    case 21:
      return "alert";
    case 22:
      return from_client && p[5] == 1 ? "client_hello" : p[5] == 2 ? "server_hello" : "handshake";
    default:
      return "";
  }
}

struct Hint {
  std::string_view service;
  std::string (*word)(Bytes payload, bool from_client);
  bool tells_all;
};

constexpr Hint kHints[] = {{"dns", Dns, true},       {"mdns", Dns, true},
                           {"llmnr", Dns, true},     {"mqtt", Mqtt, false},
                           {"http", Http, false},    {"http_8080", Http, false},
                           {"modbus", Modbus, true}, {"ntp", RequestOrReply, true},
                           {"ssh", Ssh, true},       {"tls", Tls, false}};

}  // namespace

std::string PayloadHint(std::string_view service, Bytes payload, bool from_client) {
  for (const Hint& hint : kHints) {
    if (hint.service == service) return hint.word(payload, from_client);
  }
  return "";
}

bool HintTellsAll(std::string_view service) {
  for (const Hint& hint : kHints) {
    if (hint.service == service) return hint.tells_all;
  }
  return false;
}

const char* TcpKind(uint8_t flags, uint32_t payload_bytes) {
  if (flags & score::kRst) return "rst";
  if (flags & score::kSyn) return (flags & score::kAck) ? "syn_ack" : "syn";
  if (flags & score::kFin) return "fin";
  return payload_bytes == 0 ? "ack" : "data";
}

}  // namespace spate::generator
