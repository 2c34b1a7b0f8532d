// The forwarder's loop: one poll(2) over the listener, a wake-up pipe and both ends of every connection.
#include "embedded_kafka/tcp_forwarder.h"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <list>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <string>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "agent_plugin/status.h"

namespace host_stub {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int value = -1) noexcept : value_(value) {}
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  [[nodiscard]] int get() const noexcept { return value_; }
  [[nodiscard]] bool valid() const noexcept { return value_ >= 0; }

 private:
  int value_;
};

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// One direction of a connection: what was read and is not written yet.
struct Flow {
  std::string pending;
  bool ended = false;  ///< the reading side has nothing more
};

constexpr std::size_t chunk_bytes = std::size_t{64} * 1024;

struct Connection {
  Descriptor client;
  Descriptor target;
  Flow out;   ///< client to target
  Flow back;  ///< target to client
};

bool would_block(ssize_t result) { return result < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR); }

/// Moves what can be moved without waiting. False: the connection is over.
bool move(int from, int to, Flow& flow, std::array<char, chunk_bytes>& buffer) {
  if (flow.pending.empty() && !flow.ended) {
    const ssize_t got = ::recv(from, buffer.data(), buffer.size(), 0);
    if (got > 0) flow.pending.assign(buffer.data(), static_cast<std::size_t>(got));
    if (got == 0) flow.ended = true;
    if (got < 0 && !would_block(got)) return false;
  }
  if (!flow.pending.empty()) {
    const ssize_t sent = ::send(to, flow.pending.data(), flow.pending.size(), MSG_NOSIGNAL);
    if (sent < 0 && !would_block(sent)) return false;
    if (sent > 0) flow.pending.erase(0, static_cast<std::size_t>(sent));
  }
  return !(flow.ended && flow.pending.empty());
}

short wanted(const Flow& reads, const Flow& writes) {
  const bool read = reads.pending.empty() && !reads.ended;
  const bool write = !writes.pending.empty();
  return static_cast<short>((read ? POLLIN : 0) | (write ? POLLOUT : 0));
}

}  // namespace

class TcpForwarder::Loop {
 public:
  Loop(Descriptor listener, Descriptor wake, std::uint16_t target_port)
      : listener_(std::move(listener)), wake_(std::move(wake)), target_port_(target_port) {}

  void stop() noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
  }

  void run() {
    for (;;) {
      std::vector<pollfd> polled{{wake_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
      for (const Connection& connection : connections_) {
        polled.push_back({connection.client.get(), wanted(connection.out, connection.back), 0});
        polled.push_back({connection.target.get(), wanted(connection.back, connection.out), 0});
      }
      if (::poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) return;
      if (polled[0].revents != 0) return;
      serve_ready(polled);
      if (polled[1].revents != 0) accept_one();
    }
  }

 private:
  void serve_ready(const std::vector<pollfd>& polled) {
    std::size_t index = 2;
    for (auto connection = connections_.begin(); connection != connections_.end(); index += 2) {
      const bool ready = polled[index].revents != 0 || polled[index + 1].revents != 0;
      const int client = connection->client.get();
      const int target = connection->target.get();
      const bool alive = !ready || (move(client, target, connection->out, *buffer_) &&
                                    move(target, client, connection->back, *buffer_));
      connection = alive ? std::next(connection) : connections_.erase(connection);
    }
  }

  void accept_one() {
    Descriptor client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!client.valid() || connections_.size() >= max_connections) return;
    Descriptor target(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const sockaddr_in address = loopback(target_port_);
    if (!target.valid()) return;
    const int connected = ::connect(target.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    if (connected != 0 && errno != EINPROGRESS) return;
    connections_.push_back({std::move(client), std::move(target), {}, {}});
  }

  Descriptor listener_;
  Descriptor wake_;
  std::uint16_t target_port_;
  std::list<Connection> connections_;
  std::unique_ptr<std::array<char, chunk_bytes>> buffer_ = std::make_unique<std::array<char, chunk_bytes>>();
};

Result<std::unique_ptr<TcpForwarder>> TcpForwarder::start(std::uint16_t listen_port, std::uint16_t target_port) {
  Descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  const sockaddr_in address = loopback(listen_port);
  const std::string where = "127.0.0.1:" + std::to_string(listen_port);
  if (!listener.valid() || ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener.get(), SOMAXCONN) != 0) {
    const int reason = errno;
    if (reason == EADDRINUSE) return Failure{AGENT_E_EXISTS, "port " + where + " is in use; choose another one"};
    return Failure{AGENT_E_FAILED, "cannot listen on " + where + ": " + std::strerror(reason)};
  }
  Descriptor wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake.valid()) return Failure{AGENT_E_FAILED, std::string("no eventfd: ") + std::strerror(errno)};
  auto loop = std::make_unique<Loop>(std::move(listener), std::move(wake), target_port);
  return std::unique_ptr<TcpForwarder>(new TcpForwarder(std::move(loop)));
}

TcpForwarder::TcpForwarder(std::unique_ptr<Loop> loop)
    : loop_(std::move(loop)), thread_([this] {
        ::pthread_setname_np(::pthread_self(), "kafka-forward");
        loop_->run();
      }) {}

TcpForwarder::~TcpForwarder() {
  loop_->stop();
  thread_.join();
}

}  // namespace host_stub
