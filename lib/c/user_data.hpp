// user_data: what a callback of the caller's belongs to: its drop runs once, when the last that holds it lets go.
#pragma once
#include <memory>

#include "c/guarded.hpp"

namespace godwit::c {

struct user_data {
    user_data(void* theirs, godwit_drop end) noexcept : data{theirs}, drop{end} {}
    user_data(const user_data&) = delete;
    user_data& operator=(const user_data&) = delete;
    ~user_data() {
        if (drop != nullptr) contained([&] { drop(data); });
    }

    void* const data;
    godwit_drop drop;
};

// Also without memory the drop runs. Throws std::bad_alloc.
inline std::shared_ptr<user_data> hold(void* theirs, godwit_drop end) {
    user_data first{theirs, end};
    auto held = std::make_shared<user_data>(theirs, nullptr);
    held->drop = std::exchange(first.drop, nullptr);
    return held;
}

}  // namespace godwit::c
