// async_list: a list of calls through links of their own, so that it needs no memory. Threads: guarded by the desk's lock.
#pragma once
#include "godwit/async.hpp"

namespace godwit::detail {

struct async_links {
    static auto& queue(async_operation& call) noexcept { return call.suspended_->queue; }
    static auto& timed(async_operation& call) noexcept { return call.suspended_->timed; }
};

template <auto Links>
class async_list {
public:
    async_operation* first() const noexcept { return first_; }
    static async_operation* after(async_operation& call) noexcept { return Links(call).next; }
    bool empty() const noexcept { return first_ == nullptr; }

    void append(async_operation& call) noexcept {
        Links(call) = {nullptr, last_};
        (last_ != nullptr ? Links(*last_).next : first_) = &call;
        last_ = &call;
    }
    void remove(async_operation& call) noexcept {
        auto& own = Links(call);
        (own.previous != nullptr ? Links(*own.previous).next : first_) = own.next;
        (own.next != nullptr ? Links(*own.next).previous : last_) = own.previous;
    }

private:
    async_operation* first_ = nullptr;
    async_operation* last_ = nullptr;
};

using async_queue = async_list<&async_links::queue>;
using async_timers = async_list<&async_links::timed>;

}  // namespace godwit::detail
