// The two HTML pages, embedded at build time from pages/*.html. They load nothing from elsewhere.
#pragma once

#include <string_view>

namespace host_stub {

[[nodiscard]] std::string_view admin_page() noexcept;
[[nodiscard]] std::string_view api_doc_page() noexcept;

}  // namespace host_stub
