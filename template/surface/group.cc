// Groups: {"count": 1000, "bind": {"me": "clients"}, "flows": {…}}
#include "template/codec.h"

namespace spate::tmpl {
namespace {

constexpr Key<Binding> kBindingKeys[] = {
    MemberKey<&Binding::host>(
        {.key = "host", .doc = "the host set", .example = R"("clients")", .required = true}),
    MemberKey<&Binding::per>({.key = "per",
                              .doc = "how long the role keeps its host",
                              .example = R"("pass")",
                              .fallback = R"("instance")"}),
};

// "clients" or {"host": "clients", "per": "pass"}
struct BindingCodec {
  static void Read(Reader& reader, const Node& node, Binding& binding) {
    binding.place = reader.Here(node);
    if (node.text()) {
      binding.host = *node.text();
    } else {
      ReadObject(reader, node, SpecOf<Binding>(), binding);
    }
  }
  static Node Write(const Binding& binding, bool full) {
    return binding.per || full ? WriteObject(binding, SpecOf<Binding>(), full) : Text(binding.host);
  }
  static Node Schema(const SchemaOptions& options) {
    return ObjectNode(
        {{"anyOf", Node(Node::List{HostName::Schema(options), Codec<Binding>::Schema(options)})}});
  }
  static std::string Type() { return "hosts name, or binding"; }
};

constexpr Key<Group> kGroupKeys[] = {
    MemberKey<&Group::count>({.key = "count",
                              .doc = "instances (copies) of the group",
                              .example = "1000",
                              .fallback = "1"}),
    MemberKey<&Group::arrive>({.key = "arrive",
                               .doc = "when the instances come; absent: all at the start",
                               .example = R"({"poisson": "5pps"})"}),
    MemberKey<&Group::lifetime>(
        {.key = "lifetime",
         .doc = "how long an instance stays before all its flows stop; absent: until they have "
                "ended",
         .example = R"({"exponential": {"mean": "10m"}})"}),
    MemberKey<&Group::replace>(
        {.key = "replace",
         .doc = "another instance, with an identity of its own, takes the place of one whose life "
                "has ended: the population stays the same",
         .example = "true",
         .fallback = "false"}),
    MemberKey<&Group::bind, MapOf<BindingCodec>>(
        {.key = "bind",
         .doc = "roles: hosts that each instance takes and its flows share",
         .example = R"({"me": "clients"})"}),
    MemberKey<&Group::variables>(
        {.key = "vars",
         .doc = "variables that all flows of an instance share, and their values when it begins",
         .example = R"({"seq": {"random": {"min": 0, "max": 255}}})"}),
    MemberKey<&Group::flows>({.key = "flows",
                              .doc = "what each instance does",
                              .example = R"({"ask": {"message": "query", "every": "1s"}})",
                              .required = true}),
};

void FinishGroup(Reader& reader, const Node& node, Group& group) {
  if (group.count == 0) reader.Fail(node, "\"count\": 0", "at least one instance", "");
  if (group.flows.empty()) reader.Fail(node, "a group without flows", "at least one flow", "");
}

}  // namespace

template <>
const ObjectSpec<Binding>& SpecOf<Binding>() {
  static constexpr ObjectSpec<Binding> spec = {"binding", "A role and how long it keeps its host.",
                                               kBindingKeys};
  return spec;
}

template <>
const ObjectSpec<Group>& SpecOf<Group>() {
  static constexpr ObjectSpec<Group> spec = {
      "group", "A device or user: copies that own an identity, shared by their flows.", kGroupKeys,
      FinishGroup};
  return spec;
}

}  // namespace spate::tmpl
