// absl::Status helpers. Errors cross our interfaces as absl::Status, never as exceptions.
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define SPATE_RETURN_IF_ERROR(expr)                                                     \
  do {                                                                                  \
    if (absl::Status spate_status_ = (expr); !spate_status_.ok()) return spate_status_; \
  } while (false)

#define SPATE_CONCAT_INNER_(a, b) a##b
#define SPATE_CONCAT_(a, b) SPATE_CONCAT_INNER_(a, b)

// SPATE_ASSIGN_OR_RETURN(auto x, F()): x = value of F(), or return its status.
#define SPATE_ASSIGN_OR_RETURN(lhs, expr) \
  SPATE_ASSIGN_OR_RETURN_IMPL_(SPATE_CONCAT_(spate_statusor_, __LINE__), lhs, expr)
#define SPATE_ASSIGN_OR_RETURN_IMPL_(tmp, lhs, expr) \
  auto tmp = (expr);                                 \
  if (!tmp.ok()) return std::move(tmp).status();     \
  lhs = *std::move(tmp)
