#include "dedup/id_memory.hpp"

#include <new>
#include <utility>

namespace godwit::detail {

namespace {

error not_in_hand(std::string_view id) { return {errc::not_found, id, "it is not in hand here: claim it first"}; }

}  // namespace

id_memory::id_memory(const id_window& window, mark_log::world with, id_time known_since)
    : with_{with}, table_{window, known_since} {
    found_.is_new = true;
}

result<std::unique_ptr<id_memory>> id_memory::open(std::unique_ptr<directory> where, const id_window& window,
                                                   stage confirm, mark_log::world with) {
    auto made = std::make_unique<id_memory>(window, with, id_time::min());
    made->confirm_ = confirm;
    const id_time begins = window.known_from.value_or(with.time.wall());
    id_content content{made->table_, begins};
    dedup_recovery found;
    auto opened = mark_log::open(std::move(where), with, content, found);
    if (!opened) return opened.error();
    made->log_ = std::move(*opened);
    const bool is_new = made->table_.known_since() == id_time::min();
    if (is_new) made->table_.knows_since(begins);
    made->table_.expire(made->now());
    made->found_ = {is_new, found.clean, made->table_.done().size(), found.cut_bytes};
    return made;
}

id_memory::~id_memory() {
    try {
        (void)close();
    } catch (...) {  // without memory its end is not marked as clean
    }
}

status id_memory::works() const {
    if (closed_) return error{errc::closed, "ids"};
    return health_;
}

result<claim_answer> id_memory::claim(const chosen_id& what) {
    if (auto fits = what.check(); !fits) return fits.error();
    const lock hold{mutex_};
    if (auto fits = works(); !fits) return fits.error();
    return table_.claim(what, now());
}

// It stays in hand until its mark is kept, so that nobody is told before that it is done.
status id_memory::mark(std::string_view id, std::optional<std::string_view> reply) {
    lock hold{mutex_};
    if (auto fits = works(); !fits) return fits;
    auto one = table_.to_mark(id, reply, now());
    if (!one) return not_in_hand(id);
    if (log_ == nullptr) return table_.mark(std::move(*one)), status{};
    const std::shared_ptr<gathering> mine = next_;
    std::string entry;
    put_id(entry, *one);
    if (spare_ == nullptr) spare_ = std::make_shared<gathering>();
    mine->content.reserve(mine->content.size() + entry.size());
    mine->ids.reserve(mine->ids.size() + 1);  // from here on nothing is thrown: it is in both, or in none
    mine->content += entry;
    mine->ids.push_back(std::move(*one));
    while (!mine->is_over) {
        if (!writing_) {
            write_gathered(hold);
        } else {
            done_.wait(hold);
        }
    }
    return mine->how;
}

// One write, and one sync, of all that has gathered; or all anew, which has it, too.
void id_memory::write_gathered(lock& hold) {
    const std::shared_ptr<gathering> all_of = std::exchange(next_, std::move(spare_));
    writing_ = true;
    status done = health_;
    try {
        if (done) done = write(hold, all_of->content);
        if (done) {
            for (auto& one : all_of->ids) table_.mark(std::move(one));
        }
    } catch (const std::bad_alloc&) {
        done = errc::no_resources;
    }
    if (!hold.owns_lock()) hold.lock();
    writing_ = false;
    if (!done && !done.failed(errc::full)) health_ = done;
    all_of->how = std::move(done);
    all_of->is_over = true;
    done_.notify_all();
}

// Without the lock, but for what the picture is made of. Without memory for one the file grows on.
status id_memory::write(lock& hold, const std::string& content) {
    std::string all;
    try {
        if (log_->has_grown()) {
            id_content{table_, {}}.put_all(all);
            all += content;
        }
    } catch (const std::bad_alloc&) {
        all = {};
    }
    hold.unlock();
    status done = all.empty() ? status{errc::full} : log_->rewrite(all);
    if (done.failed(errc::full)) {
        done = log_->append(content);
        if (done && confirm_ == stage::durable) done = log_->sync();
    }
    hold.lock();
    return done;
}

status id_memory::release(std::string_view id) {
    const lock hold{mutex_};
    if (auto fits = works(); !fits) return fits;
    return table_.release(id) ? status{} : status{not_in_hand(id)};
}

result<id_time> id_memory::known_since() {
    const lock hold{mutex_};
    if (auto fits = works(); !fits) return fits.error();
    table_.expire(now());
    return table_.known_since();
}

id_store_stats id_memory::stats() const {
    const lock hold{mutex_};
    return table_.stats();
}

status id_memory::close() {
    lock hold{mutex_};
    done_.wait(hold, [this] { return !writing_ && next_->ids.empty(); });
    if (std::exchange(closed_, true) || log_ == nullptr) return health_;
    status ended = health_ ? log_->close() : health_;
    log_->release();
    return ended;
}

}  // namespace godwit::detail
