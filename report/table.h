// Tables in plain text: columns as wide as their widest cell, two spaces apart.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace spate::report {

enum class Align : unsigned char { kLeft, kRight };

struct Column {
  std::string title;
  Align align = Align::kLeft;
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // One cell a column; those left out are empty. Bytes that would move the cursor or change the
  // terminal's state are made visible (Printable).
  void Add(const std::vector<std::string>& cells);
  bool empty() const { return rows_.empty(); }

  // The titles, then the rows, each with its newline and without trailing spaces. The titles stand
  // between `mark` and `unmark` (a terminal's codes for bold).
  std::string Render(std::string_view mark = {}, std::string_view unmark = {}) const;

 private:
  std::string Line(const std::vector<std::string>& cells, const std::vector<size_t>& widths) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// Columns that `text` (UTF-8) takes on a terminal: combining marks none, East Asian wide
// characters two.
size_t Width(std::string_view text);

// The longest front of `text` that takes at most `width` columns.
std::string_view Clip(std::string_view text, size_t width);

// `text` with control characters and malformed UTF-8 replaced by "·", so that what stands in a
// packet or a file name cannot drive the terminal.
std::string Printable(std::string_view text);

}  // namespace spate::report
