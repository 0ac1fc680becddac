#include "report/json.h"

#include "nlohmann/json.hpp"

namespace spate::report {

std::string Text(const Json& value) {
  return value.dump(2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) + "\n";
}

}  // namespace spate::report
