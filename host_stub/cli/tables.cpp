#include "cli/tables.h"

#include <algorithm>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "cli/exit_status.h"

namespace host_stub::cli {
namespace {

using Value = rapidjson::Value;

/// Characters, not bytes: continuation bytes of UTF-8 take no room.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; }));
}

std::string written(const Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

/// A control character from outside must not steer the terminal.
std::string visible(std::string_view text) {
  std::string out;
  for (const char character : text) out += static_cast<unsigned char>(character) < 0x20 ? ' ' : character;
  return out;
}

std::string scalar(const Value& value) {
  if (value.IsNull()) return "-";
  if (value.IsString() && value.GetStringLength() == 0) return "-";
  if (value.IsString()) return visible({value.GetString(), value.GetStringLength()});
  if (value.IsBool()) return value.GetBool() ? "yes" : "no";
  return written(value);
}

bool is_plain(const Value& value) { return !value.IsObject() && !value.IsArray(); }

std::string plain_list(const Value& list) {
  std::string out;
  for (const Value& item : list.GetArray()) out += (out.empty() ? "" : ", ") + scalar(item);
  return out.empty() ? "-" : out;
}

bool all_plain(const Value& list) {
  return std::all_of(list.Begin(), list.End(), [](const Value& item) { return is_plain(item); });
}

/// `lead` goes before the first line only: "- " for an object in a list.
void append_members(std::string& out, const Value& object, std::size_t indent, std::string lead);

void append_value(std::string& out, const Value& value, std::size_t indent) {
  if (is_plain(value)) {
    out.append(" ").append(scalar(value)).append("\n");
  } else if (value.IsArray() && all_plain(value)) {
    out.append(" ").append(plain_list(value)).append("\n");
  } else if (value.IsArray()) {
    out += "\n";
    for (const Value& item : value.GetArray()) {
      if (item.IsObject()) {
        append_members(out, item, indent + 4, std::string(indent + 2, ' ') + "- ");
      } else {
        out += std::string(indent + 2, ' ') + "-";
        append_value(out, item, indent + 2);
      }
    }
  } else if (value.MemberCount() == 0) {
    out += " -\n";
  } else {
    out += "\n";
    append_members(out, value, indent + 2, std::string(indent + 2, ' '));
  }
}

void append_members(std::string& out, const Value& object, std::size_t indent, std::string lead) {
  for (const auto& member : object.GetObject()) {
    out += lead + scalar(member.name) + ":";
    append_value(out, member.value, indent);
    lead.assign(indent, ' ');
  }
}

bool parse(rapidjson::Document& document, std::string_view json) {
  document.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag>(json.data(), json.size());
  return !document.HasParseError();
}

}  // namespace

std::string format_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t column = 0; column < row.size(); ++column) {
      widths[column] = std::max(widths[column], width(row[column]));
    }
  }
  std::string out;
  for (const auto& row : rows) {
    for (std::size_t column = 0; column < row.size(); ++column) {
      out += row[column];
      if (column + 1 < row.size()) out += std::string(widths[column] - width(row[column]) + 2, ' ');
    }
    out += '\n';
  }
  return out;
}

std::string json_for_people(std::string_view json) {
  rapidjson::Document document;
  if (!parse(document, json)) return std::string(json) + "\n";
  std::string out;
  if (document.IsObject()) {
    append_members(out, document, 0, "");
  } else {
    append_value(out, document, 0);
  }
  return out;
}

std::string json_on_one_line(std::string_view json) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(json.data(), json.size());
  return document.HasParseError() ? std::string(json) : written(document);
}

std::string problem_in_words(int status, std::string_view body) {
  rapidjson::Document document;
  const std::string code = std::to_string(status);
  if (!parse(document, body) || !document.IsObject()) {
    return "the host answered " + code + (body.empty() ? "" : ": " + visible(body.substr(0, 500)));
  }
  std::string words;
  for (const char* name : {"title", "detail"}) {
    const auto member = document.FindMember(name);
    if (member == document.MemberEnd() || !member->value.IsString() || member->value.GetStringLength() == 0) continue;
    words += (words.empty() ? "" : ": ") + scalar(member->value);
  }
  return words.empty() ? "the host answered " + code : words + " (" + code + ")";
}

int exit_status_of_answer(int status) noexcept { return status >= 400 && status < 500 ? exit_usage : exit_failure; }

}  // namespace host_stub::cli
