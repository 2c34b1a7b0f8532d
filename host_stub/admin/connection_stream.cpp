// GET /events: server-sent events (HTML standard, 9.2) on a connection.
#include <array>
#include <cstdio>
#include <utility>

#include "admin/connection.h"
#include "admin/problem.h"
#include "admin/target.h"

namespace host_stub {
namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t bytes_per_write = 256u << 10;

std::string stream_head(bool chunked) {
  std::string head =
      "HTTP/1.1 200 OK\r\nServer: host_stub\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
      "X-Content-Type-Options: nosniff\r\nConnection: close\r\n";
  if (chunked) head += "Transfer-Encoding: chunked\r\n";
  return head + "\r\n";
}

Result<std::vector<std::string>> patterns_of(std::string_view query) {
  const auto parameters = parse_query(query);
  if (!parameters) return Failure{AGENT_E_INVALID, "the query is not percent-encoded UTF-8 (RFC 3986)"};
  std::vector<std::string> patterns;
  for (const HttpParameter& parameter : *parameters) {
    if (parameter.name != "pattern") return Failure{AGENT_E_INVALID, "the only query parameter here is pattern"};
    patterns.push_back(parameter.value);
  }
  if (patterns.empty()) patterns.emplace_back("");  // matches every topic
  return patterns;
}

/// Counts this client for as long as it is served.
class StreamSlot {
 public:
  explicit StreamSlot(std::size_t& count) : count_(count) { ++count_; }
  ~StreamSlot() { --count_; }
  StreamSlot(const StreamSlot&) = delete;
  StreamSlot& operator=(const StreamSlot&) = delete;

 private:
  std::size_t& count_;
};

}  // namespace

Result<std::unique_ptr<EventStream>> Connection::open_stream(std::string_view query) {
  const AdminServerLimits& limits = server_.options.limits;
  if (server_.streams >= limits.max_streams) {
    return Failure{AGENT_E_BUSY, "too many event streams; close one or try again later"};
  }
  const auto patterns = patterns_of(query);
  if (!patterns) return patterns.error();
  auto wake = [mailbox = server_.mailbox, weak = weak_from_this()] {
    mailbox->post([weak] {
      if (const auto self = weak.lock()) self->wake_.cancel();
    });
  };
  return EventStream::open(server_.bus, patterns.value(), {limits.max_stream_events, limits.max_stream_bytes},
                           std::move(wake));
}

asio::awaitable<Connection::Next> Connection::serve_stream(std::string path, std::string query, bool chunked) {
  auto stream = open_stream(query);
  if (!stream) {
    const bool busy = stream.error().status == AGENT_E_BUSY;
    HttpReply refusal = problem(busy ? 503 : 400, stream.error().message, path);
    if (busy) refusal.headers.push_back({"Retry-After", "1"});
    co_await send(std::move(refusal), Form{});
    co_return Next::close;
  }
  const StreamSlot slot(server_.streams);
  asio::co_spawn(
      socket_.get_executor(), [self = shared_from_this()] { return self->notice_the_end(); }, asio::detached);
  const bool sent = co_await send_text(stream_head(chunked));
  if (sent) co_await pump(*stream.value(), chunked);
  error_code ignored;
  socket_.cancel(ignored);
  co_return Next::close;
}

asio::awaitable<void> Connection::pump(EventStream& stream, bool chunked) {
  std::string text = ": connected\n\n";
  while (!client_left_ && !is_cut_) {
    if (!text.empty()) {
      const bool sent = co_await send_chunk(text, chunked);
      if (!sent) co_return;
    }
    text.clear();
    if (server_.stopping) break;
    stream.take(text, bytes_per_write);
    if (!text.empty()) continue;
    error_code error;
    wake_.expires_after(server_.options.limits.heartbeat);
    co_await wake_.async_wait(asio::redirect_error(asio::use_awaitable, error));
    if (!error) text = ": heartbeat\n\n";
  }
  if (chunked && !client_left_ && !is_cut_) co_await send_text("0\r\n\r\n");
}

asio::awaitable<bool> Connection::send_chunk(const std::string& text, bool chunked) {
  std::array<char, 24> size{};
  const int length = std::snprintf(size.data(), size.size(), "%zx\r\n", text.size());
  const std::array<asio::const_buffer, 3> parts{
      asio::buffer(size.data(), chunked ? static_cast<std::size_t>(length) : 0), asio::buffer(text),
      asio::buffer("\r\n", chunked ? 2 : 0)};
  error_code error;
  watchdog_.arm(server_.options.limits.write_timeout, shared_from_this());
  co_await asio::async_write(socket_, parts, asio::redirect_error(asio::use_awaitable, error));
  watchdog_.disarm();
  co_return !error;
}

/// A client of a stream sends nothing more; that it has gone shows when a read ends.
asio::awaitable<void> Connection::notice_the_end() {
  std::array<char, 512> scrap{};
  error_code error;
  while (!error) {
    co_await socket_.async_read_some(asio::buffer(scrap), asio::redirect_error(asio::use_awaitable, error));
  }
  client_left_ = true;
  wake_.cancel();
}

}  // namespace host_stub
