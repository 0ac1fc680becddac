// Who listens to which multicast group and source: what IGMPv3 (RFC 3376, 4) and MLDv2 (RFC 3810,
// 5) have in common, over IPv4 and IPv6.
#pragma once

#include "packet/headers/join.h"

namespace spate::packet {

// What follows the group of a query.
constexpr std::array<FieldSpec, 4> ListenerQuery(FieldKind address, uint8_t bytes, When query) {
  return {FieldSpec{.name = "query_flags",
                    .bits = 8,
                    .preset = 2,
                    .doc = "of a query: suppress (8), robustness (1 to 7)",
                    .part = Part::kTail,
                    .when = query},
          FieldSpec{.name = "query_interval_code",
                    .bits = 8,
                    .preset = 125,
                    .doc = "of a query, in seconds up to 127",
                    .part = Part::kTail,
                    .when = query},
          FieldSpec{.name = "source_count",
                    .bits = 16,
                    .derived = Derived::kHeaderLength,
                    .doc = "of a query",
                    .part = Part::kTail,
                    .when = query,
                    .of = "sources",
                    .unit = bytes},
          FieldSpec{.name = "sources", .kind = address, .doc = "of a query", .when = query}};
}

// A report with one record; `group` is its address.
constexpr std::array<FieldSpec, 7> ListenerReport(const FieldSpec& group, When report) {
  return {
      FieldSpec{.name = "reserved",
                .bits = 16,
                .doc = "of a report: 0",
                .part = Part::kTail,
                .when = report},
      FieldSpec{.name = "record_count",
                .bits = 16,
                .preset = 1,
                .doc = "of a report",
                .part = Part::kTail,
                .when = report},
      FieldSpec{.name = "record_type",
                .bits = 8,
                .preset = 4,
                .doc = "of a report: 1: is include, 2: is exclude, 3: to include, 4: to exclude, "
                       "5: allow, 6: block",
                .part = Part::kTail,
                .when = report},
      FieldSpec{.name = "auxiliary_length",
                .bits = 8,
                .doc = "of a report: 0",
                .part = Part::kTail,
                .when = report},
      FieldSpec{.name = "record_source_count",
                .bits = 16,
                .derived = Derived::kHeaderLength,
                .doc = "of a report",
                .part = Part::kTail,
                .when = report,
                .of = "record_sources",
                .unit = static_cast<uint8_t>(group.bits / 8)},
      group,
      FieldSpec{
          .name = "record_sources", .kind = group.kind, .doc = "of a report", .when = report}};
}

}  // namespace spate::packet
