// Numbers that make templates worth looking at.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

namespace spate::testing {

// Whole numbers by key; others are below a hundred.
inline const std::map<std::string_view, std::pair<uint64_t, uint64_t>> kNumbers = {
    {"count", {1, 20}},       {"passes", {1, 50}},
    {"packets", {1, 300}},    {"retries", {0, 3}},
    {"mss", {100, 1'460}},    {"window", {3'000, 100'000}},
    {"window_scale", {0, 9}}, {"initial_window", {1, 10}},
    {"port", {1, 65'535}},    {"repeat", {1, 4}},
    {"bits", {1, 16}},        {"offset", {0, 6}},
    {"mod", {1, 65'536}},     {"increment_byte", {0, 255}},
    {"fill", {0, 255}},
};

}  // namespace spate::testing
