// One client's connection: requests one after another, or an event stream. Lives on the HTTP thread.
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "admin/asio.h"
#include "admin/event_stream.h"
#include "admin/http_message.h"
#include "admin/server_state.h"
#include "admin/watchdog.h"

namespace host_stub {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(AdminServer::State& server, boost::asio::ip::tcp::socket socket);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Serves until either side ends it.
  boost::asio::awaitable<void> run();

  /// Tells the client that there are too many connections.
  boost::asio::awaitable<void> refuse();

  /// The server is ending: idle connections and streams end at once, a running request may finish.
  void finish_up();

  /// Ends everything now.
  void cut();

 private:
  template <class Value>
  using Awaitable = boost::asio::awaitable<Value>;
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  struct Waiting {  // for the answer to one request
    explicit Waiting(const boost::asio::any_io_executor& executor) : timer(executor) {}
    boost::asio::steady_timer timer;
    std::optional<HttpReply> reply;
  };
  struct Form {  // how to answer the present request
    bool keep_alive = false;
    bool head_only = false;
  };
  enum class Next { request, close };

  Awaitable<bool> wait_for_bytes();
  Awaitable<Next> serve_one();
  Awaitable<std::optional<HttpReply>> read_head(Parser& parser);
  Awaitable<std::optional<HttpReply>> read_body(Parser& parser);
  std::optional<HttpReply> refusal_of(const boost::system::error_code& error);
  Awaitable<HttpReply> answer_of(HttpCall call, std::string query);
  Awaitable<bool> send(HttpReply reply, Form form);
  Awaitable<void> close_gently();

  Result<std::unique_ptr<EventStream>> open_stream(std::string_view query);
  Awaitable<Next> serve_stream(std::string path, std::string query, bool chunked);
  Awaitable<void> pump(EventStream& stream, bool chunked);
  Awaitable<bool> send_chunk(const std::string& text, bool chunked);
  Awaitable<void> notice_the_end();
  Awaitable<bool> send_text(std::string text);

  AdminServer::State& server_;
  boost::asio::ip::tcp::socket socket_;
  Watchdog watchdog_;
  boost::beast::flat_buffer buffer_;
  std::weak_ptr<Waiting> waiting_;  // while a handler works on a request
  boost::asio::steady_timer wake_;  // while a stream has nothing to send
  bool is_idle_ = false;
  bool client_left_ = false;
  bool is_cut_ = false;
};

}  // namespace host_stub
