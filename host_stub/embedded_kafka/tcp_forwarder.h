// Passes TCP connections on from one port of the loopback to another.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "core/result.h"

namespace host_stub {

/// A single thread moves the bytes of all connections (at most max_connections, later ones are closed at once).
/// Destruction closes them all and joins the thread.
class TcpForwarder {
 public:
  static constexpr std::size_t max_connections = 64;

  /// Listens on 127.0.0.1:`listen_port`, and connects each client to 127.0.0.1:`target_port`.
  /// AGENT_E_EXISTS: the port is in use; AGENT_E_FAILED: the system refused something else.
  [[nodiscard]] static Result<std::unique_ptr<TcpForwarder>> start(std::uint16_t listen_port,
                                                                   std::uint16_t target_port);

  ~TcpForwarder();
  TcpForwarder(const TcpForwarder&) = delete;
  TcpForwarder& operator=(const TcpForwarder&) = delete;

 private:
  class Loop;
  explicit TcpForwarder(std::unique_ptr<Loop> loop);
  std::unique_ptr<Loop> loop_;
  std::thread thread_;
};

}  // namespace host_stub
