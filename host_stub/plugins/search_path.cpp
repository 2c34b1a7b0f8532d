// Looks for modules by name, and says where it looked.
#include "plugins/search_path.h"

#include <algorithm>
#include <numeric>
#include <system_error>

#include "agent_plugin/status.h"

namespace host_stub {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view suffix = ".so";

/// How many characters must be inserted, removed or replaced (Levenshtein).
std::size_t distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < right.size(); ++j) {
      const std::size_t replaced = diagonal + (left[i] == right[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

/// The name that a typing error may have meant, or empty.
std::string nearest(std::string_view wanted, const std::vector<std::string>& names) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, wanted.size() / 3) + 1;
  for (const std::string& name : names) {
    if (const std::size_t far = distance(wanted, name); far < best_distance) {
      best = name;
      best_distance = far;
    }
  }
  return best;
}

void add_directory(std::vector<fs::path>& directories, const fs::path& directory) {
  const fs::path clean = directory.lexically_normal();
  if (std::find(directories.begin(), directories.end(), clean) == directories.end()) directories.push_back(clean);
}

}  // namespace

SearchPath SearchPath::of_host(const std::vector<std::string>& plugin_dirs, const char* environment,
                               const fs::path& executable) {
  std::vector<fs::path> directories;
  for (const std::string& directory : plugin_dirs) add_directory(directories, directory);
  std::string_view listed = environment == nullptr ? std::string_view() : environment;
  while (!listed.empty()) {
    const std::size_t colon = std::min(listed.find(':'), listed.size());
    if (colon > 0) add_directory(directories, listed.substr(0, colon));
    listed.remove_prefix(std::min(colon + 1, listed.size()));
  }
  const fs::path lib = executable.parent_path().parent_path() / "lib";
  add_directory(directories, lib / "agent-plugins");
  std::vector<fs::path> per_architecture;  // lib/x86_64-linux-gnu/agent-plugins and the like
  std::error_code error;
  for (fs::directory_iterator entry(lib, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    const fs::path candidate = entry->path() / "agent-plugins";
    if (fs::is_directory(candidate, ignored)) per_architecture.push_back(candidate);
  }
  std::sort(per_architecture.begin(), per_architecture.end());
  for (const fs::path& directory : per_architecture) add_directory(directories, directory);
  return SearchPath(std::move(directories));
}

Result<fs::path> SearchPath::find(std::string_view name_or_path) const {
  std::error_code ignored;
  if (name_or_path.empty()) return Failure{AGENT_E_INVALID, "the name of the plugin is empty"};
  if (name_or_path.find('/') != std::string_view::npos || name_or_path.ends_with(suffix)) {
    fs::path path(name_or_path);
    if (!fs::exists(path, ignored)) return Failure{AGENT_E_NOT_FOUND, "there is no file " + path.string()};
    return path;
  }
  for (const fs::path& directory : directories_) {
    fs::path path = directory / (std::string(name_or_path) + std::string(suffix));
    if (fs::exists(path, ignored)) return path;
  }
  return not_found(name_or_path);
}

Failure SearchPath::not_found(std::string_view name) const {
  std::string message = "there is no plugin " + std::string(name) + " (looked for " + std::string(name) + ".so in ";
  for (std::size_t index = 0; index < directories_.size(); ++index) {
    message += (index > 0 ? ", " : "") + directories_[index].string();
  }
  message += directories_.empty() ? "no folder at all; name one with --plugin-dir)" : ")";
  if (const std::string meant = nearest(name, names()); !meant.empty()) message += "; did you mean " + meant + "?";
  return {AGENT_E_NOT_FOUND, std::move(message)};
}

std::vector<std::string> SearchPath::names() const {
  std::vector<std::string> names;
  for (const fs::path& directory : directories_) {
    std::error_code error;
    for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
      if (entry->path().extension() == suffix) names.push_back(entry->path().stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

fs::path executable_path() {
  std::error_code error;
  fs::path path = fs::read_symlink("/proc/self/exe", error);
  return error ? fs::path() : path;
}

}  // namespace host_stub
