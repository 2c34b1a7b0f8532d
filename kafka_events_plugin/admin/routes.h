// The plugin's HTTP routes: each parses its request, asks the controller or the bridge, and writes the reply.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "admin/controller.h"
#include "admin/service.h"
#include "core/admin_routes.h"
#include "core/result.h"

namespace kafka_events::admin {

/// GET and POST /kafka/start and /kafka/stop, GET /kafka/status, /kafka/config, /kafka/explain,
/// POST /kafka/consumers/{worker}/pause, resume, seek, GET /kafka/dead-letters, POST /kafka/dead-letters/redrive,
/// GET and POST /kafka/topics, GET and DELETE /kafka/topics/{name}, POST /kafka/topics/{name}/partitions.
class Routes {
 public:
  /// All must outlive this object, and the controller must be closed before it goes.
  Routes(AdminRoutes& server, Controller& controller, BridgeService& bridge);
  /// Removes the routes; on return no request is being handled.
  ~Routes();
  Routes(const Routes&) = delete;
  Routes& operator=(const Routes&) = delete;

  /// Adds all routes, or none. Idempotent.
  Result<void> add();

 private:
  class Endpoint;
  using Answer = void (Routes::*)(const HttpRequest& request, std::uint64_t exchange);
  struct Entry {
    RouteSpec spec;
    Answer answer;
  };
  [[nodiscard]] static std::vector<Entry> entries();
  [[nodiscard]] static std::vector<Entry> topic_entries();  // routes_topics.cpp

  void control(Command command, const HttpRequest& request, std::uint64_t exchange);
  void start(const HttpRequest& request, std::uint64_t exchange) { control(Command::start, request, exchange); }
  void stop(const HttpRequest& request, std::uint64_t exchange) { control(Command::stop, request, exchange); }
  void status(const HttpRequest& request, std::uint64_t exchange);
  void configuration(const HttpRequest& request, std::uint64_t exchange);
  void explain(const HttpRequest& request, std::uint64_t exchange);

  // routes_operations.cpp
  void command(ConsumerAction action, const HttpRequest& request, std::uint64_t exchange);
  void pause(const HttpRequest& request, std::uint64_t exchange) { command(ConsumerAction::pause, request, exchange); }
  void resume(const HttpRequest& request, std::uint64_t exchange) {
    command(ConsumerAction::resume, request, exchange);
  }
  void seek(const HttpRequest& request, std::uint64_t exchange) { command(ConsumerAction::seek, request, exchange); }
  void dead_letters(const HttpRequest& request, std::uint64_t exchange);
  void redrive(const HttpRequest& request, std::uint64_t exchange);

  // routes_topics.cpp
  void list_topics(const HttpRequest& request, std::uint64_t exchange);
  void describe_topic(const HttpRequest& request, std::uint64_t exchange);
  void create_topics(const HttpRequest& request, std::uint64_t exchange);
  void delete_topic(const HttpRequest& request, std::uint64_t exchange);
  void add_partitions(const HttpRequest& request, std::uint64_t exchange);

  bool find_worker(std::string& worker, const HttpRequest& request, std::uint64_t exchange);

  AdminRoutes& server_;
  Controller& controller_;
  BridgeService& bridge_;
  std::vector<std::unique_ptr<Endpoint>> endpoints_;
};

}  // namespace kafka_events::admin
