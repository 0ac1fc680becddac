// How laws of the registry are written: alike for times ("5ms") and for numbers (5, "14kB").
#pragma once

#include "template/codec.h"

namespace spate::tmpl {

// {"mean": "5ms"}: the parameters of the law that `key` names.
template <class Quantity>
struct LawForm {
  static void Read(Reader& reader, const Node& node, TimeLaw& law, std::string_view key);
  static Node Write(const TimeLaw& law, bool full);
  static Node Schema(const SchemaOptions& options, std::string_view key);
};

// [t0, t1, …] at equal probabilities, or [[p, t], …].
template <class Quantity>
struct QuantilesForm {
  static void Read(Reader& reader, const Node& node, TimeLaw& law);
  static Node Write(const TimeLaw& law, bool full);
  static Node Schema(const SchemaOptions& options);
};

// [[law, weight], …]; Part reads and writes one law.
template <class Part>
struct MixtureForm {
  static void Read(Reader& reader, const Node& node, TimeLaw& law);
  static Node Write(const TimeLaw& law, bool full);
  static Node Schema(const SchemaOptions& options);
};

// A number that may have a byte unit.
struct Amount {
  static void Read(Reader& reader, const Node& node, double& value);
  static Node Write(const double& value, bool) { return Real(value); }
  static Node Schema(const SchemaOptions& options);
  static std::string Type() { return "number"; }
};

}  // namespace spate::tmpl
