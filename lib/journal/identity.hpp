// identity: whose journal a directory is, and where it stood when that was said: a copy stands elsewhere.
#pragma once
#include <algorithm>
#include <vector>

#include "base/directory.hpp"
#include "journal/segment_format.hpp"

namespace godwit::detail {

struct journal_identity {
    journal_id id;
    std::int64_t made = 0;  // ms since 1970
    file_place place;       // of the directory and of `lock`
    struct former {
        journal_id id;
        std::uint64_t last_segment = 0;
    };
    std::vector<former> formers;

    // Whether a segment of that number may have that id in its header.
    bool owns(std::uint64_t segment, const journal_id& with) const noexcept {
        return with == id || std::ranges::any_of(formers, [&](const former& one) {
                   return with == one.id && segment <= one.last_segment;
               });
    }
};

GODWIT_EXPORT std::vector<std::byte> encode(const journal_identity& what);
GODWIT_EXPORT result<journal_identity> decode_identity(bytes image);  // `malformed`, `unsupported`

}  // namespace godwit::detail
