// A small HTTP client for the admin server of a running host: one kept-alive connection, plain HTTP, deadlines.
//
//   auto client = HttpClient::create("http://127.0.0.1:3001", key);
//   Result<HttpAnswer> answer = client.value()->request({.method = "GET", .target = "/status"});
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace host_stub::cli {

struct HttpQuestion {
  std::string method = "GET";
  std::string target;  ///< path and query, percent-encoded
  std::string content_type;
  std::string body;
  std::chrono::milliseconds timeout{35'000};  ///< for the whole exchange
};

struct HttpAnswer {
  int status = 0;
  std::string content_type;
  std::string body;
  std::optional<std::chrono::seconds> retry_after;
};

/// Used by one thread.
class HttpClient {
 public:
  /// Asked about every 50 ms while it waits: true ends the wait with AGENT_E_STATE ("interrupted").
  using Interrupted = std::function<bool()>;

  /// `url` is http://HOST[:PORT]; AGENT_E_INVALID for anything else. Connects when it is first needed.
  static Result<std::unique_ptr<HttpClient>> create(const std::string& url, std::optional<std::string> api_key,
                                                    Interrupted interrupted = {});
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// AGENT_E_NOT_FOUND: nothing answers at the URL. AGENT_E_FAILED: the connection broke, so that nobody knows what
  /// became of the request. AGENT_E_TIMEOUT, AGENT_E_STATE. An answer with an error status is an answer.
  Result<HttpAnswer> request(const HttpQuestion& question);

  /// Takes the next piece of a body that does not end; false ends the stream.
  using OnData = std::function<bool(std::string_view data)>;
  /// A GET whose answer comes piece by piece, without a deadline. An answer other than 200 is returned whole; after a
  /// stream that `on_data` ended the answer is empty with status 200. Failures as request().
  Result<HttpAnswer> stream(const std::string& target, const OnData& on_data);

 private:
  struct Connection;
  HttpClient(std::string url, std::string host, std::string port, std::optional<std::string> api_key,
             Interrupted interrupted);
  Result<void> connect();

  std::string url_;
  std::string host_;
  std::string port_;
  std::optional<std::string> api_key_;
  Interrupted interrupted_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace host_stub::cli
