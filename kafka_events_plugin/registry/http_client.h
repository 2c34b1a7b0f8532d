// One HTTP request at a time, which another thread can end. libcurl's only door: outside of request() and between create()
// and the end of the object nothing of this module is known to it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <curl/curl.h>
#include <memory>
#include <string>
#include <string_view>

#include "config/settings.h"
#include "core/result.h"

namespace kafka_events {

inline constexpr std::size_t max_answer_bytes = std::size_t{4} << 20U;

struct HttpAnswer {
  long status = 0;
  std::string body;
};

/// A base URL without the user information that it may hold, for logs and messages.
struct RegistryUrl {
  std::string full;
  std::string shown;
  bool loopback = false;  ///< asked directly, whatever proxy the environment names
};

/// Fails (invalid) when it is not one of http or https with a host. The message does not hold the text.
[[nodiscard]] Result<RegistryUrl> parse_registry_url(const std::string& text);

/// libcurl's global state and code stay for the life of the process: its threads (of the resolver) may outlive a request.
Result<void> keep_libcurl_resident();

/// Is there a file, in PEM? `what` names it in the message.
Result<void> check_pem_file(const std::string& path, std::string_view what);

class HttpClient {
 public:
  /// `settings` outlives it.
  static Result<std::unique_ptr<HttpClient>> create(const config::RegistrySettings& settings);

  /// Asks, and waits for the answer: GET, or with a body POST. Any status is an answer. Fails with `state` after stop(), with
  /// `unavailable` if the answer is too long, else with `failed` or `timeout`: nobody answered. [one thread]
  Result<HttpAnswer> request(const RegistryUrl& base, const std::string& path, const std::string* body);

  /// Until the time, or wake(), or stop(). [the thread of request()]
  void wait(std::chrono::steady_clock::time_point until);

  void wake() noexcept { curl_multi_wakeup(multi_.get()); }  ///< [any thread]
  /// Ends what is under way and everything to come. [any thread]
  void stop() noexcept {
    stopped_ = true;
    wake();
  }
  [[nodiscard]] bool stopped() const noexcept { return stopped_; }

 private:
  struct CloseMulti {
    void operator()(CURLM* multi) const noexcept { curl_multi_cleanup(multi); }
  };
  struct CloseEasy {
    void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
  };
  struct CloseList {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
  };
  using Easy = std::unique_ptr<CURL, CloseEasy>;
  using HeaderList = std::unique_ptr<curl_slist, CloseList>;

  HttpClient(const config::RegistrySettings& settings, CURLM* multi) : settings_(settings), multi_(multi) {}
  [[nodiscard]] bool set_up(CURL* easy, const RegistryUrl& base, const std::string& url) const;
  [[nodiscard]] bool set_up_security(CURL* easy) const;
  /// How the transfer ended; CURLE_ABORTED_BY_CALLBACK: stop().
  CURLcode run(CURL* easy);

  const config::RegistrySettings& settings_;
  std::unique_ptr<CURLM, CloseMulti> multi_;
  std::atomic<bool> stopped_{false};
};

}  // namespace kafka_events
