// One request and one answer of the admin interface, as plain records: what travels between the HTTP server, the route
// table and the handlers. Nothing here knows sockets.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace host_stub {

inline constexpr std::string_view json_type = "application/json";
inline constexpr std::string_view problem_type = "application/problem+json";

/// A name and a value: a query or path parameter (percent-decoded), or a header field of an answer.
struct HttpParameter {
  std::string name;
  std::string value;
};

struct HttpCall {
  std::string method;  ///< upper case
  std::string path;    ///< as it was sent, without the query
  std::string content_type;
  std::string body;
  std::chrono::milliseconds timeout{30'000};    ///< after this long the caller gives up and answers 504
  std::vector<HttpParameter> path_parameters;   ///< filled by the route table
  std::vector<HttpParameter> query_parameters;  ///< in the order in which they were sent, duplicates kept

  /// The value of the first query parameter of this name, or nullptr.
  [[nodiscard]] const std::string* query(std::string_view name) const noexcept {
    for (const HttpParameter& parameter : query_parameters) {
      if (parameter.name == name) return &parameter.value;
    }
    return nullptr;
  }
};

struct HttpReply {
  int status = 200;
  std::string content_type{json_type};
  std::string body;
  std::vector<HttpParameter> headers;  ///< further fields, such as Allow or Retry-After
};

}  // namespace host_stub
