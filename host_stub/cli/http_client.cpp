// Boost.Beast's asynchronous functions, each waited for: its synchronous ones know no deadline.
#include "cli/http_client.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <charconv>
#include <limits>
#include <utility>

#include "agent_plugin/status.h"

#include "cli/url.h"

namespace host_stub::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds turn{50};
constexpr milliseconds connect_timeout{5000};
constexpr std::chrono::seconds longest_idle{30};  ///< the server closes a connection after 60 s
constexpr std::uint64_t largest_answer = std::uint64_t{64} << 20;

std::optional<std::chrono::seconds> seconds_in(beast::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > 3600) return std::nullopt;
  return std::chrono::seconds(value);
}

template <class Message>
HttpAnswer to_answer(const Message& message) {
  HttpAnswer answer;
  answer.status = static_cast<int>(message.result_int());
  answer.content_type = std::string(message[http::field::content_type]);
  answer.retry_after = seconds_in(message[http::field::retry_after]);
  return answer;
}

}  // namespace

struct HttpClient::Connection {
  asio::io_context context{1};
  beast::tcp_stream stream{context};
  beast::flat_buffer buffer;
  steady_clock::time_point last_used = steady_clock::now();
};

namespace {

/// Runs what was started until `done`, the deadline, or an interruption.
template <class Connection>
Result<void> wait_for(Connection& connection, const bool& done, const beast::error_code& error, milliseconds timeout,
                      const HttpClient::Interrupted& interrupted) {
  const steady_clock::time_point deadline = steady_clock::now() + timeout;
  connection.context.restart();
  while (!done) {
    connection.context.run_one_for(turn);
    if (done) break;
    const bool interruption = interrupted && interrupted();
    if (!interruption && steady_clock::now() < deadline) continue;
    connection.stream.cancel();
    while (!done && connection.context.run_one() > 0) {
    }
    if (interruption) return Failure{AGENT_E_STATE, "interrupted"};
    return Failure{AGENT_E_TIMEOUT, "no answer within " + std::to_string(timeout.count()) + " ms"};
  }
  if (error) return Failure{AGENT_E_FAILED, error.message()};
  return {};
}

}  // namespace

Result<std::unique_ptr<HttpClient>> HttpClient::create(const std::string& url, std::optional<std::string> api_key,
                                                       Interrupted interrupted) {
  std::optional<Url> parts = parse_url(url);
  if (!parts.has_value()) {
    return Failure{AGENT_E_INVALID,
                   "--admin-url: \"" + url + "\" is not http://HOST:PORT, such as http://127.0.0.1:3001"};
  }
  return std::unique_ptr<HttpClient>(
      new HttpClient(url, std::move(parts->host), std::move(parts->port), std::move(api_key), std::move(interrupted)));
}

HttpClient::HttpClient(std::string url, std::string host, std::string port, std::optional<std::string> api_key,
                       Interrupted interrupted)
    : url_(std::move(url)),
      host_(std::move(host)),
      port_(std::move(port)),
      api_key_(std::move(api_key)),
      interrupted_(std::move(interrupted)) {}

HttpClient::~HttpClient() = default;

Result<void> HttpClient::connect() {
  const bool fresh = connection_ != nullptr && steady_clock::now() - connection_->last_used < longest_idle;
  if (fresh) return {};
  auto made = std::make_unique<Connection>();
  beast::error_code error;
  asio::ip::tcp::resolver resolver(made->context);
  const auto addresses = resolver.resolve(host_, port_, error);
  const std::string nobody = "no host answers at " + url_;
  if (error) return Failure{AGENT_E_NOT_FOUND, nobody + " (" + error.message() + ")"};
  bool done = false;
  made->stream.async_connect(addresses, [&](beast::error_code result, const asio::ip::tcp::endpoint&) {
    error = result;
    done = true;
  });
  const Result<void> connected = wait_for(*made, done, error, connect_timeout, interrupted_);
  if (!connected.ok() && connected.error().status == AGENT_E_STATE) return connected;
  if (!connected.ok()) {
    return Failure{AGENT_E_NOT_FOUND, nobody + " (" + connected.error().message +
                                          "); start one with: host_stub start --admin HOST PORT --admin-api-key KEY"};
  }
  connection_ = std::move(made);
  return {};
}

namespace {

http::request<http::string_body> to_request(const HttpQuestion& question, const std::string& host,
                                            const std::optional<std::string>& api_key) {
  http::request<http::string_body> request(http::string_to_verb(question.method), question.target, 11);
  request.set(http::field::host, host);
  request.set(http::field::user_agent, "host_stub/" HOST_STUB_VERSION);
  if (api_key.has_value()) request.set("X-API-Key", *api_key);
  if (!question.content_type.empty()) request.set(http::field::content_type, question.content_type);
  request.body() = question.body;
  request.prepare_payload();
  return request;
}

Failure broken(const std::string& url, const Failure& reason) {
  if (reason.status != AGENT_E_FAILED) return reason;
  return Failure{AGENT_E_FAILED, "the connection to " + url + " broke: " + reason.message};
}

}  // namespace

Result<HttpAnswer> HttpClient::request(const HttpQuestion& question) {
  if (Result<void> connected = connect(); !connected.ok()) return connected.error();
  const steady_clock::time_point deadline = steady_clock::now() + question.timeout;
  const auto request = to_request(question, host_ + ":" + port_, api_key_);
  http::response_parser<http::string_body> parser;
  parser.body_limit(largest_answer);
  beast::error_code error;
  bool done = false;
  const auto finish = [&](beast::error_code result, std::size_t) {
    error = result;
    done = true;
  };
  http::async_write(connection_->stream, request, finish);
  Result<void> moved = wait_for(*connection_, done, error, question.timeout, interrupted_);
  // A server that refuses a request may answer and close before it has read all of it: the answer counts.
  const bool answer_may_come = moved.ok() || moved.error().status == AGENT_E_FAILED;
  if (answer_may_come) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
    done = false;
    http::async_read(connection_->stream, connection_->buffer, parser, finish);
    moved = wait_for(*connection_, done, error, left, interrupted_);
  }
  if (!moved.ok()) {
    connection_.reset();
    return broken(url_, moved.error());
  }
  HttpAnswer answer = to_answer(parser.get());
  answer.body = std::move(parser.get().body());
  connection_->last_used = steady_clock::now();
  if (!parser.get().keep_alive()) connection_.reset();
  return answer;
}

Result<HttpAnswer> HttpClient::stream(const std::string& target, const OnData& on_data) {
  connection_.reset();
  if (Result<void> connected = connect(); !connected.ok()) return connected.error();
  const auto request =
      to_request({.method = "GET", .target = target, .content_type = {}, .body = {}}, host_ + ":" + port_, api_key_);
  http::response_parser<http::buffer_body> parser;
  parser.body_limit(std::numeric_limits<std::uint64_t>::max());
  beast::error_code error;
  bool done = false;
  const auto finish = [&](beast::error_code result, std::size_t) {
    error = result == http::error::need_buffer ? beast::error_code() : result;
    done = true;
  };
  constexpr milliseconds for_ever = std::chrono::hours(24 * 365);
  const auto wait = [&] {
    const Result<void> moved = wait_for(*connection_, done, error, for_ever, interrupted_);
    done = false;
    return moved;
  };
  http::async_write(connection_->stream, request, finish);
  if (const Result<void> moved = wait(); !moved.ok()) return broken(url_, moved.error());
  http::async_read_header(connection_->stream, connection_->buffer, parser, finish);
  if (const Result<void> moved = wait(); !moved.ok()) return broken(url_, moved.error());
  HttpAnswer answer = to_answer(parser.get());
  std::array<char, 65536> piece;
  bool wanted = true;
  while (wanted && !parser.is_done()) {
    parser.get().body().data = piece.data();
    parser.get().body().size = piece.size();
    http::async_read_some(connection_->stream, connection_->buffer, parser, finish);
    if (const Result<void> moved = wait(); !moved.ok()) return broken(url_, moved.error());
    const std::string_view data(piece.data(), piece.size() - parser.get().body().size);
    if (answer.status == 200) {
      wanted = data.empty() || on_data(data);
    } else {
      answer.body += data;
    }
  }
  connection_.reset();
  return answer;
}

}  // namespace host_stub::cli
