// The answer to one HTTP request of the admin server: at once or later, from any thread.
//
//   exchange.json(200, R"({"count": 3})");
//   exchange.problem(409, "Not started", "Start the plugin first: POST /echo/start");
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent_plugin/ext/admin_routes.h"
#include "agent_plugin_cpp/text.hpp"

namespace agent {

/// The duty to answer one request, exactly once, from any thread. May be copied; the first answer counts.
class Exchange {
 public:
  Exchange(const agent_host* host, const agent_admin_routes* routes, std::uint64_t id) noexcept
      : host_(host), routes_(routes), id_(id) {}

  void reply(std::int32_t status, std::string_view content_type, std::string_view body) const noexcept {
    agent_http_reply reply{};
    reply.size = static_cast<std::uint32_t>(sizeof reply);
    reply.status = status;
    reply.content_type = text(content_type);
    reply.body = bytes(body);
    routes_->respond(host_, id_, &reply);
  }
  void json(std::int32_t status, std::string_view body) const noexcept { reply(status, "application/json", body); }
  /// RFC 9457 problem details. Both texts are plain UTF-8.
  void problem(std::int32_t status, std::string_view title, std::string_view detail) const {
    std::string body = "{\"title\":";
    append_json(body, title);
    body.append(",\"status\":").append(std::to_string(status)).append(",\"detail\":");
    append_json(body, detail);
    reply(status, "application/problem+json", body.append("}"));
  }

  /// Appends a JSON string (RFC 8259) with its quotes.
  static void append_json(std::string& out, std::string_view value) {
    static constexpr char digits[] = "0123456789abcdef";
    out += '"';
    for (const char c : value) {
      const auto code = static_cast<unsigned char>(c);
      if (code < 0x20U) {
        out.append("\\u00").append(1, digits[code >> 4U]).append(1, digits[code & 0xFU]);
        continue;
      }
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += '"';
  }

 private:
  const agent_host* host_;
  const agent_admin_routes* routes_;
  std::uint64_t id_;
};

}  // namespace agent
