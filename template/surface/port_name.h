// Names of ports in a template: what `--port name=…` binds.
#pragma once

#include <algorithm>
#include <string>

#include "template/codec.h"

namespace spate::tmpl {

struct PortName : Codec<std::string> {
  static void Read(Reader& reader, const Node& node, std::string& value) {
    const bool plain =
        node.text() && !node.text()->empty() && std::ranges::all_of(*node.text(), [](char c) {
          return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                 c == '_' || c == '-';
        });
    if (!plain) return reader.Fail(node, "a name of letters, digits, _ and -");
    value = *node.text();
  }
};

}  // namespace spate::tmpl
