// The steps before the old version notices anything: from a file to an instance that is ready to take over.
#include <utility>

#include "plugins/swap.h"

namespace host_stub {
namespace {

std::string range(StateRevisions revisions) {
  return std::to_string(revisions.oldest) + " to " + std::to_string(revisions.newest);
}

std::string in_words(const std::vector<ConfigProblem>& problems) {
  std::string words;
  for (const ConfigProblem& problem : problems) {
    if (problem.warning) continue;
    if (!words.empty()) words += "; ";
    words += problem.file;
    if (problem.line != 0) {
      words.append(":").append(std::to_string(problem.line)).append(":").append(std::to_string(problem.column));
    }
    if (!problem.file.empty()) words += ": ";
    if (!problem.key_path.empty()) words.append(problem.key_path).append(": ");
    words += problem.message;
  }
  return words;
}

}  // namespace

Result<void> Swap::bring_in() {
  if (auto done = copy_module(); !done) return done;
  if (auto done = validate_copy(); !done) return done;
  if (auto done = load_module(); !done) return done;
  auto created = step("create", forward, [&](std::string&) {
    return parts_.calls.call(new_, "create()", request_.timeout,
                             [](PluginInstance& plugin) { return plugin.create(); });
  });
  if (!created) return created;
  if (auto done = configure_new(); !done) return done;
  return prepare_new();
}

Result<void> Swap::copy_module() {
  return step("copy", forward, [&](std::string&) -> Result<void> {
    using Copying = std::optional<Result<std::shared_ptr<ModuleCopy>>>;
    const auto copying = std::make_shared<Copying>();
    const auto work = [copying, file = file_] {
      Failure last{AGENT_E_FAILED, "there is no folder for a copy of " + file.string()};
      for (const std::filesystem::path& directory : copy_directories()) {
        auto copy = ModuleCopy::make(file, directory);
        if (copy) return void(copying->emplace(std::make_shared<ModuleCopy>(std::move(copy).value())));
        last = copy.error();
        if (last.status != AGENT_E_FAILED) break;
      }
      copying->emplace(last);
    };
    if (!parts_.calls.run(work, request_.timeout)) {
      return Failure{AGENT_E_TIMEOUT, "copying " + file_.string() + " does not come to an end"};
    }
    if (!**copying) return (*copying)->error();
    copy_ = (*copying)->value();
    return {};
  });
}

Result<void> Swap::validate_copy() {
  if (parts_.validator.none) {
    record_.skip("validate", forward, "the host was started with --validator none");
    return {};
  }
  return step("validate", forward,
              [&](std::string&) { return validate_module(parts_.validator.program, copy_->path(), request_.timeout); });
}

Result<void> Swap::load_module() {
  return step("load", forward, [&](std::string&) -> Result<void> {
    using Loading = std::optional<Result<std::unique_ptr<LoadedModule>>>;
    const auto loading = std::make_shared<Loading>();
    const auto work = [loading, copy = copy_, file = file_] { loading->emplace(LoadedModule::open(*copy, file)); };
    if (!parts_.calls.run(work, request_.timeout)) {
      return Failure{AGENT_E_TIMEOUT, "loading " + file_.string() + " does not come to an end"};
    }
    copy_.reset();  // the file goes, its mapping stays
    if (!**loading) return (*loading)->error();
    const std::uint64_t owner = parts_.next_owner();
    auto instance =
        std::make_shared<PluginInstance>(std::move(**loading).value(), parts_.services, old_->info().instance, owner);
    const PluginInfo info = instance->info();
    record_.change([&](SwapReport& report) { report.to = {info.version, info.build_id, file_.string()}; });
    if (info.name != old_->name()) {
      return Failure{AGENT_E_INVALID,
                     file_.string() + " is a version of plugin " + info.name + ", not of " + old_->name()};
    }
    new_ = std::move(instance);
    parts_.services.bus.park(owner);
    parts_.services.routes.park(owner);
    return {};
  });
}

Result<void> Swap::configure_new() {
  return step("configure", forward, [&](std::string&) -> Result<void> {
    const auto problems = std::make_shared<std::vector<ConfigProblem>>();
    auto done = parts_.calls.call(new_, "configure()", request_.timeout,
                                  [problems, configuration = request_.configuration](PluginInstance& plugin) {
                                    return plugin.configure(configuration, *problems);
                                  });
    if (new_->state() == PluginState::given_up) return done;  // it may still write to the list
    record_.change([&](SwapReport& report) { report.problems = *problems; });
    if (done) return done;
    const std::string words = in_words(*problems);
    return words.empty() ? done : Failure{done.error().status, "the configuration was refused: " + words};
  });
}

Result<void> Swap::negotiate(std::string& detail) {
  hands_over_ = old_->hands_over() && new_->hands_over();
  if (!hands_over_) {
    detail = "not both versions have agent.handover: the new one begins anew";
    return {};
  }
  const StateRevisions mine = old_->revisions();
  const StateRevisions theirs = new_->revisions();
  revision_ = std::min(mine.newest, theirs.newest);
  if (revision_ >= std::max(mine.oldest, theirs.oldest)) return {};
  return Failure{AGENT_E_UNSUPPORTED, "the versions share no revision of the state: the running one has " +
                                          range(mine) + ", the new one " + range(theirs)};
}

Result<std::string> Swap::describe(const Instance& instance, bool patiently) {
  const auto work = [](PluginInstance& plugin) { return plugin.describe(); };
  using Answer = Result<std::string>;
  auto description = patiently ? parts_.calls.call_patiently<Answer>(instance, "describe()", request_.timeout, work)
                               : parts_.calls.call<Answer>(instance, "describe()", request_.timeout, work);
  if (description) return std::move(*description);
  return Failure{AGENT_E_TIMEOUT, std::string(patiently ? "the running version" : "the new version") +
                                      " did not return from describe() in time"};
}

Result<void> Swap::prepare_new() {
  return step("prepare", forward, [&](std::string& detail) -> Result<void> {
    if (auto shared = negotiate(detail); !shared || !hands_over_) return shared;
    auto from = describe(old_, true);
    if (!from) return from.error();
    old_description_ = std::move(from).value();
    auto to = describe(new_, false);
    if (!to) return to.error();
    new_description_ = std::move(to).value();
    detail = "state revision " + std::to_string(revision_);
    return parts_.calls.call(new_, "prepare()", with_grace(),
                             [other = old_description_, close = request_.close_connections](PluginInstance& plugin) {
                               return plugin.prepare(other, close);
                             });
  });
}

}  // namespace host_stub
