// Figures as people read them: three significant digits and a unit.
#pragma once

#include <cstdint>
#include <string>

namespace spate::report {

std::string Count(uint64_t n);      // "1,234,567"
std::string Pps(double pps);        // "1.25 Mpps"
std::string Bps(double bps);        // "12.3 Gb/s"
std::string Bytes(uint64_t bytes);  // "3.41 MiB"
std::string Percent(double share);  // 0.125: "12.5 %"
// "850 ns", "12.3 µs", "4.50 ms", "1.23 s", "2m05s", "1h02m05s".
std::string Seconds(double seconds);
// As Seconds, of whole nanoseconds.
std::string Nanos(int64_t ns);

}  // namespace spate::report
