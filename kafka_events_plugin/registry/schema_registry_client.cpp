// The thread that asks, and the callers who do not wait for it.
#include "registry/schema_registry_client.h"

#include <atomic>
#include <mutex>
#include <optional>
#include <pthread.h>
#include <random>
#include <system_error>
#include <thread>

#include "registry/http_client.h"
#include "registry/question_queue.h"
#include "registry/registry_api.h"
#include "registry/registry_condition.h"
#include "registry/schema_memory.h"

namespace kafka_events {
namespace {

using Clock = std::chrono::steady_clock;

/// A question that stays without an answer for so long is put again only if somebody still wants to know.
constexpr auto question_lives = std::chrono::seconds(60);
constexpr auto forever = std::chrono::hours(1);

std::string name_of(const SubjectRequest& request) {
  return std::string("the schema of subject ").append(request.subject);
}

}  // namespace

class SchemaRegistryClient::Impl {
 public:
  Impl(config::RegistrySettings settings, std::vector<RegistryUrl> urls, Log& log)
      : settings_(std::move(settings)), urls_(std::move(urls)), condition_(log), memory_(settings_.refresh) {}

  Result<void> start(const std::vector<SchemaHandover>& known);
  void stop();
  [[nodiscard]] RegistryStatus status() const;
  [[nodiscard]] const SchemaMemory& memory() const { return memory_; }

  Result<SchemaPointer> by_id(std::uint32_t id);
  Result<SchemaPointer> by_subject(const SubjectRequest& request);

 private:
  void put(const RegistryQuestion& question);
  [[nodiscard]] Error not_yet(std::string what) const;
  void run() noexcept;
  void ask(RegistryApi& api, QuestionQueue::Entry& entry);
  void put_off(QuestionQueue::Entry& entry, const Error& error, Clock::time_point now);
  [[nodiscard]] const std::string& url() const { return urls_[figures_.answered_last].shown; }

  const config::RegistrySettings settings_;
  const std::vector<RegistryUrl> urls_;
  RegistryCondition condition_;
  SchemaMemory memory_;
  QuestionQueue queue_;
  std::atomic<bool> asking_{false};  ///< a question is with the registry
  RegistryFigures figures_;

  std::mutex http_mutex_;             ///< guards http_ against those who wake it
  std::unique_ptr<HttpClient> http_;  ///< while it is started
  std::thread thread_;

  // The thread's own.
  Clock::time_point away_until_{};
  std::uint32_t silences_ = 0;  ///< in a row
  std::minstd_rand random_{std::random_device{}()};
};

Result<void> SchemaRegistryClient::Impl::start(const std::vector<SchemaHandover>& known) {
  if (thread_.joinable()) return Error(ErrorCode::state, "the schema registry's client runs already");
  memory_.take_over(known, Clock::now());
  auto http = HttpClient::create(settings_);
  if (!http) return http.error();
  {
    const std::lock_guard lock(http_mutex_);
    http_ = std::move(http.value());
  }
  away_until_ = {};
  silences_ = 0;
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error& error) {
    return Error(ErrorCode::failed, std::string("no thread for the schema registry: ").append(error.what()));
  }
  return {};
}

void SchemaRegistryClient::Impl::stop() {
  if (!thread_.joinable()) return;
  http_->stop();
  thread_.join();
  const std::lock_guard lock(http_mutex_);
  http_.reset();
  for (const QuestionQueue::Entry& entry : queue_.take_all()) memory_.drop(entry.question);
}

Result<SchemaPointer> SchemaRegistryClient::Impl::by_id(std::uint32_t id) {
  if (SchemaPointer known = memory_.schema(id)) return known;
  SchemaMemory::Found found = memory_.find(id, Clock::now());
  if (found.schema) return std::move(found.schema);
  if (found.failure) return *std::move(found.failure);
  if (found.ask) put({.id = id});
  return not_yet("schema " + std::to_string(id));
}

Result<SchemaPointer> SchemaRegistryClient::Impl::by_subject(const SubjectRequest& request) {
  if (request.subject.empty()) return Error(ErrorCode::invalid, "a schema's subject is empty");
  SchemaMemory::Found found = memory_.find(request, Clock::now());
  if (found.ask)
    put({0, std::string(request.subject), request.version, std::string(request.text), request.auto_register});
  if (found.schema) return std::move(found.schema);
  if (found.failure) return *std::move(found.failure);
  return not_yet(name_of(request));
}

void SchemaRegistryClient::Impl::put(const RegistryQuestion& question) {
  const std::lock_guard lock(http_mutex_);
  const Clock::time_point now = Clock::now();
  if (http_ && queue_.put({question, now, now})) {
    http_->wake();
  } else {  // it is put again when somebody asks again
    memory_.drop(question);
  }
}

Error SchemaRegistryClient::Impl::not_yet(std::string what) const {
  const std::string trouble = condition_.trouble();
  if (trouble.empty()) return {ErrorCode::unavailable, what.append(" is not known yet: the registry is being asked")};
  return {ErrorCode::unavailable,
          what.append(" is not known yet, and the registry cannot be asked now: ").append(trouble)};
}

void SchemaRegistryClient::Impl::run() noexcept {
  pthread_setname_np(pthread_self(), "kfk-registry");
  RegistryApi api(*http_, urls_, figures_);
  while (!http_->stopped()) {
    const Clock::time_point now = Clock::now();
    Clock::time_point next = now + forever;
    auto entry = now < away_until_ ? std::nullopt : queue_.take(now, next);
    if (!entry) {
      http_->wait(now < away_until_ ? away_until_ : next);
      continue;
    }
    asking_ = true;
    try {
      ask(api, *entry);
    } catch (const std::exception&) {  // no memory: somebody will ask again
      memory_.drop(entry->question);
    }
    asking_ = false;
  }
}

void SchemaRegistryClient::Impl::ask(RegistryApi& api, QuestionQueue::Entry& entry) {
  auto answer = api.ask(entry.question);
  const Clock::time_point now = Clock::now();
  if (answer) {
    memory_.learn(entry.question, std::move(answer.value()), now);
  } else if (answer.error().code == ErrorCode::not_found || answer.error().code == ErrorCode::invalid) {
    memory_.learn(entry.question, answer.error(), now);
  } else if (answer.error().code == ErrorCode::state) {
    memory_.drop(entry.question);
    return;
  } else {
    put_off(entry, answer.error(), now);
    return;
  }
  silences_ = 0;
  condition_.answered(url(), now);
}

void SchemaRegistryClient::Impl::put_off(QuestionQueue::Entry& entry, const Error& error, Clock::time_point now) {
  condition_.failed(url(), error, now);
  if (error.code == ErrorCode::unavailable) {  // it answers: only this question is in trouble
    silences_ = 0;
    entry.due = now + pause_after(entry.attempts++, random_);
  } else {
    away_until_ = now + pause_after(silences_++, random_);
  }
  if (now - entry.put > question_lives || !queue_.put(entry)) memory_.drop(entry.question);
}

RegistryStatus SchemaRegistryClient::Impl::status() const {
  const std::uint64_t waiting = queue_.size() + (asking_ ? 1 : 0);
  return {url(),
          condition_.reachable(),
          condition_.trouble(),
          memory_.schemas(),
          figures_.requests,
          figures_.failures,
          figures_.registered,
          waiting};
}

Result<std::unique_ptr<SchemaRegistryClient>> SchemaRegistryClient::create(const config::RegistrySettings& settings,
                                                                           Log& log) {
  std::vector<RegistryUrl> urls;
  for (const std::string& each : settings.urls) {
    auto url = parse_registry_url(each);
    if (!url) return url.error();
    urls.push_back(std::move(url.value()));
  }
  if (urls.empty()) return Error(ErrorCode::invalid, "schema_registry.url: is empty; give the address of its API");
  if (const auto done = check_pem_file(settings.ca_file, "ca"); !done) return done.error();
  if (const auto done = check_pem_file(settings.certificate_file, "certificate"); !done) return done.error();
  if (const auto done = check_pem_file(settings.key_file, "key"); !done) return done.error();
  if (!settings.key_file.empty() && settings.certificate_file.empty()) {
    return Error(ErrorCode::invalid, "schema_registry.key: needs a certificate beside it");
  }
  return std::unique_ptr<SchemaRegistryClient>(
      new SchemaRegistryClient(std::make_unique<Impl>(settings, std::move(urls), log)));
}

SchemaRegistryClient::SchemaRegistryClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SchemaRegistryClient::~SchemaRegistryClient() { impl_->stop(); }
Result<void> SchemaRegistryClient::start(const std::vector<SchemaHandover>& known) { return impl_->start(known); }
void SchemaRegistryClient::stop() { impl_->stop(); }
std::vector<SchemaHandover> SchemaRegistryClient::known() const { return impl_->memory().known(); }
Result<SchemaPointer> SchemaRegistryClient::by_id(std::uint32_t id) { return impl_->by_id(id); }
Result<SchemaPointer> SchemaRegistryClient::by_subject(const SubjectRequest& request) {
  return impl_->by_subject(request);
}
RegistryStatus SchemaRegistryClient::status() const { return impl_->status(); }

}  // namespace kafka_events
