// One HTTP request of the admin server, copied, so that it may be answered later and on another thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent_plugin/ext/admin_routes.h"
#include "agent_plugin_cpp/text.hpp"

namespace agent {

struct Request {
  std::string method;
  std::string path;
  std::vector<std::pair<std::string, std::string>> path_parameters;
  std::vector<std::pair<std::string, std::string>> query_parameters;
  std::string content_type;
  std::string body;
  std::uint32_t timeout_ms = 0;  ///< after this long the host answers 504 itself

  /// The first query parameter of this name, or nullptr.
  [[nodiscard]] const std::string* query(std::string_view name) const { return find(query_parameters, name); }
  [[nodiscard]] const std::string* in_path(std::string_view name) const { return find(path_parameters, name); }

  [[nodiscard]] static Request copy(const agent_http_request& source) {
    Request request;
    request.method = view(source.method);
    request.path = view(source.path);
    request.content_type = view(source.content_type);
    request.body = view(source.body);
    request.timeout_ms = source.timeout_ms;
    append(request.path_parameters, source.path_parameters, source.path_parameter_count);
    append(request.query_parameters, source.query_parameters, source.query_parameter_count);
    return request;
  }

 private:
  using Parameters = std::vector<std::pair<std::string, std::string>>;

  static void append(Parameters& to, const agent_http_parameter* const* from, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) to.emplace_back(view(from[i]->name), view(from[i]->value));
  }
  static const std::string* find(const Parameters& parameters, std::string_view name) {
    for (const auto& [key, value] : parameters) {
      if (key == name) return &value;
    }
    return nullptr;
  }
};

}  // namespace agent
