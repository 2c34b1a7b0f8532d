// What every host has to do first: fill the structs, keep them where they stay valid, answer get_extension().
#include "host/test_host.h"

#include <climits>

#include "agent_plugin/plugin.h"

#include "check.h"

namespace plugin_validator {
namespace {

agent_log log_table() noexcept {
  return {.size = sizeof(agent_log),
          .reserved = 0,
          .level =
              [](const agent_host* host) {
                const bool fails = TestHost::of(host).ledger().begins("log.level", any_state_and_create);
                return fails ? INT32_MIN : static_cast<std::int32_t>(AGENT_LOG_TRACE);
              },
          .write =
              [](const agent_host* host, std::int32_t level, agent_text component, agent_text message,
                 const agent_log_field* const* fields, std::size_t count) {
                Ledger& ledger = TestHost::of(host).ledger();
                (void)ledger.begins("log.write", any_state_and_create);
                if (level < AGENT_LOG_TRACE || level > AGENT_LOG_ERROR) {
                  ledger.breach(Breach::call, text_of("log.write was given the level ", level));
                }
                bool readable = is_utf8(view(component)) && is_utf8(view(message));
                for (std::size_t index = 0; index < count; ++index) {
                  readable = readable && is_utf8(view(fields[index]->name)) && is_utf8(view(fields[index]->value));
                }
                if (!readable) ledger.breach(Breach::call, "log.write was given text that is not UTF-8");
              }};
}

}  // namespace

TestHost& TestHost::make(HostSettings settings) { return *new TestHost(std::move(settings)); }

TestHost::TestHost(HostSettings settings)
    : settings_(std::move(settings)),
      memory_(settings_.layout),
      bus_(ledger_, settings_.layout),
      routes_(ledger_, settings_.layout),
      deposits_(ledger_, settings_.vault),
      bus_table_(memory_.place(EventBus::table())),
      routes_table_(memory_.place(AdminRoutes::table())),
      log_table_(memory_.place(log_table())),
      deposits_table_(memory_.place(Deposits::table())),
      table_(memory_.place(agent_host{
          .size = 0,
          .abi_major = AGENT_ABI_MAJOR,
          .abi_minor = settings_.layout == Layout::larger ? AGENT_ABI_MINOR + 7 : AGENT_ABI_MINOR,
          .reserved = 0,
          .name = memory_.text("plugin_validator"),
          .version = memory_.text("1.0.0"),
          .label = memory_.text(settings_.layout == Layout::plain ? "validator" : ""),
          .wallet_id = memory_.text("validator-wallet"),
          .instance = settings_.instance,
          .host_data = this,
          .get_extension = [](const agent_host* host, const char* id) { return of(host).get_extension(id); }})) {
  bus_.is_in_module = settings_.is_in_module;
  deposits_.is_in_module = settings_.is_in_module;
}

const void* TestHost::get_extension(std::string_view id) {
  (void)ledger_.begins("host.get_extension", any_state_and_create);
  if (settings_.missing == "*" || id == settings_.missing) return nullptr;
  if (id == AGENT_EXT_EVENT_BUS) return bus_table_;
  if (id == AGENT_EXT_ADMIN_ROUTES) return routes_table_;
  if (id == AGENT_EXT_LOG) return log_table_;
  if (id == AGENT_EXT_HANDOVER) return deposits_table_;
  return nullptr;
}

}  // namespace plugin_validator
