// Messages of a start line, header lines and a body: HTTP/1 (RFC 9112) and SIP (RFC 3261).
#pragma once

#include <array>
#include <string_view>

#include "packet/header.h"

namespace spate::packet {

// A word of the start line: what it is, and its default.
struct StartWord {
  std::string_view name, doc, preset;
};

constexpr FieldSpec WordField(const StartWord& word, std::string_view suffix) {
  return {.name = word.name,
          .kind = FieldKind::kText,
          .doc = word.doc,
          .suffix = suffix,
          .preset_bytes = word.preset};
}

// The start line of three words and what follows; `lines` are those of a message that says nothing.
constexpr std::array<FieldSpec, 5> StartLineFields(const StartWord& first, const StartWord& second,
                                                   const StartWord& third, std::string_view lines) {
  return {WordField(first, " "), WordField(second, " "), WordField(third, "\r\n"),
          FieldSpec{.name = "content_length",
                    .bits = 32,
                    .derived = Derived::kLength,
                    .doc = "bytes of the body; there when something follows",
                    .part = Part::kTail,
                    .optional = true,
                    .with_payload = true,
                    .prefix = "Content-Length: ",
                    .suffix = "\r\n"},
          WordField({"headers", "the other header lines, joined by \\r\\n", lines}, "\r\n\r\n")};
}

constexpr std::array<FieldSpec, 5> RequestFields(std::string_view methods, std::string_view method,
                                                 const StartWord& uri, std::string_view version,
                                                 std::string_view lines) {
  return StartLineFields({"method", methods, method}, uri, {"version", "of the protocol", version},
                         lines);
}

constexpr std::array<FieldSpec, 5> ResponseFields(std::string_view version,
                                                  std::string_view statuses,
                                                  std::string_view lines) {
  return StartLineFields({"version", "of the protocol", version}, {"status_code", statuses, "200"},
                         {"reason", "the status in words", "OK"}, lines);
}

constexpr LengthRule kBodyLength[] = {
    {.field = "content_length", .after_header = true, .form = LengthForm::kDecimal}};

}  // namespace spate::packet
