// Taking over from another version of the same plugin: what ext/handover.h says, as a class to derive from.
//
//   class Counter : public agent::Plugin, public agent::Handover {
//     agent::Handover* handover() noexcept override { return this; }
//     agent::Status save(const agent::SaveRequest& request, agent::StateWriter& state) override {
//       return state.write(std::to_string(count_));
//     }
//     agent::Status load(agent::StateReader& state) override { …state.read_all(64)… }
//   };
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "agent_plugin/ext/handover.h"
#include "agent_plugin_cpp/status.hpp"
#include "agent_plugin_cpp/text.hpp"

namespace agent {

/// Where a state goes. Valid for the call that it was given to.
class StateWriter {
 public:
  explicit StateWriter(const agent_byte_writer* writer) noexcept : writer_(writer) {}

  Status write(std::string_view data) {
    const std::int32_t code = writer_->write(writer_->context, bytes(data));
    return code == AGENT_OK ? ok() : Status(code, "the host did not take the state");
  }

 private:
  const agent_byte_writer* writer_;
};

/// Where a state comes from. Valid for the call that it was given to.
class StateReader {
 public:
  explicit StateReader(const agent_byte_reader* reader) noexcept : reader_(reader) {}

  /// All that is left, at most `limit` bytes; what is beyond stays unread.
  [[nodiscard]] std::string read_all(std::size_t limit) {
    std::string data;
    char buffer[4096];
    while (data.size() < limit) {
      const std::size_t got = reader_->read(reader_->context, buffer, std::min(sizeof buffer, limit - data.size()));
      if (got == 0) break;
      data.append(buffer, got);
    }
    return data;
  }

 private:
  const agent_byte_reader* reader_;
};

/// What prepare() is told.
struct PrepareRequest {
  bool close_connections = false;  ///< nothing will be deposited
  std::string_view other;          ///< what the other version's describe() wrote
};

/// What save() is asked for.
struct SaveRequest {
  std::uint32_t revision = 1;
  std::chrono::milliseconds timeout{0};
  bool close_connections = false;  ///< deposit nothing, end every connection in order
  std::string_view other;          ///< what the successor's describe() wrote
};

/// All functions as ext/handover.h has them; every one may throw, the boundary turns it into a status.
class Handover {
 public:
  virtual ~Handover() = default;

  /// Of the state. Constant for the life of the object.
  [[nodiscard]] virtual std::uint32_t oldest_revision() const noexcept { return 1; }
  [[nodiscard]] virtual std::uint32_t newest_revision() const noexcept { return 1; }

  virtual Status describe(StateWriter& /*to*/) { return ok(); }
  virtual Status prepare(const PrepareRequest& /*request*/) { return ok(); }
  virtual Status quiesce(std::chrono::milliseconds /*timeout*/) { return ok(); }
  /// Also after load() and Plugin::start(), which leaves it quiesced.
  virtual Status resume() { return ok(); }
  /// On success the plugin is stopped, as after Plugin::stop().
  virtual Status save(const SaveRequest& request, StateWriter& state) = 0;
  virtual Status load(StateReader& state) = 0;
  [[nodiscard]] virtual bool reload_on_change() const noexcept { return false; }
};

/// The host's keeping of things that change hands. Null where the host does not offer it: then nothing can be deposited.
class Deposits {
 public:
  [[nodiscard]] static Deposits of(const agent_host* host) noexcept {
    const auto* table = static_cast<const agent_handover_host*>(host->get_extension(host, AGENT_EXT_HANDOVER));
    return {host, table != nullptr && table->size >= sizeof(agent_handover_host) ? table : nullptr};
  }
  explicit operator bool() const noexcept { return table_ != nullptr; }

  /// `release` must not lie in the plugin.
  Status deposit(std::string_view kind, std::string_view name, void* thing, void (*release)(void*)) const {
    const agent_deposit deposit{sizeof(agent_deposit), 0, text(kind), text(name), thing, release};
    agent_error error = AGENT_ERROR_INIT;
    return to_status(table_->deposit(host_, &deposit, &error), error);
  }
  /// The thing, which is the caller's from now on; nullptr: there is none.
  [[nodiscard]] void* withdraw(std::string_view kind, std::string_view name) const noexcept {
    void* thing = nullptr;
    return table_->withdraw(host_, text(kind), text(name), &thing) == AGENT_OK ? thing : nullptr;
  }

 private:
  Deposits(const agent_host* host, const agent_handover_host* table) noexcept : host_(host), table_(table) {}
  const agent_host* host_;
  const agent_handover_host* table_;
};

}  // namespace agent
