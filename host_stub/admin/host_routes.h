// The host's own routes: status, health, metrics, plugins, events, documents and pages, shutdown.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "admin/openapi.h"
#include "admin/route_table.h"
#include "core/result.h"

namespace host_stub {

class EventPublisher;
class HostControl;

class HostRoutes {
 public:
  struct Parts {  // all must outlive the routes
    RouteTable& routes;
    HostControl& control;
    EventPublisher& publisher;
    OpenApiOptions document;
  };

  /// Adds all of them, or none.
  static Result<std::unique_ptr<HostRoutes>> create(Parts parts);
  ~HostRoutes();  ///< removes them
  HostRoutes(const HostRoutes&) = delete;
  HostRoutes& operator=(const HostRoutes&) = delete;

 private:
  explicit HostRoutes(Parts parts) : parts_(std::move(parts)) {}
  void add(RouteInfo info, RouteThread thread, std::function<HttpReply(HttpCall&)> make_reply);
  void add(HostRoute route);
  void add_health();
  void add_status();
  void add_swaps();  // host_routes_swap.cpp
  void add_documents();
  void add_events();
  void add_shutdown();

  Parts parts_;
  std::vector<std::uint64_t> tokens_;
  std::optional<Failure> failure_;  // the first one
};

}  // namespace host_stub
