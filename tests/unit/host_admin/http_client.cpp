// Raw sockets.
#include "http_client.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cctype>
#include <cstdlib>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace host_admin_tests {
namespace {

using Clock = std::chrono::steady_clock;

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

Response parse_head(std::string_view head) {
  Response response;
  response.status = std::atoi(std::string(head.substr(9, 3)).c_str());
  std::size_t begin = head.find("\r\n") + 2;
  while (begin < head.size()) {
    const std::size_t end = std::min(head.find("\r\n", begin), head.size());
    const std::string_view line = head.substr(begin, end - begin);
    const std::size_t colon = line.find(": ");
    if (colon != std::string_view::npos) response.fields[lower(line.substr(0, colon))] = line.substr(colon + 2);
    begin = end + 2;
  }
  return response;
}

}  // namespace

Client::Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) ended_ = true;
}

Client::~Client() { close(); }

void Client::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  ended_ = true;
}

bool Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool Client::read_some(Clock::time_point end) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
  pollfd waiting{socket_, POLLIN, 0};
  if (ended_ || left <= 0 || ::poll(&waiting, 1, static_cast<int>(left)) <= 0) return false;
  std::array<char, 65'536> buffer{};
  const ssize_t count = ::recv(socket_, buffer.data(), buffer.size(), 0);
  if (count <= 0) {
    ended_ = true;
    return false;
  }
  received_.append(buffer.data(), static_cast<std::size_t>(count));
  return true;
}

Response Client::read(bool head, std::chrono::milliseconds deadline) {
  const auto end = Clock::now() + deadline;
  std::size_t head_end = std::string::npos;
  while ((head_end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!read_some(end)) return {};
  }
  Response response = parse_head(std::string_view(received_).substr(0, head_end));
  received_.erase(0, head_end + 4);
  const auto length = response.fields.find("content-length");
  const std::size_t size = head || length == response.fields.end() ? 0 : std::stoul(length->second);
  while (received_.size() < size) {
    if (!read_some(end)) return {};
  }
  response.body = received_.substr(0, size);
  received_.erase(0, size);
  return response;
}

bool Client::read_until(std::string_view text, std::chrono::milliseconds deadline) {
  const auto end = Clock::now() + deadline;
  std::size_t searched = 0;
  while (received_.find(text, searched) == std::string::npos) {
    searched = received_.size() < text.size() ? 0 : received_.size() - text.size();
    if (!read_some(end)) return false;
  }
  return true;
}

bool Client::is_closed(std::chrono::milliseconds deadline) {
  const auto end = Clock::now() + deadline;
  while (read_some(end)) {
  }
  return ended_;
}

Response request(std::uint16_t port, std::string_view method, std::string_view target, std::string_view body,
                 std::string_view fields, std::chrono::milliseconds deadline) {
  Client client(port);
  std::string text = std::string(method) + " " + std::string(target) +
                     " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) + "\r\n" + std::string(fields);
  if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  client.send(text + "Connection: close\r\n\r\n" + std::string(body));
  return client.read(method == "HEAD", deadline);
}

}  // namespace host_admin_tests
