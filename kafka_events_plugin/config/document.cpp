// The bounded tree builder over yaml-cpp's events. What a syntax error says to a person stands in yaml_errors.cpp.
#include "config/document.h"

#include <algorithm>
#include <sstream>
#include <unordered_map>
#include <utility>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "config/text_checks.h"
#include "config/yaml_errors.h"

namespace kafka_events::config {

namespace {

// Ends the parsing from within an event; caught in parse_once() below.
struct Refused {
  Mark mark;
  std::string message;
};

// One open sequence or map while its children arrive.
struct Open {
  YamlNode* node = nullptr;
  YAML::anchor_t anchor = 0;
  bool has_key = false;
  std::string key = {};
  Mark key_mark = {};
};

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view text, Origin origin, Document& document)
      : text_(text), lines_(text), origin_(origin), document_(document) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) refuse(at(mark), "a second document begins here; write one document and no \"---\" line");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    YamlNode& node = document_.add({.kind = YamlNode::Kind::null, .mark = at(mark)});
    // yaml-cpp puts the place of an absent value on the next line.
    if (!open_.empty() && open_.back().has_key && node.mark.line != open_.back().key_mark.line) {
      node.mark = open_.back().key_mark;
    }
    place(node, anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const bool plain = tag == "?";
    if (!plain) last_quoted_ = lines_.offset(to_size(mark.line), to_size(mark.column));
    place(document_.add({.kind = YamlNode::Kind::scalar, .plain = plain, .text = value, .mark = at(mark)}), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) refuse(at(mark), "this alias stands within the value that it names");
    place_value(*found->second, at(mark));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    begin(YamlNode::Kind::sequence, mark, anchor);
  }
  void OnSequenceEnd() override { end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    begin(YamlNode::Kind::map, mark, anchor);
  }
  void OnMapEnd() override { end(); }

  [[nodiscard]] YamlNode* root() const noexcept { return root_; }
  [[nodiscard]] std::size_t last_quoted() const noexcept { return last_quoted_; }

  [[nodiscard]] Mark at(const YAML::Mark& mark) {
    if (origin_ != Origin::file) return {0, 0, origin_};
    return lines_.mark(to_size(mark.line), to_size(mark.column));
  }
  [[nodiscard]] std::size_t offset(const YAML::Mark& mark) const {
    return lines_.offset(to_size(mark.line), to_size(mark.column));
  }

 private:
  static std::size_t to_size(int value) { return value < 0 ? 0 : static_cast<std::size_t>(value); }

  [[noreturn]] static void refuse(Mark mark, std::string message) { throw Refused{mark, std::move(message)}; }

  void begin(YamlNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (open_.size() >= max_depth) {
      refuse(at(mark), "values are nested more than " + std::to_string(max_depth) + " deep here");
    }
    open_.push_back({.node = &document_.add({.kind = kind, .mark = at(mark)}), .anchor = anchor});
  }

  void end() {
    const Open done = std::move(open_.back());
    open_.pop_back();
    place(*done.node, done.anchor);
  }

  void place(YamlNode& node, YAML::anchor_t anchor) {
    if (anchor != 0) anchors_[anchor] = &node;
    place_value(node, node.mark);
  }

  // Puts a finished node where it belongs: the root, the next item, the next key, or the value of the last key.
  void place_value(YamlNode& node, Mark mark) {
    if (open_.empty()) {
      root_ = &node;
      return;
    }
    Open& parent = open_.back();
    parent.node->weight += node.weight;
    if (parent.node->weight > max_nodes) {
      refuse(mark, "more than " + std::to_string(max_nodes) + " values, with aliases expanded");
    }
    if (parent.node->kind == YamlNode::Kind::sequence) {
      parent.node->items.push_back(&node);
    } else if (!parent.has_key) {
      if (node.kind != YamlNode::Kind::scalar)
        refuse(mark, "a key must be a word; found " + std::string(kind_name(node)));
      parent.has_key = true;
      parent.key = node.text;
      parent.key_mark = mark;
    } else {
      parent.has_key = false;
      add_entry(*parent.node, {.key = parent.key, .mark = parent.key_mark, .value = &node});
    }
  }

  static void add_entry(YamlNode& map, Entry entry) {
    if (entry.key != "<<") {
      map.entries.push_back(std::move(entry));
      return;
    }
    std::vector<YamlNode*> sources =
        entry.value->kind == YamlNode::Kind::sequence ? entry.value->items : std::vector<YamlNode*>{entry.value};
    for (const YamlNode* source : sources) {
      if (source->kind != YamlNode::Kind::map) refuse(entry.mark, "\"<<\" takes a map, or a list of maps");
      for (Entry copy : source->entries) {
        copy.merged = true;
        map.entries.push_back(std::move(copy));
      }
    }
  }

  std::string_view text_;
  LineIndex lines_;
  Origin origin_;
  Document& document_;
  YamlNode* root_ = nullptr;
  std::vector<Open> open_;
  std::unordered_map<YAML::anchor_t, YamlNode*> anchors_;
  std::size_t documents_ = 0;
  std::size_t last_quoted_ = std::string_view::npos;
};

struct Attempt {
  bool ok = false;
  std::size_t comma = std::string::npos;  ///< what ended it is a stray comma at this byte, reported
};

Attempt parse_once(const std::string& text, Origin origin, Document& document, Report& report) {
  TreeBuilder builder(text, origin, document);
  try {
    std::istringstream input(text);
    YAML::Parser parser(input);
    while (parser.HandleNextDocument(builder)) {
    }
    if (const std::size_t opened = unclosed_quote(text, builder.last_quoted()); opened != std::string::npos) {
      report.error(report.place(mark_at(text, opened)), std::string(unclosed_quote_message));
      return {};
    }
    document.root = builder.root();
    return {.ok = true};
  } catch (const YAML::DeepRecursion& error) {
    report.error(report.place(builder.at(error.mark)), "values are nested too deep");
  } catch (const YAML::Exception& error) {
    const std::size_t offset = builder.offset(error.mark);
    if (const std::size_t opened = unclosed_quote(text, builder.last_quoted()); opened != std::string::npos) {
      report.error(report.place(mark_at(text, opened)), std::string(unclosed_quote_message));
      return {};
    }
    if (is_stray_comma(text, offset)) {
      report.error(report.place(builder.at(error.mark)), std::string(stray_comma_message));
      return {.comma = offset};
    }
    report_syntax_error(text, offset, error.msg, report);
  } catch (const Refused& refused) {
    report.error(report.place(refused.mark), refused.message);
  }
  return {};
}

}  // namespace

void read_yaml(std::string_view text, Origin origin, Document& document, Report& report) {
  // Each comma costs another reading, so the number of them is bounded by the work that it makes.
  constexpr std::size_t work = std::size_t{4} << 20U;
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  std::string readable(text);
  if (readable.starts_with(byte_order_mark)) readable.erase(0, byte_order_mark.size());
  const std::size_t attempts = std::clamp<std::size_t>(work / (readable.size() + 1), 1, 64);
  for (std::size_t i = 0; i < attempts; ++i) {
    document.root = nullptr;
    const Attempt attempt = parse_once(readable, origin, document, report);
    if (attempt.comma == std::string::npos) return;
    readable[attempt.comma] = ' ';
  }
}

std::string_view kind_name(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::null:
      return "nothing";
    case YamlNode::Kind::scalar:
      return "text";
    case YamlNode::Kind::sequence:
      return "a list";
    case YamlNode::Kind::map:
      break;
  }
  return "a map";
}

}  // namespace kafka_events::config
