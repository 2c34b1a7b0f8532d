// Publishes events through POST /events in batches, and goes on from exactly where a busy host stopped.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/http_client.h"
#include "cli/line_source.h"
#include "core/result.h"

namespace host_stub::cli {

struct PublishCounts {
  std::uint64_t published = 0;     ///< taken by the host
  std::uint64_t done = 0;          ///< with --wait: delivered
  std::uint64_t failed = 0;        ///< with --wait: not delivered
  std::uint64_t unheard = 0;       ///< with --wait: delivered, but to no handler, since there is none
  std::uint64_t pending = 0;       ///< with --wait: no result in time
  std::uint64_t busy_retried = 0;  ///< how often the host was busy
  std::uint64_t unknown = 0;       ///< in a request whose answer never came
};

/// The result of one event, with --wait.
struct EventResult {
  std::uint64_t line = 0;
  std::string id;
  std::string topic;
  std::string outcome;  ///< done, failed or busy
  std::string detail;
  std::uint64_t handlers = 0;
};

class BatchSender {
 public:
  using OnResult = std::function<void(const EventResult&)>;

  /// `client` and `source_name` (for messages) must outlive it.
  BatchSender(HttpClient& client, const std::string& source_name, bool wait, OnResult on_result);

  /// Returns when all of `lines` are published, or with a failure: AGENT_E_INVALID and _TOO_LARGE name the line,
  /// AGENT_E_BUSY after a minute without progress, AGENT_E_STATE after Ctrl-C, and those of HttpClient::request().
  Result<void> send(const std::vector<EventLine>& lines);

  [[nodiscard]] const PublishCounts& counts() const noexcept { return counts_; }

 private:
  Result<std::size_t> send_once(const std::vector<EventLine>& lines, std::size_t begin);
  Failure refused(const HttpAnswer& answer, const std::vector<EventLine>& lines, std::size_t begin) const;
  /// How many of the batch the host took.
  std::size_t account(const HttpAnswer& answer, const std::vector<EventLine>& lines, std::size_t begin);

  HttpClient& client_;
  const std::string& source_name_;
  bool wait_;
  OnResult on_result_;
  PublishCounts counts_;
};

}  // namespace host_stub::cli
