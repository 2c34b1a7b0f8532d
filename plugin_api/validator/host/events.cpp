// An event finds its host by being known there: retain() and release() carry no other pointer.
#include "host/events.h"

#include "check.h"

namespace plugin_validator {
namespace {

std::mutex books_mutex;
std::map<const agent_event*, Events*>* const books = new std::map<const agent_event*, Events*>;  // never destroyed

void retain_event(const agent_event* event) {
  if (Events* book = Events::of(event); book != nullptr) book->retain(event);
}
void release_event(const agent_event* event) {
  if (Events* book = Events::of(event); book != nullptr) book->release(event);
}

}  // namespace

Events* Events::of(const agent_event* event) {
  const std::lock_guard lock(books_mutex);
  const auto found = books->find(event);
  return found == books->end() ? nullptr : found->second;
}

const agent_event* Events::make(const EventSample& sample) {
  auto memory = std::make_unique<Arena>(layout_);
  std::vector<agent_header> headers;
  for (const auto& [name, value] : sample.headers) headers.push_back({memory->text(name), memory->bytes(value)});
  const std::lock_guard lock(mutex_);
  const agent_event event{.size = sizeof(agent_event),
                          .header_count = static_cast<std::uint32_t>(headers.size()),
                          .topic = memory->text(sample.topic),
                          .tenant = memory->text("validator-wallet"),
                          .key = memory->bytes(sample.key),
                          .id = memory->text(text_of("validator-", ++number_)),
                          .content_type = memory->text(sample.content_type),
                          .payload = memory->bytes(sample.payload),
                          .headers = memory->place_array(headers),
                          .timestamp_us = 1'700'000'000'000'000,
                          .publisher = 0,
                          .retain = &retain_event,
                          .release = &release_event};
  const agent_event* placed = memory->place(event);
  accounts_[placed].memory = std::move(memory);
  const std::lock_guard books_lock(books_mutex);
  (*books)[placed] = this;
  return placed;
}

Events::Account* Events::find(const agent_event* event, const char* function) {
  const auto found = accounts_.find(event);
  if (found != accounts_.end()) return &found->second;
  ledger_.breach(Breach::event, text_of(function, " was called for an event that is none, or has been given back"));
  return nullptr;
}

void Events::retain(const agent_event* event) {
  const std::lock_guard lock(mutex_);
  if (Account* account = find(event, "event.retain"); account != nullptr) ++account->references;
}

void Events::release(const agent_event* event) {
  const std::lock_guard lock(mutex_);
  Account* account = find(event, "event.release");
  if (account == nullptr || --account->references > 0) return;
  if (account->completions > 0) {
    ledger_.breach(Breach::event, "the last reference to an event was given back before it was completed");
  }
  if (layout_ != Layout::revoked) ended_.push_back(std::move(account->memory));
  accounts_.erase(event);
}

void Events::expect_completions(const agent_event* event, std::int64_t count) {
  const std::lock_guard lock(mutex_);
  Account* account = find(event, "the host");
  if (account == nullptr) return;
  account->completions += count;
  account->references += count;
}

void Events::complete(const agent_event* event, const char* function) {
  {
    const std::lock_guard lock(mutex_);
    Account* account = find(event, function);
    if (account == nullptr) return;
    if (account->completions <= 0) {
      ledger_.breach(Breach::event, text_of(function, " was called more often than LATER and defer() announced"));
      return;
    }
    --account->completions;
  }
  release(event);
}

std::size_t Events::alive() const {
  const std::lock_guard lock(mutex_);
  return accounts_.size();
}

std::int64_t Events::open_completions() const {
  const std::lock_guard lock(mutex_);
  std::int64_t open = 0;
  for (const auto& [event, account] : accounts_) open += account.completions;
  return open;
}

}  // namespace plugin_validator
