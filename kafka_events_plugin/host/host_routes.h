// The host's admin server (agent.admin_routes/1) as the AdminRoutes port.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "agent_plugin/ext/admin_routes.h"

#include "core/admin_routes.h"

namespace kafka_events::host {

/// Any thread. `host` and its extension outlive this; routes still there are removed with it.
class HostRoutes final : public AdminRoutes {
 public:
  HostRoutes(const agent_host* host, const agent_admin_routes* routes) noexcept : host_(host), routes_(routes) {}
  ~HostRoutes() override { remove_all(); }
  HostRoutes(const HostRoutes&) = delete;
  HostRoutes& operator=(const HostRoutes&) = delete;

  Result<void> add(const RouteSpec& spec, RequestHandler& handler) override;
  void remove_all() noexcept override;
  void reply(std::uint64_t exchange, const HttpReply& reply) noexcept override;

 private:
  struct Added {
    HostRoutes& routes;
    RequestHandler& handler;
    std::uint64_t token;
  };
  static void handle(void* context, const agent_http_request* request, std::uint64_t exchange) noexcept;

  const agent_host* const host_;
  const agent_admin_routes* const routes_;
  std::mutex mutex_;  // guards added_
  std::vector<std::unique_ptr<Added>> added_;
};

}  // namespace kafka_events::host
