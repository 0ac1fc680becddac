// The outermost object.
#include "base/text.h"
#include "template/codec.h"

namespace spate::tmpl {
namespace {

struct Version {
  static void Read(Reader& reader, const Node& node) {
    if (node.number() && node.real() == kLanguageVersion) return;
    reader.Fail(node, Concat(kLanguageVersion, ", the version of this language"));
  }
};

constexpr Key<Template> VersionKey() {
  Key<Template> key;
  static_cast<KeyInfo&>(key) = {
      .key = "spate", .doc = "version of the language", .example = "1", .required = true};
  key.type = [] { return std::string("1"); };
  key.read = [](Reader& reader, const Node& node, Template&, const KeyInfo&) {
    Version::Read(reader, node);
  };
  key.write = [](const Template&, const KeyInfo&, bool) { return Node(int64_t{kLanguageVersion}); };
  key.schema = [](const SchemaOptions&, const KeyInfo&) {
    return ObjectNode({{"const", Node(int64_t{kLanguageVersion})}});
  };
  return key;
}

struct ShareUnit {
  static void Read(Reader& reader, const Node& node, std::string& unit) {
    if (node.text() && (*node.text() == "packets" || *node.text() == "bytes")) {
      unit = *node.text();
    } else {
      reader.Fail(node, "\"packets\" or \"bytes\"");
    }
  }
  static Node Write(const std::string& unit, bool full) {
    return unit == "packets" && !full ? Node() : Text(unit);
  }
  static Node Schema(const SchemaOptions&) {
    return ObjectNode({{"enum", Node(Node::List{Text("packets"), Text("bytes")})}});
  }
  static std::string Type() { return "packets or bytes"; }
};

// Editors look here for the schema; its value is neither kept nor checked.
constexpr Key<Template> SchemaKey() {
  Key<Template> key;
  static_cast<KeyInfo&>(key) = {.key = "$schema",
                                .doc = "where editors find the schema; ignored",
                                .example = R"("schema/template.schema.json")"};
  key.type = &Codec<std::string>::Type;
  key.read = [](Reader&, const Node&, Template&, const KeyInfo&) {};
  key.write = [](const Template&, const KeyInfo&, bool) { return Node(); };
  key.schema = [](const SchemaOptions& options, const KeyInfo&) {
    return Codec<std::string>::Schema(options);
  };
  return key;
}

// The files are in the tree already when it is read (template/include.cc).
constexpr Key<Template> IncludeKey() {
  using Inclusions = Codec<std::vector<Inclusion>>;
  Key<Template> key;
  static_cast<KeyInfo&>(key) = {
      .key = "include",
      .doc =
          "templates whose hosts, tables, draws, messages, groups and flows come in, each under "
          "a name that is its alone; paths are relative to this file",
      .example = R"([{"file": "base.json", "set": {"users": 9}}])"};
  key.type = &Inclusions::Type;
  key.read = [](Reader& reader, const Node& node, Template&, const KeyInfo&) {
    std::vector<Inclusion> inclusions;
    Inclusions::Read(reader, node, inclusions);
  };
  key.write = [](const Template&, const KeyInfo&, bool) { return Node(); };
  key.schema = [](const SchemaOptions& options, const KeyInfo&) {
    return Inclusions::Schema(options);
  };
  return key;
}

constexpr Key<Template> kTemplateKeys[] = {
    SchemaKey(),
    VersionKey(),
    MemberKey<&Template::name>({.key = "name", .doc = "its name", .example = R"("dns")"}),
    MemberKey<&Template::description>(
        {.key = "description", .doc = "for people", .example = R"("A resolver and its users.")"}),
    MemberKey<&Template::params>(
        {.key = "params",
         .doc = "values that `--set name=value` replaces; \"$name\" anywhere stands for its value "
                "(\"$$name\" for the text itself)",
         .example = R"({"users": 1000})"}),
    IncludeKey(),
    MemberKey<&Template::hosts>({.key = "hosts",
                                 .doc = "who talks",
                                 .example = R"({"clients": {"count": 9, "ipv4": "198.18.0.1"}})"}),
    MemberKey<&Template::tables>(
        {.key = "tables",
         .doc = "joint tables for correlated values",
         .example = R"({"services": {"columns": ["port"], "rows": [[53], [80]]}})"}),
    MemberKey<&Template::draws>(
        {.key = "draws",
         .doc = "draws that several fields share",
         .example = R"({"txid": {"random": {"min": 0, "max": 65535}, "per": "pass"}})"}),
    MemberKey<&Template::messages>(
        {.key = "messages",
         .doc = "what they say",
         .example = R"({"query": {"by": "client", "payload": {"text": "?"}}})"}),
    MemberKey<&Template::groups>(
        {.key = "groups",
         .doc = "devices and users, each many times",
         .example =
             R"({"users": {"count": 10, "flows": {"f": {"message": "m", "every": "1s"}}}})"}),
    MemberKey<&Template::flows>({.key = "flows",
                                 .doc = "flows without a group: each is a group of one",
                                 .example = R"({"flood": {"message": "m", "rate": "1mpps"}})"}),
    MemberKey<&Template::timeline>({.key = "timeline",
                                    .doc = "what changes at certain times of the run",
                                    .example = R"([{"at": "30s", "stop": "flood"}])"}),
    MemberKey<&Template::observer>({.key = "observer",
                                    .doc = "how the trace is seen where it is recorded",
                                    .example = R"({"origin": "first", "loss": 0.01})"}),
    MemberKey<&Template::rate, RateText>(
        {.key = "rate",
         .doc = "total to which the template's time is scaled; absent: as its clocks say",
         .example = R"("10gbps")"}),
    MemberKey<&Template::schedule>(
        {.key = "schedule",
         .doc = "the total rate as time goes on, instead of \"rate\": the template's time runs so "
                "fast that it is met. The run ends with it; --rate takes its place",
         .example = R"([{"for": "10s", "rate": "1mpps"}, {"for": "10s", "rate": "2mpps"}])"}),
    MemberKey<&Template::shares, ShareUnit>({.key = "shares",
                                             .doc = "what the shares of flows count",
                                             .example = R"("bytes")",
                                             .fallback = R"("packets")"}),
    MemberKey<&Template::line, RateText>(
        {.key = "line",
         .doc =
             "speed of the line, of which \"%\" is a share (of layer 1); absent: --line, for the "
             "template's own rate the port's",
         .example = R"("10gbps")"}),
    MemberKey<&Template::duration_s, Duration>(
        {.key = "duration", .doc = "end of the run; absent: none", .example = R"("60s")"}),
    MemberKey<&Template::packets>(
        {.key = "packets", .doc = "packets until the end; absent: no limit", .example = "1000"}),
};

void FinishTemplate(Reader& reader, const Node& node, Template& t) {
  if (t.groups.empty() && t.flows.empty()) {
    reader.Fail(node, "neither \"groups\" nor \"flows\"", "at least one flow", "");
  }
  if (const Node* const rate = node.Find("rate")) {
    const Reader::Inside inside(reader, "rate");
    t.rate_place = reader.Here(*rate);
  }
}

}  // namespace

template <>
const ObjectSpec<Template>& SpecOf<Template>() {
  static constexpr ObjectSpec<Template> spec = {"template", "Who talks, what they say and when.",
                                                kTemplateKeys, FinishTemplate};
  return spec;
}

}  // namespace spate::tmpl
