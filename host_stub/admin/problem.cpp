// Problem details.
#include "admin/problem.h"

#include "admin/text.h"

namespace host_stub {
namespace {

std::string printable(std::string_view text) {
  if (is_utf8(text)) return std::string(text);
  std::string out(text);
  for (char& character : out) {
    if (static_cast<unsigned char>(character) >= 0x80) character = '?';
  }
  return out;
}

}  // namespace

std::string_view reason_phrase(int status) noexcept {
  switch (status) {
    case 200:
      return "OK";
    case 202:
      return "Accepted";
    case 302:
      return "Found";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Error";
  }
}

HttpReply problem(int status, std::string_view detail, std::string_view instance, std::string_view members) {
  HttpReply reply;
  reply.status = status;
  reply.content_type = problem_type;
  reply.body = R"({"type":"about:blank","title":)" + json_string(reason_phrase(status)) +
               ",\"status\":" + std::to_string(status) + ",\"detail\":" + json_string(printable(detail));
  if (!instance.empty()) reply.body += ",\"instance\":" + json_string(printable(instance));
  if (!members.empty()) reply.body.append(",").append(members);
  reply.body += '}';
  return reply;
}

}  // namespace host_stub
