// A small blocking HTTP client over raw sockets, so that tests see exactly what goes over the wire. Every wait has a
// deadline.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace host_admin_tests {

struct Response {
  int status = 0;                             ///< 0: the connection ended first
  std::map<std::string, std::string> fields;  ///< names in lower case
  std::string body;
};

class Client {
 public:
  explicit Client(std::uint16_t port);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool send(std::string_view bytes);
  /// Reads one response. `head`: it has no body whatever its Content-Length says.
  Response read(bool head = false, std::chrono::milliseconds deadline = std::chrono::seconds(10));
  /// Reads until `text` has come (true), or the end or the deadline. What was read is in received().
  bool read_until(std::string_view text, std::chrono::milliseconds deadline = std::chrono::seconds(10));
  /// True if the server closes within the deadline.
  bool is_closed(std::chrono::milliseconds deadline = std::chrono::seconds(10));
  [[nodiscard]] const std::string& received() const { return received_; }
  void close();

 private:
  bool read_some(std::chrono::steady_clock::time_point end);
  int socket_ = -1;
  bool ended_ = false;
  std::string received_;
};

/// One request on its own connection. `fields`: further header lines, each ended by CRLF.
Response request(std::uint16_t port, std::string_view method, std::string_view target, std::string_view body = {},
                 std::string_view fields = {}, std::chrono::milliseconds deadline = std::chrono::seconds(10));

}  // namespace host_admin_tests
