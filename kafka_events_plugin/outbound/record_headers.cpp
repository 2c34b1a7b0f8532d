#include "outbound/record_headers.h"

#include <algorithm>
#include <limits>

#include "core/cause.h"
#include "core/request_book.h"
#include "core/transaction_scope.h"
#include "outbound/record_builder.h"
#include "outbound/topic_mapping.h"

namespace kafka_events {
namespace {

class HeaderWriter {
 public:
  HeaderWriter(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route, const HeaderContext& context,
               RecordStorage& storage)
      : event_(event),
        topic_(topic),
        route_(route),
        codec_(*route.route->codec),
        context_(context),
        storage_(storage),
        is_request_(!route.route->settings.reply_to.empty() && !topic.is_answer) {}

  Result<void> run() {
    add_identity();
    for (const Header& header : event_.headers) {
      if (!is_replaced(header)) add(header.name, header.value);
    }
    const Cause* const cause = current_cause();
    add_hops(cause);
    add_trace(cause);
    if (topic_.is_answer && cause != nullptr && is_null(correlation_id_) && !cause->correlation_id.empty()) {
      add(correlation_header, cause->correlation_id);
    }
    return is_request_ ? add_request() : Result<void>();
  }

 private:
  void add(std::string_view name, Bytes value) { storage_.headers.push_back({name, value}); }

  void add_identity() {
    const bool implied =
        route_.topic_is_constant
            ? route_.implies_event_topic
            : topic_.can_be_undone && is_plain_topic(context_.topic_prefix, topic_.topic, context_.kafka_topic);
    if (!codec_.carries_identity()) {
      // An answer's event topic is only an address, and reserved wherever it arrives.
      if (!implied && !topic_.is_answer) add(agent_topic_header, event_.topic);
      if (!event_.tenant.empty() && context_.key != event_.tenant) add(agent_tenant_header, event_.tenant);
    }
    // Only the raw value is of the event's own type.
    says_type_ = !is_default_content_type(event_.content_type) && codec_.content_type().empty() &&
                 !codec_.owns_header(content_type_header);
    if (says_type_) add(content_type_header, event_.content_type);
  }

  /// An earlier hop's word on what is said anew, or is no longer true.
  bool is_replaced(const Header& header) {
    const std::string_view name = header.name;
    if (name == agent_topic_header || name == agent_tenant_header || name == reply_to_header) return true;
    if (name == content_type_header) return says_type_ || codec_.owns_header(name);
    if (name == correlation_header) {
      correlation_id_ = header.value;
      return is_request_;
    }
    if (name == reply_topic_header) return is_request_ || topic_.is_answer;
    if (name == trace_parent_header) {
      trace_parent_ = header.value;
      ++trace_parents_;
      return true;
    }
    if (!context_.origin.empty() && name == hops_header) {
      caused_ = true;
      hops_ = std::max(hops_, hops_of(header.value));
      return true;
    }
    if (!context_.origin.empty() && name == origin_header) return true;
    if (name == cause_header) caused_ = true;
    return codec_.owns_header(name);
  }

  void add_hops(const Cause* cause) {
    if (context_.origin.empty() || !(caused_ || context_.comes_back || cause != nullptr)) return;
    if (cause != nullptr) hops_ = std::max(hops_, cause->hops);
    if (hops_ < std::numeric_limits<std::uint32_t>::max()) ++hops_;
    add(origin_header, context_.origin);
    add(hops_header, hops_text(hops_, storage_.hops));
  }

  /// A trace goes on with a span of our own. What is no valid traceparent is dropped with its tracestate, as section 3.3
  /// of W3C Trace Context wants it, and begins nothing.
  void add_trace(const Cause* cause) {
    const bool own = trace_parents_ == 1 && is_trace_parent(trace_parent_);
    const bool caused = !own && cause != nullptr && is_trace_parent(cause->trace_parent);
    if (!own && (caused || trace_parents_ > 0)) {
      std::erase_if(storage_.headers, [](const Header& header) { return header.name == trace_state_header; });
    }
    if (own || caused) {
      add(trace_parent_header, continue_trace(own ? trace_parent_ : cause->trace_parent, storage_.trace_parent));
    }
  }

  Result<void> add_request() {
    Result<void> named =
        route_.route->reply_topic(context_.topic_prefix, event_, route_.captures, storage_.reply_topic);
    if (!named.ok()) return named;
    storage_.correlation_id = correlation_id_.empty() ? event_.id : correlation_id_;
    add(reply_topic_header, storage_.reply_topic);
    add(correlation_header, storage_.correlation_id);
    return {};
  }

  const Event& event_;
  const ResolvedTopic& topic_;
  const ResolvedRoute& route_;
  const Codec& codec_;
  const HeaderContext& context_;
  RecordStorage& storage_;
  const bool is_request_;

  bool says_type_ = false;
  bool caused_ = false;  // by an inbound record, as the event says
  std::uint32_t hops_ = 0;
  Bytes correlation_id_{};
  std::string_view trace_parent_{};
  std::uint32_t trace_parents_ = 0;
};

}  // namespace

Result<void> add_headers(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route,
                         const HeaderContext& context, RecordStorage& storage) {
  return HeaderWriter(event, topic, route, context, storage).run();
}

}  // namespace kafka_events
