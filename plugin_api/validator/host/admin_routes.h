// "agent.admin_routes/1" of the test host: keeps routes, sends each one request, waits for the answer.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "agent_plugin/ext/admin_routes.h"

#include "host/ledger.h"
#include "host/memory.h"

namespace plugin_validator {

class AdminRoutes {
 public:
  AdminRoutes(Ledger& ledger, Layout layout) : ledger_(ledger), layout_(layout) {}

  [[nodiscard]] static agent_admin_routes table() noexcept;

  /// Sends every route of these methods one request with this body and waits for the answers until `patience` is over.
  /// Returns the first thing that is wrong ("GET /x: …"), or empty.
  std::string request_all(bool reading, std::string_view body, std::chrono::milliseconds patience);

  [[nodiscard]] std::vector<std::string> routes() const;

  /// What a host does when an instance is gone.
  void remove_all();

  std::int32_t add(const agent_route* route, std::uint64_t* token, agent_error* error);
  std::int32_t remove(std::uint64_t token);
  std::int32_t respond(std::uint64_t exchange, const agent_http_reply* reply);

 private:
  struct Route {
    std::string method;
    std::string path;
    void* context;
    void (*handle)(void* context, const agent_http_request* request, std::uint64_t exchange);
  };
  std::string request(const Route& route, std::string_view body, std::chrono::milliseconds patience);

  Ledger& ledger_;
  Layout layout_;
  mutable std::mutex mutex_;  // guards what follows; never held while a handler runs
  std::condition_variable answered_;
  std::uint64_t last_token_ = 0;
  std::uint64_t last_exchange_ = 1000;
  std::map<std::uint64_t, Route> routes_;
  std::map<std::uint64_t, std::int32_t> exchanges_;  // open: 0; answered: the status; gone: -1
};

}  // namespace plugin_validator
