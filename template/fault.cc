#include "template/fault.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "base/text.h"

namespace spate::tmpl {
namespace {

constexpr size_t kLongestName = 100;

// Edit distance with swaps of neighbours (Damerau 1964, optimal string alignment), letters compared
// without case.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1), row(b.size() + 1), next(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  const auto same = [&](size_t i, size_t j) {
    return absl::ascii_tolower(a[i]) == absl::ascii_tolower(b[j]);
  };
  for (size_t i = 0; i < a.size(); ++i) {
    next[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      next[j + 1] = std::min({row[j + 1] + 1, next[j] + 1, row[j] + (same(i, j) ? 0 : 1)});
      if (i > 0 && j > 0 && same(i, j - 1) && same(i - 1, j)) {
        next[j + 1] = std::min(next[j + 1], before[j - 1] + 1);
      }
    }
    before.swap(row);
    row.swap(next);
  }
  return row[b.size()];
}

// Of the names that contain `name`, or are contained in it, the one nearest in length.
std::string OfSamePart(std::string_view name, const std::vector<std::string>& names) {
  constexpr size_t kShortest = 3;
  std::string best;
  size_t best_difference = SIZE_MAX;
  for (const std::string& candidate : names) {
    const bool longer = candidate.size() > name.size();
    const std::string_view inner = longer ? name : candidate, outer = longer ? candidate : name;
    const size_t difference = outer.size() - inner.size();
    if (inner.size() < kShortest || difference >= best_difference) continue;
    if (!absl::StrContains(absl::AsciiStrToLower(std::string(outer)),
                           absl::AsciiStrToLower(std::string(inner))))
      continue;
    best_difference = difference;
    best = candidate;
  }
  return best;
}

// The first letters of a name's words.
std::string InitialsOf(std::string_view name) {
  std::string initials;
  for (size_t i = 0; i < name.size(); ++i) {
    if (i == 0 || name[i - 1] == '_') initials += name[i];
  }
  return initials;
}

// The name that `name` shortens: the same first letter, then its letters in order. Rather one that
// only goes on ("ip": "ipv4") or whose words begin so ("ttl": "time_to_live"), then the shortest.
std::string Shortened(std::string_view name, const std::vector<std::string>& names) {
  if (name.size() < 2) return "";
  std::string best;
  size_t best_more = SIZE_MAX;
  for (const std::string& candidate : names) {
    size_t matched = 0;
    for (const char c : candidate) {
      if (matched < name.size() && absl::ascii_tolower(name[matched]) == c) ++matched;
      if (matched == 0) break;
    }
    if (matched < name.size()) continue;
    const bool plainly = absl::StartsWithIgnoreCase(candidate, AsAbsl(name)) ||
                         absl::EqualsIgnoreCase(InitialsOf(candidate), AsAbsl(name));
    const size_t more = candidate.size() - name.size() + (plainly ? 0 : kLongestName);
    if (more >= best_more) continue;
    best_more = more;
    best = candidate;
  }
  return best;
}

bool PlainKey(std::string_view key) {
  if (key.empty() || absl::ascii_isdigit(key[0])) return false;
  return std::all_of(key.begin(), key.end(),
                     [](char c) { return absl::ascii_isalnum(c) || c == '_' || c == '-'; });
}

}  // namespace

std::string Where(const Place& place, const std::string& file) {
  std::string text = place.file.empty() ? file : place.file;
  if (place.line > 0) Append(&text, ":", place.line);
  if (!place.path.empty()) Append(&text, text.empty() ? "" : ": ", place.path);
  return text;
}

std::string Fault::Format() const {
  std::string text = Where(place, file);
  if (!text.empty()) text += ": ";
  Append(&text, "found ", found, ", expected ", expected);
  if (!hint.empty()) Append(&text, " (did you mean ", Quote(hint), "?)");
  return text;
}

void Faults::Add(const Place& place, std::string found, std::string expected, std::string hint) {
  faults_.push_back({place.file.empty() ? file_ : place.file, place, std::move(found),
                     std::move(expected), std::move(hint)});
}

void Faults::Take(const Faults& others) {
  faults_.insert(faults_.end(), others.faults_.begin(), others.faults_.end());
}

uint32_t Faults::AddFile(std::string file) {
  files_.push_back(std::move(file));
  return static_cast<uint32_t>(files_.size() - 1);
}

void Faults::RemoveRepeated() {
  std::set<std::string> seen;
  std::erase_if(faults_, [&](const Fault& fault) { return !seen.insert(fault.Format()).second; });
}

absl::Status Faults::Status() {
  if (faults_.empty()) return absl::OkStatus();
  std::stable_sort(faults_.begin(), faults_.end(), [](const Fault& a, const Fault& b) {
    return std::tie(a.place.file, a.place.line) < std::tie(b.place.file, b.place.line);
  });
  return absl::InvalidArgumentError(absl::StrJoin(
      faults_, "\n", [](std::string* out, const Fault& fault) { Append(out, fault.Format()); }));
}

Place At(const Place& place, std::string_view part) {
  Place inner = place;
  if (!part.empty() && part[0] == '[') {
    Append(&inner.path, part);
  } else if (PlainKey(part)) {
    Append(&inner.path, ".", part);
  } else {
    Append(&inner.path, "[", Quote(part), "]");
  }
  return inner;
}

std::string Quote(std::string_view text) {
  constexpr size_t kShown = 60;
  std::string quoted = "\"";
  size_t shown = 0;
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    // A cut never falls inside of a UTF-8 character.
    if (++shown > kShown && (byte & 0xc0) != 0x80) {
      quoted += "…";
      break;
    }
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += byte < 0x20 || byte == 0x7f ? '?' : c;
  }
  return quoted + "\"";
}

std::string Nearest(std::string_view name, const std::vector<std::string>& names) {
  std::string best;
  // Long names cost too much to compare and are no slips of the pen.
  if (name.size() > kLongestName) return best;
  size_t best_distance = std::max<size_t>(1, (name.size() + 1) / 3) + 1;
  for (const std::string& candidate : names) {
    if (candidate.size() > name.size() + best_distance) continue;
    const size_t distance = EditDistance(name, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  // Who writes "session" means "session_id" rather than "version", who writes "igmpv3_report"
  // "igmpv3".
  const std::string part_of = best.empty() || best_distance > 1 ? OfSamePart(name, names) : "";
  if (!part_of.empty()) return part_of;
  // Nor does who writes "ip" mean "sip".
  const bool begins_alike =
      !best.empty() && absl::StartsWithIgnoreCase(best, AsAbsl(name.substr(0, 1)));
  const std::string whole = begins_alike ? "" : Shortened(name, names);
  return whole.empty() ? best : whole;
}

std::string OneOf(const std::vector<std::string>& names) {
  constexpr size_t kShown = 12;
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kShown); ++i) {
    const bool last = i + 1 == names.size();
    Append(&text, i == 0 ? "" : last ? " or " : ", ", Quote(names[i]));
  }
  if (names.size() > kShown) Append(&text, " or ", names.size() - kShown, " others");
  return text;
}

}  // namespace spate::tmpl
