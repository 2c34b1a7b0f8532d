// A tiny HTTP server in the test's process, which misbehaves on demand. Loopback, a port of its own, joined at the end.
#pragma once

#include <arpa/inet.h>
#include <atomic>
#include <charconv>
#include <functional>
#include <mutex>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace registry_test {

struct Request {
  std::string line;  ///< "GET /path"
  std::string headers;
  std::string body;
};

struct Reply {
  enum class Way { whole, hang, reset, endless, raw, slow };
  int status = 200;
  std::string body{};
  Way way = Way::whole;  ///< raw: the body is all that is sent; slow: an octet each 5 ms
  std::string headers{};
};

class HttpServer {
 public:
  using Handler = std::function<Reply(const Request&)>;

  explicit HttpServer(Handler handler, std::uint16_t port = 0) : handler_(std::move(handler)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) std::abort();
    ::listen(listener_, 16);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~HttpServer() {
    ended_ = true;
    acceptor_.join();
    for (std::thread& each : connections_) each.join();
    ::close(listener_);
  }
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::vector<Request> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  bool readable(int socket) const {
    pollfd each{socket, POLLIN, 0};
    while (!ended_) {
      if (::poll(&each, 1, 5) > 0) return true;
    }
    return false;
  }
  void accept_all() {
    while (readable(listener_)) {
      const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket >= 0) connections_.emplace_back([this, socket] { serve(socket); });
    }
  }
  void serve(int socket) {
    std::string buffer;
    for (Request request; read(socket, buffer, request); request = {}) {
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
      }
      if (!answer(socket, handler_(request))) break;
    }
    ::close(socket);
  }
  bool more(int socket, std::string& buffer) const {
    char chunk[65536];
    if (!readable(socket)) return false;
    const ssize_t got = ::recv(socket, chunk, sizeof chunk, 0);
    if (got > 0) buffer.append(chunk, static_cast<std::size_t>(got));
    return got > 0;
  }
  bool read(int socket, std::string& buffer, Request& request) const {
    std::size_t end = 0;
    while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
      if (!more(socket, buffer)) return false;
    }
    request.headers = buffer.substr(0, end + 2);
    buffer.erase(0, end + 4);
    request.line = request.headers.substr(0, request.headers.find(" HTTP/"));
    std::size_t length = 0;
    if (const auto at = request.headers.find("Content-Length: "); at != std::string::npos) {
      std::from_chars(request.headers.data() + at + 16, request.headers.data() + request.headers.size(), length);
    }
    while (buffer.size() < length) {
      if (!more(socket, buffer)) return false;
    }
    request.body = buffer.substr(0, length);
    buffer.erase(0, length);
    return true;
  }
  static bool send(int socket, const std::string& text) {
    return ::send(socket, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
  }
  bool answer(int socket, const Reply& reply) const {
    const std::string head = "HTTP/1.1 " + std::to_string(reply.status) + " X\r\n" + reply.headers;
    switch (reply.way) {
      case Reply::Way::whole:
        return send(socket, head + "Content-Length: " + std::to_string(reply.body.size()) + "\r\n\r\n" + reply.body);
      case Reply::Way::raw:
        send(socket, reply.body);
        return false;
      case Reply::Way::hang:
        readable(socket);
        return false;  // until the client goes
      case Reply::Way::reset: {
        const linger hard{1, 0};
        ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        return false;
      }
      case Reply::Way::endless: {
        send(socket, head + "\r\n");
        const std::string block(65536, ' ');
        while (!ended_ && send(socket, block)) continue;
        return false;
      }
      case Reply::Way::slow: {
        for (const char c : head + "Content-Length: " + std::to_string(reply.body.size()) + "\r\n\r\n" + reply.body) {
          if (ended_ || !send(socket, std::string(1, c))) return false;
          ::poll(nullptr, 0, 5);
        }
        return true;
      }
    }
    return false;
  }

  Handler handler_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> ended_{false};
  std::thread acceptor_;
  std::vector<std::thread> connections_;
  mutable std::mutex mutex_;
  std::vector<Request> requests_;
};

}  // namespace registry_test
