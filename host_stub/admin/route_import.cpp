// Copies routes and replies out of the C structs.
#include "admin/route_import.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "admin/json_check.h"
#include "admin/target.h"
#include "admin/text.h"

namespace host_stub {
namespace {

constexpr std::size_t max_schema_bytes = 256u << 10;

std::string_view view(agent_text text) noexcept {
  return text.data == nullptr ? std::string_view{} : std::string_view(text.data, text.size);
}

agent_text borrow(std::string_view text) noexcept { return {text.data(), text.size()}; }

/// The array of pointers that a request carries, over the records that it points to.
class BorrowedParameters {
 public:
  explicit BorrowedParameters(const std::vector<HttpParameter>& parameters) {
    records_.reserve(parameters.size());
    pointers_.reserve(parameters.size());
    for (const HttpParameter& parameter : parameters) {
      records_.push_back({static_cast<std::uint32_t>(sizeof(agent_http_parameter)), 0, borrow(parameter.name),
                          borrow(parameter.value)});
      pointers_.push_back(&records_.back());
    }
  }
  [[nodiscard]] const agent_http_parameter* const* data() const noexcept { return pointers_.data(); }
  [[nodiscard]] std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(pointers_.size()); }

 private:
  std::vector<agent_http_parameter> records_;
  std::vector<const agent_http_parameter*> pointers_;
};

using Handle = void (*)(void* context, const agent_http_request* request, std::uint64_t exchange);

void call_plugin(Handle handle, void* context, const HttpCall& call, std::uint64_t exchange) {
  const BorrowedParameters in_path(call.path_parameters);
  const BorrowedParameters in_query(call.query_parameters);
  agent_http_request request{};
  request.size = sizeof request;
  request.path_parameter_count = in_path.size();
  request.query_parameter_count = in_query.size();
  request.timeout_ms = static_cast<std::uint32_t>(std::clamp<std::int64_t>(call.timeout.count(), 0, UINT32_MAX));
  request.method = borrow(call.method);
  request.path = borrow(call.path);
  request.path_parameters = in_path.data();
  request.query_parameters = in_query.data();
  request.content_type = borrow(call.content_type);
  request.body = {call.body.data(), call.body.size()};
  handle(context, &request, exchange);
}

void import_parameters(const agent_route& route, RouteInfo& info) {
  if (!AGENT_HAS_FIELD(&route, parameters) || route.parameters == nullptr) return;
  for (std::uint32_t index = 0; index < route.parameter_count; ++index) {
    const agent_route_parameter* parameter = route.parameters[index];
    if (parameter == nullptr || !AGENT_HAS_FIELD(parameter, description)) continue;
    info.parameters.push_back(
        {std::string(view(parameter->name)), std::string(view(parameter->description)), parameter->required != 0});
  }
}

bool is_method(std::string_view method) noexcept {
  return !method.empty() && method.size() <= 16 &&
         std::ranges::all_of(method, [](char letter) { return letter >= 'A' && letter <= 'Z'; });
}

bool is_field_value(std::string_view value) noexcept {
  return std::ranges::none_of(value, [](char character) {
    const auto byte = static_cast<unsigned char>(character);
    return byte < 0x20 || byte >= 0x7F;
  });
}

Failure invalid(std::string message) { return {AGENT_E_INVALID, std::move(message)}; }

}  // namespace

Result<HostRoute> import_route(const agent_route& route, std::uint64_t owner) {
  if (!AGENT_HAS_FIELD(&route, handle) || route.handle == nullptr) return invalid("the route has no handler");
  HostRoute made;
  made.info.method = view(route.method);
  made.info.path = view(route.path);
  made.info.summary = view(route.summary);
  made.info.description = view(route.description);
  made.info.request_schema = view(route.request_schema);
  made.info.response_schema = view(route.response_schema);
  made.info.owner = owner;
  import_parameters(route, made.info);
  made.handle = [handle = route.handle, context = route.context](HttpCall& call, std::uint64_t exchange) {
    call_plugin(handle, context, call, exchange);
  };
  return made;
}

Result<HttpReply> import_reply(const agent_http_reply& reply) {
  if (!AGENT_HAS_FIELD(&reply, body)) return invalid("the reply is smaller than its first version");
  if (reply.status < 200 || reply.status > 599) {
    return invalid("the reply's status " + std::to_string(reply.status) + " is not one of 200 to 599");
  }
  const std::string_view content_type = view(reply.content_type);
  if (!is_field_value(content_type)) return invalid("the reply's content type holds characters that no header may");
  HttpReply made;
  made.status = reply.status;
  made.content_type = content_type;
  if (reply.body.data != nullptr) made.body.assign(static_cast<const char*>(reply.body.data), reply.body.size);
  return made;
}

Result<void> check_route(const RouteInfo& info) {
  const std::string name = info.method + " " + info.path;
  if (!is_method(info.method)) return invalid("a route's method is upper-case letters, such as GET");
  if (!PathTemplate::parse(info.path)) {
    std::string why = "the path of the route \"";
    why.append(is_utf8(name) ? name : info.method)
        .append("\" must start with /, and its parameters be whole segments ");
    return invalid(why.append("of the form {name}, each name once"));
  }
  std::vector<std::string_view> texts{info.summary, info.description};
  for (const RouteParameter& parameter : info.parameters) {
    texts.push_back(parameter.name);
    texts.push_back(parameter.description);
  }
  if (!std::ranges::all_of(texts, is_utf8)) return invalid("a text of the route " + name + " is not UTF-8");
  for (const std::string& schema : {info.request_schema, info.response_schema}) {
    if (schema.size() > max_schema_bytes) return invalid("a schema of the route " + name + " is over 256 KiB");
    if (schema.empty()) continue;
    if (const std::string fault = json_fault(schema); !fault.empty()) {
      return invalid("a schema of the route " + name + " is not JSON: " + fault);
    }
  }
  return {};
}

void fill_error(agent_error* error, const Failure& failure) noexcept {
  if (error == nullptr || !AGENT_HAS_FIELD(error, message)) return;
  error->code = failure.status;
  std::size_t length = std::min(failure.message.size(), sizeof error->message - 1);
  while (length > 0 && length < failure.message.size() &&
         (static_cast<unsigned char>(failure.message[length]) & 0xC0u) == 0x80u) {
    --length;
  }
  std::memcpy(error->message, failure.message.data(), length);
  error->message[length] = '\0';
}

}  // namespace host_stub
