// libcurl's multi interface with a single transfer, since only that can be woken by another thread.
#include "registry/http_client.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <string>

#include "core/resident_library.h"

namespace kafka_events {
namespace {

constexpr auto longest_wait = std::chrono::seconds(60);

struct Received {
  std::string body;
  bool too_long = false;
};

std::size_t receive(char* data, std::size_t size, std::size_t count, void* to) noexcept {
  auto& received = *static_cast<Received*>(to);
  const std::size_t bytes = size * count;
  received.too_long = bytes > max_answer_bytes - received.body.size();
  if (received.too_long) return 0;
  try {
    received.body.append(data, bytes);
  } catch (...) {  // no memory: the transfer ends
    received.too_long = true;
    return 0;
  }
  return bytes;
}

struct FreeUrl {
  void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};
using UrlHandle = std::unique_ptr<CURLU, FreeUrl>;

std::string part_of(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "[::1]" || host.rfind("127.", 0) == 0;
}

template <class Value>
bool set(CURL* easy, CURLoption option, Value value) {
  return curl_easy_setopt(easy, option, value) == CURLE_OK;
}

bool set_file(CURL* easy, CURLoption option, const std::string& path) {
  return path.empty() || set(easy, option, path.c_str());
}

int milliseconds_until(std::chrono::steady_clock::time_point until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
  return static_cast<int>(
      std::clamp<std::chrono::milliseconds>(left, std::chrono::milliseconds(0), longest_wait).count());
}

}  // namespace

Result<RegistryUrl> parse_registry_url(const std::string& text) {
  const UrlHandle url(curl_url());
  const auto wrong = [](std::string_view what) {
    return Error(ErrorCode::invalid, std::string("schema_registry.url: ").append(what));
  };
  if (!url) return Error(ErrorCode::internal, "no memory for an URL");
  const CURLUcode code = curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0);
  if (code != CURLUE_OK) return wrong(std::string("not an URL such as http://host:8081: ") + curl_url_strerror(code));
  const std::string scheme = part_of(url.get(), CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") return wrong("begins with http:// or https://");
  if (!part_of(url.get(), CURLUPART_QUERY).empty()) return wrong("has no query (?…)");
  RegistryUrl parsed{text, {}, is_loopback(part_of(url.get(), CURLUPART_HOST))};
  while (parsed.full.ends_with('/')) parsed.full.pop_back();
  curl_url_set(url.get(), CURLUPART_USER, nullptr, 0);
  curl_url_set(url.get(), CURLUPART_PASSWORD, nullptr, 0);
  parsed.shown = part_of(url.get(), CURLUPART_URL);
  while (parsed.shown.ends_with('/')) parsed.shown.pop_back();
  return parsed;
}

Result<void> keep_libcurl_resident() {
  keep_library_resident(reinterpret_cast<void*>(&curl_global_init), "libcurl");
  // It counts its calls, safely under threads (since 7.84). Never undone: others in the process count on it.
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return Error(ErrorCode::internal, "libcurl cannot be set up");
  return {};
}

Result<void> check_pem_file(const std::string& path, std::string_view what) {
  if (path.empty()) return {};
  std::ifstream file(path);
  const auto wrong = [&](std::string_view complaint) {
    return Error(ErrorCode::invalid,
                 std::string("schema_registry.").append(what).append(": ").append(path).append(complaint));
  };
  if (!file) return wrong(" cannot be read");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("-----BEGIN ", 0) == 0) return {};
  }
  return wrong(" is not in PEM (no line begins with -----BEGIN)");
}

Result<std::unique_ptr<HttpClient>> HttpClient::create(const config::RegistrySettings& settings) {
  if (const auto kept = keep_libcurl_resident(); !kept) return kept.error();
  CURLM* multi = curl_multi_init();
  if (multi == nullptr) return Error(ErrorCode::internal, "libcurl cannot make a client");
  return std::unique_ptr<HttpClient>(new HttpClient(settings, multi));
}

bool HttpClient::set_up_security(CURL* easy) const {
  if (!settings_.username.empty() && !(set(easy, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC)) &&
                                       set(easy, CURLOPT_USERNAME, settings_.username.c_str()) &&
                                       set(easy, CURLOPT_PASSWORD, settings_.password.c_str()))) {
    return false;
  }
  return set_file(easy, CURLOPT_CAINFO, settings_.ca_file) &&
         set_file(easy, CURLOPT_SSLCERT, settings_.certificate_file) &&
         set_file(easy, CURLOPT_SSLKEY, settings_.key_file);
}

bool HttpClient::set_up(CURL* easy, const RegistryUrl& base, const std::string& url) const {
  const auto timeout = static_cast<long>(settings_.timeout.count());
  return set(easy, CURLOPT_NOSIGNAL, 1L) &&
         set(easy, CURLOPT_QUICK_EXIT, 1L) &&  // a resolver that hangs is not waited for
         set(easy, CURLOPT_PROTOCOLS_STR, "http,https") && set(easy, CURLOPT_FOLLOWLOCATION, 0L) &&
         set(easy, CURLOPT_TIMEOUT_MS, timeout) && set(easy, CURLOPT_CONNECTTIMEOUT_MS, timeout) &&
         set(easy, CURLOPT_TCP_KEEPALIVE, 1L) && set(easy, CURLOPT_URL, url.c_str()) &&
         (!base.loopback || set(easy, CURLOPT_PROXY, "")) && set_up_security(easy);
}

Result<HttpAnswer> HttpClient::request(const RegistryUrl& base, const std::string& path, const std::string* body) {
  Received received;
  std::array<char, CURL_ERROR_SIZE> reason{};
  const HeaderList headers = [] {
    curl_slist* list = curl_slist_append(nullptr, "Accept: application/vnd.schemaregistry.v1+json, application/json");
    list = curl_slist_append(list, "Content-Type: application/vnd.schemaregistry.v1+json");
    return HeaderList(curl_slist_append(list, "Expect:"));  // no wait for "100 Continue"
  }();
  const Easy easy(curl_easy_init());
  if (!easy || !set_up(easy.get(), base, base.full + path) || !set(easy.get(), CURLOPT_HTTPHEADER, headers.get()) ||
      !set(easy.get(), CURLOPT_WRITEFUNCTION, &receive) || !set(easy.get(), CURLOPT_WRITEDATA, &received) ||
      !set(easy.get(), CURLOPT_ERRORBUFFER, reason.data())) {
    return Error(ErrorCode::failed, "libcurl cannot set up a request");
  }
  if (body != nullptr && !(set(easy.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body->size())) &&
                           set(easy.get(), CURLOPT_POSTFIELDS, body->data()))) {
    return Error(ErrorCode::failed, "libcurl cannot set up a request");
  }
  const CURLcode code = run(easy.get());
  if (code == CURLE_ABORTED_BY_CALLBACK) return Error(ErrorCode::state, "the client was stopped");
  if (received.too_long) return Error(ErrorCode::unavailable, "its answer is longer than 4 MiB");
  if (code != CURLE_OK) {
    return Error(code == CURLE_OPERATION_TIMEDOUT ? ErrorCode::timeout : ErrorCode::failed,
                 reason[0] == '\0' ? curl_easy_strerror(code) : reason.data());
  }
  HttpAnswer answer{0, std::move(received.body)};
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &answer.status);
  return answer;
}

CURLcode HttpClient::run(CURL* easy) {
  if (stopped_) return CURLE_ABORTED_BY_CALLBACK;
  if (curl_multi_add_handle(multi_.get(), easy) != CURLM_OK) return CURLE_OUT_OF_MEMORY;
  CURLcode result = CURLE_ABORTED_BY_CALLBACK;
  for (int running = 1; !stopped_;) {
    if (curl_multi_perform(multi_.get(), &running) != CURLM_OK) {
      result = CURLE_OUT_OF_MEMORY;
      break;
    }
    if (running == 0) {
      int left = 0;
      const CURLMsg* message = curl_multi_info_read(multi_.get(), &left);
      result = message == nullptr ? CURLE_GOT_NOTHING : message->data.result;
      break;
    }
    curl_multi_poll(multi_.get(), nullptr, 0, 1000, nullptr);
  }
  curl_multi_remove_handle(multi_.get(), easy);
  return result;
}

void HttpClient::wait(std::chrono::steady_clock::time_point until) {
  if (!stopped_) curl_multi_poll(multi_.get(), nullptr, 0, milliseconds_until(until), nullptr);
}

}  // namespace kafka_events
