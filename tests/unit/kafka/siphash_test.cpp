// The digest against the vectors of its authors (vectors.h of the reference implementation).
#include "core/siphash.h"

#include <doctest/doctest.h>
#include <numeric>

using namespace kafka_events;

TEST_CASE("SipHash-2-4-128 gives its authors' digests") {
  SipKey key{};
  std::iota(key.begin(), key.end(), static_cast<unsigned char>(0));
  std::string text;
  CHECK(siphash(key, text) == "a3817f04ba25a8e66df67214c7550293");
  text += '\0';
  CHECK(siphash(key, text) == "da87c1d86b99af44347659119b22fc45");
  for (char next = 1; next < 15; ++next) text += next;
  CHECK(siphash(key, text) == "5493e99933b0a8117e08ec0f97cfc3d9");
}

TEST_CASE("SipHash-2-4-64 gives its authors' digests") {
  SipKey key{};
  std::iota(key.begin(), key.end(), static_cast<unsigned char>(0));
  std::string text;
  CHECK(siphash64(key, text) == 0x726fdb47dd0e0e31ULL);
  text += '\0';
  CHECK(siphash64(key, text) == 0x74f839c593dc67fdULL);
  for (char next = 1; next < 15; ++next) text += next;
  CHECK(siphash64(key, text) == 0xa129ca6149be45e5ULL);
}
