// Listening, admitting connections, stopping.
#include <pthread.h>
#include <system_error>
#include <utility>

#include "admin/connection.h"
#include "admin/server_state.h"

namespace host_stub {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::size_t max_refusals_at_once = 64;

std::string bracketed(const std::string& host) {
  return host.find(':') != std::string::npos && host.front() != '[' ? "[" + host + "]" : host;
}

Failure cannot_listen(const AdminServerOptions& options, const error_code& error) {
  const std::string address = bracketed(options.host) + ":" + std::to_string(options.port);
  const std::string what = "the admin server cannot listen on " + address + ": ";
  if (error == asio::error::address_in_use) {
    return {AGENT_E_EXISTS, what + "the port is in use; end the program that holds it (ss -ltnp 'sport = :" +
                                std::to_string(options.port) +
                                "' names it), or choose another port with --admin HOST PORT (0 takes a free one)"};
  }
  if (error == asio::error::access_denied) {
    return {AGENT_E_FAILED, what + "permission denied; ports below 1024 need privileges, choose a higher one"};
  }
  return {AGENT_E_INVALID, what + error.message() + "; give an address of this machine with --admin HOST PORT"};
}

Failure checked(std::string message) { return {AGENT_E_INVALID, std::move(message)}; }

}  // namespace

Result<std::unique_ptr<AdminServer>> AdminServer::create(AdminServerOptions options, RouteTable& routes, EventBus& bus,
                                                         HostControl& control, LogSink& log) {
  if (!options.api_key && !options.insecure_mode) {
    return checked("the admin server needs either --admin-api-key KEY or --admin-insecure-mode");
  }
  if (options.api_key && options.insecure_mode) {
    return checked("--admin-api-key KEY and --admin-insecure-mode exclude each other: give one of them");
  }
  if (options.api_key && options.api_key->empty()) return checked("the key of --admin-api-key must not be empty");
  auto state = std::make_unique<State>(std::move(options), routes, bus, log);
  OpenApiOptions document{"host_stub admin", state->options.version, !state->options.insecure_mode};
  auto host_routes = HostRoutes::create({routes, control, state->publisher, std::move(document)});
  if (!host_routes) return host_routes.error();
  state->host_routes = std::move(host_routes).value();
  return std::unique_ptr<AdminServer>(new AdminServer(std::move(state)));
}

AdminServer::AdminServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
AdminServer::~AdminServer() { state_->stop(std::chrono::seconds(5)); }

Result<void> AdminServer::start() {
  if (state_->thread.joinable() || state_->stopping)
    return Failure{AGENT_E_STATE, "the admin server was started before"};
  if (auto listening = state_->listen(); !listening) return listening;
  return state_->run();
}

std::uint16_t AdminServer::port() const noexcept { return state_->port; }
std::string AdminServer::url() const {
  return "http://" + bracketed(state_->options.host) + ":" + std::to_string(state_->port);
}
bool AdminServer::stop(std::chrono::milliseconds deadline) { return state_->stop(deadline); }

Result<void> AdminServer::State::listen() {
  error_code error;
  tcp::resolver resolver(io);
  const auto found = resolver.resolve(options.host, std::to_string(options.port), tcp::resolver::passive, error);
  if (error) return cannot_listen(options, error);
  const tcp::endpoint endpoint = found.begin()->endpoint();
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    const Failure failure = cannot_listen(options, error);
    acceptor.close(error);
    return failure;
  }
  port = acceptor.local_endpoint(error).port();
  return {};
}

Result<void> AdminServer::State::run() {
  if (auto started = publisher.start(); !started) return started;
  asio::co_spawn(io, accept(), asio::detached);
  try {
    thread = std::thread([this] {
      pthread_setname_np(pthread_self(), "host-admin");
      while (!io.stopped()) {
        try {
          io.run();
        } catch (const std::exception&) {  // out of memory on one connection must not end the others
          log.write(LogLevel::error, "host", "admin", "a connection failed for want of memory");
        }
      }
    });
  } catch (const std::system_error& error) {
    return Failure{AGENT_E_FAILED, std::string("cannot start the thread host-admin: ") + error.what()};
  }
  return {};
}

asio::awaitable<void> AdminServer::State::accept() {
  while (!stopping) {
    error_code error;
    tcp::socket socket(io);
    co_await acceptor.async_accept(socket, asio::redirect_error(asio::use_awaitable, error));
    if (!error) {
      admit(std::move(socket));
    } else if (error != asio::error::operation_aborted) {  // no descriptors left, say
      warn("cannot accept a connection: " + error.message());
      asio::steady_timer pause(io, std::chrono::milliseconds(100));
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
    }
  }
}

void AdminServer::State::admit(tcp::socket socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  auto connection = std::make_shared<Connection>(*this, std::move(socket));
  if (connections.size() < options.limits.max_connections) {
    connections.insert(connection.get());
    {
      const std::lock_guard lock(mutex);
      ++open_connections;
    }
    asio::co_spawn(
        io, [connection] { return connection->run(); },
        [this, connection](const std::exception_ptr&) { left(*connection); });
  } else if (being_refused < max_refusals_at_once) {
    warn("the limit of connections is reached");
    ++being_refused;
    asio::co_spawn(
        io, [connection] { return connection->refuse(); },
        [this, connection](const std::exception_ptr&) { --being_refused; });
  }
}

void AdminServer::State::left(Connection& connection) {
  connections.erase(&connection);
  const std::lock_guard lock(mutex);
  --open_connections;
  all_left.notify_all();
}

bool AdminServer::State::stop(std::chrono::milliseconds deadline) {
  if (!thread.joinable()) return true;
  const auto all_are_gone = [this] { return open_connections == 0; };
  mailbox->post([this] {
    error_code ignored;
    stopping = true;
    acceptor.close(ignored);
    for (Connection* connection : connections) connection->finish_up();
  });
  std::unique_lock lock(mutex);
  const bool finished = all_left.wait_for(lock, deadline, all_are_gone);
  lock.unlock();
  publisher.stop(finished ? std::chrono::milliseconds(1'000) : std::chrono::milliseconds(100));
  if (!finished) {
    mailbox->post([this] {
      for (Connection* connection : connections) connection->cut();
    });
    lock.lock();
    all_left.wait_for(lock, std::chrono::seconds(1), all_are_gone);
    lock.unlock();
  }
  mailbox->close();
  io.stop();
  thread.join();
  return finished;
}

void AdminServer::State::warn(std::string_view message) {
  const auto now = std::chrono::steady_clock::now();
  if (now - last_warning < std::chrono::seconds(1)) return;  // a flood of requests must not flood the log
  last_warning = now;
  log.write(LogLevel::warning, "host", "admin", message);
}

}  // namespace host_stub
