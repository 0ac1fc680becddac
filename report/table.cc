#include "report/table.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace spate::report {
namespace {

struct Rune {
  uint32_t code = 0;
  size_t bytes = 1;
  bool valid = false;
};

// The character that begins `text` (not empty), by RFC 3629.
Rune FirstRune(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  const size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return {};
  uint32_t code = lead & (0xffu >> (bytes + 1));
  for (size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3fu);
  }
  constexpr std::array<uint32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code < kLeast[bytes] || code > 0x10ffff || surrogate) return {};
  return {code, bytes, true};
}

struct Range {
  uint32_t first, last;
};

bool In(uint32_t code, std::initializer_list<Range> ranges) {
  return std::ranges::any_of(ranges, [&](Range r) { return code >= r.first && code <= r.last; });
}

// The blocks of Unicode Standard Annex 11 that are wide as a whole.
size_t WidthOf(uint32_t code) {
  if (In(code, {{0x300, 0x36f}, {0x200b, 0x200f}, {0xfe00, 0xfe0f}})) return 0;
  const bool wide = In(code, {{0x1100, 0x115f},
                              {0x2e80, 0xa4cf},
                              {0xac00, 0xd7a3},
                              {0xf900, 0xfaff},
                              {0xfe30, 0xfe6f},
                              {0xff00, 0xff60},
                              {0x1f300, 0x1faff},
                              {0x20000, 0x3fffd}});
  return wide ? 2 : 1;
}

// C0 and C1 controls, and the marks that turn the direction of writing.
bool Drives(uint32_t code) {
  return In(code, {{0, 0x1f}, {0x7f, 0x9f}, {0x202a, 0x202e}, {0x2066, 0x2069}});
}

}  // namespace

size_t Width(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const Rune rune = FirstRune(text);
    width += rune.valid ? WidthOf(rune.code) : 1;
    text.remove_prefix(rune.bytes);
  }
  return width;
}

std::string_view Clip(std::string_view text, size_t width) {
  size_t used = 0, at = 0;
  while (at < text.size()) {
    const Rune rune = FirstRune(text.substr(at));
    used += rune.valid ? WidthOf(rune.code) : 1;
    if (used > width) break;
    at += rune.bytes;
  }
  return text.substr(0, at);
}

std::string Printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const Rune rune = FirstRune(text);
    if (!rune.valid || Drives(rune.code)) {
      out += "·";
    } else {
      out += text.substr(0, rune.bytes);
    }
    text.remove_prefix(rune.bytes);
  }
  return out;
}

void Table::Add(const std::vector<std::string>& cells) {
  std::vector<std::string>& row = rows_.emplace_back();
  for (const std::string& cell : cells) row.push_back(Printable(cell));
  row.resize(columns_.size());
}

std::string Table::Line(const std::vector<std::string>& cells,
                        const std::vector<size_t>& widths) const {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    const std::string padding(widths[i] - Width(cells[i]), ' ');
    if (i > 0) line += "  ";
    line += columns_[i].align == Align::kRight ? padding + cells[i] : cells[i] + padding;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::string Table::Render(std::string_view mark, std::string_view unmark) const {
  std::vector<std::string> titles;
  std::vector<size_t> widths;
  for (const Column& column : columns_) {
    titles.push_back(column.title);
    widths.push_back(Width(column.title));
  }
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  std::string text;
  text.append(mark).append(Line(titles, widths)).append(unmark).append("\n");
  for (const auto& row : rows_) text.append(Line(row, widths)).append("\n");
  return text;
}

}  // namespace spate::report
