// The Prometheus text format.
#include "admin/metrics_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "admin/text.h"

namespace host_stub {
namespace {

std::string_view view(agent_text text) noexcept {
  return text.data == nullptr ? std::string_view{} : std::string_view(text.data, text.size);
}

bool is_name(std::string_view name, bool colons) noexcept {
  const auto is_letter = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (colons && c == ':');
  };
  return !name.empty() && is_letter(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

std::string escaped(std::string_view text, bool quotes) {
  std::string out;
  if (!is_utf8(text)) return "(not UTF-8)";
  for (const char character : text) {
    if (character == '\\')
      out += "\\\\";
    else if (character == '\n')
      out += "\\n";
    else if (character == '"' && quotes)
      out += "\\\"";
    else
      out += character;
  }
  return out;
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 64> buffer{};
  const bool whole = std::abs(value) < 1e15 && std::trunc(value) == value;
  const auto end =
      whole ? std::to_chars(buffer.data(), buffer.data() + buffer.size(), static_cast<std::int64_t>(value)).ptr
            : std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return {buffer.data(), end};
}

template <class Labels>
std::string in_braces(const Labels& labels, std::string_view bound = {}) {
  std::string out;
  for (const auto& [name, value] : labels) out += (out.empty() ? "" : ",") + name + "=\"" + escaped(value, true) + "\"";
  if (!bound.empty()) out += (out.empty() ? "le=\"" : ",le=\"") + std::string(bound) + "\"";
  return out.empty() ? out : "{" + out + "}";
}

std::string_view type_name(std::int32_t type) noexcept {
  switch (type) {
    case AGENT_METRIC_COUNTER:
      return "counter";
    case AGENT_METRIC_GAUGE:
      return "gauge";
    case AGENT_METRIC_HISTOGRAM:
      return "histogram";
    default:
      return "untyped";
  }
}

bool ascends(const agent_metric_histogram& histogram) noexcept {
  for (std::uint32_t bucket = 0; bucket < histogram.bucket_count; ++bucket) {
    const std::uint64_t next =
        bucket + 1 < histogram.bucket_count ? histogram.cumulative_counts[bucket + 1] : histogram.count;
    if (histogram.cumulative_counts[bucket] > next || !std::isfinite(histogram.upper_bounds[bucket])) return false;
    if (bucket > 0 && !(histogram.upper_bounds[bucket] > histogram.upper_bounds[bucket - 1])) return false;
  }
  return true;
}

}  // namespace

MetricsText::MetricsText() {
  sink_.size = sizeof sink_;
  sink_.context = this;
  sink_.metric = [](void* context, agent_text name, std::int32_t type, agent_text help) {
    static_cast<MetricsText*>(context)->begin(view(name), type, view(help));
  };
  sink_.sample = [](void* context, const agent_metric_label* const* labels, std::size_t count, double value) {
    static_cast<MetricsText*>(context)->add_sample(labels, count, value);
  };
  sink_.histogram = [](void* context, const agent_metric_label* const* labels, std::size_t count,
                       const agent_metric_histogram* histogram) {
    if (histogram != nullptr) static_cast<MetricsText*>(context)->add_histogram(labels, count, *histogram);
  };
}

void MetricsText::begin(std::string_view name, std::int32_t type, std::string_view help) {
  current_ = nullptr;
  if (!is_name(name, true)) {
    ++rejected_;
    return;
  }
  const auto [place, is_new] = index_.try_emplace(std::string(name), families_.size());
  if (is_new) families_.push_back({std::string(name), std::string(help), type, {}, {}});
  Family& family = families_[place->second];
  if (family.type == type)
    current_ = &family;
  else
    ++rejected_;
}

bool MetricsText::admit(const agent_metric_label* const* labels, std::size_t count, Labels& out) {
  if (current_ == nullptr) return false;
  const bool is_histogram = current_->type == AGENT_METRIC_HISTOGRAM;
  for (std::size_t index = 0; index < count; ++index) {
    const std::string_view name = view(labels[index]->name);
    const bool usable = is_name(name, false) && !name.starts_with("__") && !(is_histogram && name == "le") &&
                        std::ranges::none_of(out, [&](const auto& label) { return label.first == name; });
    if (!usable) {
      ++rejected_;
      return false;
    }
    out.emplace_back(name, view(labels[index]->value));
  }
  Labels sorted = out;
  std::ranges::sort(sorted);
  if (current_->series.insert(in_braces(sorted)).second) return true;
  ++rejected_;
  return false;
}

void MetricsText::add_sample(const agent_metric_label* const* labels, std::size_t count, double value) {
  Labels admitted;
  if (current_ != nullptr && current_->type == AGENT_METRIC_HISTOGRAM) {
    ++rejected_;
  } else if (admit(labels, count, admitted)) {
    current_->samples += current_->name + in_braces(admitted) + " " + number(value) + "\n";
  }
}

void MetricsText::add_histogram(const agent_metric_label* const* labels, std::size_t count,
                                const agent_metric_histogram& histogram) {
  if (current_ == nullptr) return;
  if (current_->type != AGENT_METRIC_HISTOGRAM || !ascends(histogram)) {
    ++rejected_;
    return;
  }
  Labels admitted;
  if (!admit(labels, count, admitted)) return;
  std::string& out = current_->samples;
  const auto line = [&](std::string_view suffix, std::string_view bound, const std::string& value) {
    out += current_->name + std::string(suffix) + in_braces(admitted, bound) + " " + value + "\n";
  };
  for (std::uint32_t bucket = 0; bucket < histogram.bucket_count; ++bucket) {
    line("_bucket", number(histogram.upper_bounds[bucket]), std::to_string(histogram.cumulative_counts[bucket]));
  }
  line("_bucket", "+Inf", std::to_string(histogram.count));
  line("_sum", {}, number(histogram.sum));
  line("_count", {}, std::to_string(histogram.count));
}

std::string MetricsText::finish() {
  begin("agent_metrics_rejected", AGENT_METRIC_GAUGE, "Figures of the last scrape that the text format cannot hold");
  add_sample(nullptr, 0, static_cast<double>(rejected_));
  std::string out;
  for (const Family& family : families_) {
    if (family.samples.empty()) continue;
    if (!family.help.empty()) out += "# HELP " + family.name + " " + escaped(family.help, false) + "\n";
    out += "# TYPE " + family.name + " " + std::string(type_name(family.type)) + "\n" + family.samples;
  }
  return out;
}

}  // namespace host_stub
