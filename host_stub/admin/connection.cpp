// Reading requests and writing answers (Boost.Beast).
#include "admin/connection.h"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <ctime>
#include <utility>

#include "admin/problem.h"
#include "admin/request_screen.h"
#include "admin/target.h"

namespace host_stub {
namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds farewell_time{1'000};

std::string_view view(boost::beast::string_view text) noexcept { return {text.data(), text.size()}; }

template <class Fields>
RequestHead head_of(const Fields& request) {
  RequestHead head;
  head.method = view(request.method_string());
  head.target = view(request.target());
  head.is_http_1_1 = request.version() >= 11;
  head.host_count = request.count(http::field::host);
  head.host = view(request[http::field::host]);
  if (request.count(http::field::origin) > 0) head.origin = view(request[http::field::origin]);
  head.fetch_site = view(request["Sec-Fetch-Site"]);
  head.api_key = view(request["X-API-Key"]);
  return head;
}

std::string http_date() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[64];
  return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

constexpr std::string_view page_policy =
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

template <class Response>
void fill_head(Response& response, const HttpReply& reply, bool keep_alive) {
  response.version(11);
  response.result(static_cast<unsigned>(reply.status));
  if (response.result() == http::status::unknown) response.reason(std::string(reason_phrase(reply.status)));
  response.set(http::field::server, "host_stub");
  response.set(http::field::date, http_date());
  response.set(http::field::cache_control, "no-store");
  response.set("X-Content-Type-Options", "nosniff");
  if (!reply.content_type.empty()) response.set(http::field::content_type, reply.content_type);
  if (reply.content_type.starts_with("text/html")) {
    response.set("Content-Security-Policy", boost::beast::string_view(page_policy.data(), page_policy.size()));
  }
  for (const HttpParameter& field : reply.headers) response.set(field.name, field.value);
  response.keep_alive(keep_alive);
}

bool has_no_body(int status) noexcept { return status == 204 || status == 304; }

}  // namespace

Connection::Connection(AdminServer::State& server, asio::ip::tcp::socket socket)
    : server_(server), socket_(std::move(socket)), watchdog_(socket_), wake_(socket_.get_executor()) {}

Connection::~Connection() = default;

asio::awaitable<void> Connection::run() {
  Next next = Next::request;
  while (next == Next::request && !is_cut_) {
    const bool bytes_came = co_await wait_for_bytes();
    next = Next::close;
    if (bytes_came) next = co_await serve_one();
  }
  if (!is_cut_) co_await close_gently();
}

asio::awaitable<void> Connection::refuse() {
  HttpReply reply = problem(503, "too many connections; close some or try again later", "");
  reply.headers.push_back({"Retry-After", "1"});
  co_await send(std::move(reply), Form{});
  co_await close_gently();
}

void Connection::finish_up() {
  if (is_idle_) cut();
  wake_.cancel();
}

void Connection::cut() {
  is_cut_ = true;
  error_code ignored;
  socket_.close(ignored);
  wake_.cancel();
  if (const auto waiting = waiting_.lock()) waiting->timer.cancel();
}

/// Waits for the first byte of a request on a connection that was kept alive.
asio::awaitable<bool> Connection::wait_for_bytes() {
  if (buffer_.size() > 0) co_return true;
  if (server_.stopping) co_return false;
  error_code error;
  is_idle_ = true;
  watchdog_.arm(server_.options.limits.idle_timeout, shared_from_this());
  co_await socket_.async_wait(asio::ip::tcp::socket::wait_read, asio::redirect_error(asio::use_awaitable, error));
  watchdog_.disarm();
  is_idle_ = false;
  co_return !error;
}

asio::awaitable<Connection::Next> Connection::serve_one() {
  Parser parser;
  parser.header_limit(server_.options.limits.max_header_bytes);
  parser.body_limit(server_.options.limits.max_body_bytes);
  watchdog_.arm(server_.options.limits.request_timeout, shared_from_this());
  std::optional<HttpReply> refusal = co_await read_head(parser);
  if (!refusal) refusal = co_await read_body(parser);
  watchdog_.disarm();
  const bool head_only = parser.get().method() == http::verb::head;
  if (refusal) {
    if (refusal->status != 0) co_await send(std::move(*refusal), Form{false, head_only});
    co_return Next::close;
  }
  auto request = parser.release();
  const auto target = split_target(view(request.target()));  // it was screened
  HttpCall call{std::string(view(request.method_string())),
                std::string(target->path),
                std::string(view(request[http::field::content_type])),
                std::move(request.body()),
                server_.options.limits.handler_timeout,
                {},
                {}};
  if (call.method == "GET" && call.path == "/events") {
    co_return co_await serve_stream(std::move(call.path), std::string(target->query), request.version() >= 11);
  }
  HttpReply reply = co_await answer_of(std::move(call), std::string(target->query));
  if (is_cut_) co_return Next::close;
  const bool keep_alive = request.keep_alive() && !server_.stopping;
  const bool sent = co_await send(std::move(reply), Form{keep_alive, head_only});
  co_return sent&& keep_alive ? Next::request : Next::close;
}

/// Nothing: go on. Otherwise what to answer before closing; status 0: close without an answer.
asio::awaitable<std::optional<HttpReply>> Connection::read_head(Parser& parser) {
  error_code error;
  co_await http::async_read_header(socket_, buffer_, parser, asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return refusal_of(error);
  auto refusal = screen(head_of(parser.get()), server_.options, server_.routes);
  if (refusal && refusal->status == 401) server_.warn("a request without the right API key was refused");
  co_return refusal;
}

asio::awaitable<std::optional<HttpReply>> Connection::read_body(Parser& parser) {
  if (parser.is_done()) co_return std::nullopt;
  const auto& expect = parser.get()[http::field::expect];
  if (boost::beast::iequals(expect, "100-continue") && parser.get().version() >= 11) {
    const bool sent = co_await send_text("HTTP/1.1 100 Continue\r\n\r\n");
    if (!sent) co_return HttpReply{0, {}, {}, {}};
  }
  error_code error;
  co_await http::async_read(socket_, buffer_, parser, asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return refusal_of(error);
  co_return std::nullopt;
}

std::optional<HttpReply> Connection::refusal_of(const error_code& error) {
  const AdminServerLimits& limits = server_.options.limits;
  if (watchdog_.fired()) {
    return problem(408, "the request did not arrive within " + std::to_string(limits.request_timeout.count()) + " ms",
                   "");
  }
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return problem(431, "the header is over " + std::to_string(limits.max_header_bytes) + " bytes", "");
  }
  if (error == http::error::body_limit) {
    return problem(413, "the body is over " + std::to_string(limits.max_body_bytes) + " bytes", "");
  }
  const bool is_malformed = error.category() == make_error_code(http::error::bad_target).category() &&
                            error != http::error::end_of_stream && error != http::error::partial_message;
  if (is_malformed) return problem(400, "malformed HTTP: " + error.message(), "");
  return HttpReply{0, {}, {}, {}};
}

asio::awaitable<HttpReply> Connection::answer_of(HttpCall call, std::string query) {
  const auto waiting = std::make_shared<Waiting>(socket_.get_executor());
  waiting_ = waiting;
  // The handler's thread knows the mailbox only: this connection may be gone when it answers.
  auto on_reply = [mailbox = server_.mailbox, weak = std::weak_ptr<Waiting>(waiting)](HttpReply reply) {
    mailbox->post([weak, answer = std::make_shared<HttpReply>(std::move(reply))] {
      const auto still_waiting = weak.lock();
      if (still_waiting == nullptr) return;
      still_waiting->reply = std::move(*answer);
      still_waiting->timer.cancel();
    });
  };
  const Exchange exchange = server_.routes.dispatch(std::move(call), query, std::move(on_reply));
  waiting->timer.expires_after(exchange.timeout);
  while (!waiting->reply && !is_cut_) {
    error_code error;
    co_await waiting->timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
    if (waiting->reply || is_cut_ || error) continue;
    server_.routes.expire(exchange.id);  // false: the answer is on its way
    waiting->timer.expires_after(farewell_time);
  }
  if (is_cut_) server_.routes.abandon(exchange.id);
  co_return waiting->reply ? std::move(*waiting->reply) : HttpReply{};
}

asio::awaitable<bool> Connection::send(HttpReply reply, Form form) {
  error_code error;
  watchdog_.arm(server_.options.limits.write_timeout, shared_from_this());
  if (form.head_only || has_no_body(reply.status)) {
    http::response<http::empty_body> response;
    fill_head(response, reply, form.keep_alive);
    if (!has_no_body(reply.status)) response.content_length(reply.body.size());
    co_await http::async_write(socket_, response, asio::redirect_error(asio::use_awaitable, error));
  } else {
    http::response<http::string_body> response;
    fill_head(response, reply, form.keep_alive);
    response.content_length(reply.body.size());
    response.body() = std::move(reply.body);
    co_await http::async_write(socket_, response, asio::redirect_error(asio::use_awaitable, error));
  }
  watchdog_.disarm();
  co_return !error;
}

asio::awaitable<bool> Connection::send_text(std::string text) {
  error_code error;
  co_await asio::async_write(socket_, asio::buffer(text), asio::redirect_error(asio::use_awaitable, error));
  co_return !error;
}

/// Reads what the client still sends for a moment: closing with unread bytes would reset the connection, and the client
/// might lose the answer (RFC 9112, 9.6).
asio::awaitable<void> Connection::close_gently() {
  error_code error;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
  is_idle_ = true;
  watchdog_.arm(server_.stopping ? farewell_time / 10 : farewell_time, shared_from_this());
  std::string scrap(16'384, '\0');
  while (!error && !watchdog_.fired()) {
    co_await socket_.async_read_some(asio::buffer(scrap), asio::redirect_error(asio::use_awaitable, error));
  }
  watchdog_.disarm();
  socket_.close(error);
}

}  // namespace host_stub
