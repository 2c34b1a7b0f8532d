// The plugin's HTTP routes: each parses its request, asks the controller or the bridge, and writes the reply.
#pragma once

#include <memory>
#include <vector>

#include "admin/controller.h"
#include "admin/service.h"
#include "core/admin_routes.h"
#include "core/result.h"

namespace kafka_events::admin {

/// GET and POST /kafka/start and /kafka/stop, GET /kafka/status, /kafka/config, /kafka/explain.
class Routes {
 public:
  /// All must outlive this object, and the controller must be closed before it goes.
  Routes(AdminRoutes& server, Controller& controller, const BridgeService& bridge);
  /// Removes the routes; on return no request is being handled.
  ~Routes();
  Routes(const Routes&) = delete;
  Routes& operator=(const Routes&) = delete;

  /// Adds all routes, or none. Idempotent.
  Result<void> add();

 private:
  class Endpoint;
  using Answer = void (Routes::*)(const HttpRequest& request, std::uint64_t exchange);

  void control(Command command, const HttpRequest& request, std::uint64_t exchange);
  void start(const HttpRequest& request, std::uint64_t exchange) { control(Command::start, request, exchange); }
  void stop(const HttpRequest& request, std::uint64_t exchange) { control(Command::stop, request, exchange); }
  void status(const HttpRequest& request, std::uint64_t exchange);
  void configuration(const HttpRequest& request, std::uint64_t exchange);
  void explain(const HttpRequest& request, std::uint64_t exchange);

  AdminRoutes& server_;
  Controller& controller_;
  const BridgeService& bridge_;
  std::vector<std::unique_ptr<Endpoint>> endpoints_;
};

}  // namespace kafka_events::admin
