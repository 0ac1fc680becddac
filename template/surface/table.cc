// Joint tables: {"columns": ["ip", "port"], "rows": [["198.18.0.1", 53], ["198.18.0.2", 80]]}
#include <numeric>

#include "base/text.h"
#include "template/codec.h"

namespace spate::tmpl {
namespace {

constexpr Key<Table> kTableKeys[] = {
    MemberKey<&Table::columns>({.key = "columns",
                                .doc = "names of the columns",
                                .example = R"(["ip", "port"])",
                                .required = true}),
    MemberKey<&Table::rows>({.key = "rows",
                             .doc = "one list of values per row",
                             .example = R"([["198.18.0.1", 53], ["198.18.0.2", 80]])",
                             .required = true}),
    MemberKey<&Table::weights, ListOf<Weight>>(
        {.key = "weights", .doc = "one per row; absent: all alike", .example = "[9, 1]"}),
};

void FinishTable(Reader& reader, const Node& node, Table& table) {
  if (table.rows.empty() || table.columns.empty()) {
    reader.Fail(node, "an empty table", "at least one column and one row", "");
  }
  for (size_t i = 0; i < table.rows.size(); ++i) {
    if (table.rows[i].size() == table.columns.size()) continue;
    const Node& rows = *node.Find("rows");
    const Reader::Inside inside(reader, "rows");
    const Reader::Inside row(reader, Concat("[", i, "]"));
    reader.Fail((*rows.list())[i], Concat(table.rows[i].size(), " values"),
                Concat(table.columns.size(), ", one per column"), "");
  }
  if (table.weights.empty()) return;
  if (table.weights.size() != table.rows.size()) {
    reader.Fail(node, Concat(table.weights.size(), " weights"),
                Concat(table.rows.size(), ", one per row"), "");
  } else if (std::accumulate(table.weights.begin(), table.weights.end(), 0.0) <= 0) {
    reader.Fail(node, "weights that are all 0", "at least one weight above 0", "");
  }
}

}  // namespace

template <>
const ObjectSpec<Table>& SpecOf<Table>() {
  static constexpr ObjectSpec<Table> spec = {
      "table", "A joint table: fields that read the same row stay correlated.", kTableKeys,
      FinishTable};
  return spec;
}

}  // namespace spate::tmpl
