// The port to the host's admin server: plain requests and replies. admin/ answers them, host/ knows the server.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

namespace kafka_events {

struct HttpRequest {
  std::string method;  ///< upper case
  std::string path;
  std::vector<std::pair<std::string, std::string>> query;  ///< percent-decoded, in order
  std::string body;
  std::chrono::milliseconds timeout{0};                                ///< after this long the host answers 504 itself
  std::vector<std::pair<std::string, std::string>> path_parameters{};  ///< of {name} segments, percent-decoded

  /// The first query parameter of this name, or nullptr.
  [[nodiscard]] const std::string* parameter(std::string_view name) const {
    for (const auto& [key, value] : query) {
      if (key == name) return &value;
    }
    return nullptr;
  }
  /// The value of a {name} segment of the route's path; empty if it has none.
  [[nodiscard]] std::string_view path_parameter(std::string_view name) const {
    for (const auto& [key, value] : path_parameters) {
      if (key == name) return value;
    }
    return {};
  }
};

struct HttpReply {
  std::int32_t status = 200;
  std::string content_type = "application/json";
  std::string body;
};

/// Takes the answer of one request: exactly once, from any thread, also after the route has gone.
class ReplySink {
 public:
  virtual ~ReplySink() = default;
  virtual void reply(std::uint64_t exchange, const HttpReply& reply) noexcept = 0;
};

/// Answers the requests of one route. Called on any thread, several at once; must not block or throw.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;
  virtual void on_request(const HttpRequest& request, std::uint64_t exchange) noexcept = 0;
};

struct RouteParameter {
  std::string_view name;
  std::string_view description;
  bool required = false;
};

/// One route, for the server and for its OpenAPI document. Everything is copied.
struct RouteSpec {
  std::string_view method;
  std::string_view path;  ///< {name} stands for one segment
  std::string_view summary;
  std::string_view description;
  std::vector<RouteParameter> parameters;
  std::string_view response_schema;   ///< JSON Schema of the answer 200
  std::string_view request_schema{};  ///< JSON Schema of the body; empty: the route takes none
};

/// The host's admin server. All functions may be called from any thread.
class AdminRoutes : public ReplySink {
 public:
  /// `handler` is called from now on, until remove_all() returned. Fails if method and path are taken.
  virtual Result<void> add(const RouteSpec& spec, RequestHandler& handler) = 0;
  /// Removes all routes that were added; on return no call of their handlers is running. Not within a handler.
  virtual void remove_all() noexcept = 0;
};

}  // namespace kafka_events
