// What any thread may ask: see journal_store.hpp. Who writes: journal_baton.cpp. Who reads: journal_reads.cpp.
#include "journal/journal_store.hpp"

#include <algorithm>
#include <new>
#include <system_error>

namespace godwit::detail {

namespace {

constexpr std::size_t queued_bytes_max = 16u << 20;
constexpr auto release_patience = std::chrono::milliseconds{100};

}  // namespace

result<std::shared_ptr<journal_store>> journal_store::open(std::unique_ptr<directory> in,
                                                           const journal_store_options& options,
                                                           journal_writer::tools with) {
    const auto locked = in->lock("lock");
    if (!locked) return locked.error();
    if (!*locked) return error{errc::locked, in->path(), "one writer at a time; close the other first"};
    std::shared_ptr<journal_store> made{new journal_store{std::move(in), options}};
    auto writer = journal_writer::open(*made->directory_, options.limits, with);
    if (!writer) return writer.error();
    made->writer_ = std::move(*writer);
    made->restore();
    journal_store* const store = made.get();
    try {
        made->writes_ = std::jthread{[store](const std::stop_token& stop) { store->write_thread(stop); }};
        made->reads_files_ = std::jthread{[store](const std::stop_token& stop) { store->read_thread(stop); }};
    } catch (const std::system_error& refused) {
        return error{errc::no_resources, refused.what(), "a journal has two threads (ulimit -u)"};
    }
    return made;
}

journal_store::~journal_store() {
    if (writer_ == nullptr) return;  // it was never open
    try {
        (void)close();
    } catch (const std::bad_alloc&) {  // as if the process had been killed
    }
}

void journal_store::restore() {
    std::uint64_t records = 0, size = 0;
    for (const known_segment& one : writer_->sealed()) {
        places_.add_sealed(one.header.number, one.footer);
        records += one.footer.records;
        size += one.size;
    }
    const double each = records > 0 ? static_cast<double>(size) / static_cast<double>(records) : 0;
    for (const auto& [id, state] : writer_->state().streams()) {
        live_stream& made = streams_[id];
        made.name = state.name;
        made.restore(state.next, state.released, each);
        made.delivery = state.delivery;
        made.carried = state.carried;
        made.given_up_below = state.given_up_below;
        made.epoch_first = state.next;
    }
    epoch_ = writer_->header().epoch;
    nonce_ = {writer_->header().nonce.high, writer_->header().nonce.low};
    file_bytes_ = writer_->bytes_used();
    last_write_ = last_sync_ = clock::now();
    remove_more_in({});
    look_to_carry();
}

result<stream_id> journal_store::stream_named(std::string_view name) {
    if (name.empty() || name.size() > 255)
        return error{errc::invalid_argument, name, "a stream's name has 1 to 255 bytes"};
    const lock hold{mutex_};
    for (const auto& [id, one] : streams_) {
        if (one.name == name) return id;
    }
    if (closed_) return errc::closed;
    if (streams_.size() >= journal_format::streams_max) return error{errc::full, name, "65,536 streams a journal"};
    const stream_id id{system_random().draw(), system_random().draw()};
    live_stream made;
    made.name = name;
    unsaved_notes_.push_back(note_of(note::kind::stream, id, made.name));
    try {
        streams_.emplace(id, std::move(made));
    } catch (...) {
        unsaved_notes_.pop_back();
        throw;
    }
    return id;
}

std::vector<std::string> journal_store::stream_names() const {
    const lock hold{mutex_};
    std::vector<std::string> names;
    for (const auto& [id, one] : streams_) {
        if (!one.name.empty()) names.push_back(one.name);
    }
    std::ranges::sort(names);
    return names;
}

offset journal_store::next_offset(stream_id stream) const {
    const lock hold{mutex_};
    const auto found = streams_.find(stream);
    return found != streams_.end() ? found->second.given : 0;
}

offset journal_store::visible(stream_id stream) const {
    const lock hold{mutex_};
    const auto found = streams_.find(stream);
    return found != streams_.end() ? found->second.visible : 0;
}

offset journal_store::first(stream_id stream) const {
    const lock hold{mutex_};
    const auto found = streams_.find(stream);
    return found != streams_.end() ? found->second.first() : 0;
}

std::vector<offset_range> journal_store::holes(stream_id stream) const {
    const lock hold{mutex_};
    const auto found = streams_.find(stream);
    std::vector<offset_range> all;
    if (found == streams_.end() || found->second.given == 0) return all;
    const live_stream& of = found->second;
    if (const offset first = of.first(); first < of.given)
        of.released.for_each_in({first, of.given - 1}, [&](offset_range part) { all.push_back(part); });
    return all;
}

void journal_store::keep(std::vector<note>&& notes) {
    const lock hold{mutex_};
    for (note& one : notes) {
        const auto found = streams_.find(one.stream);
        if (found == streams_.end()) continue;
        (void)found->second.delivery.apply(one.what, one.content, found->second.released);
        unsaved_notes_.push_back(std::move(one));
    }
    release_due_ = clock::now();
    work_.notify_one();
}

std::vector<note> journal_store::notes(stream_id stream) const {
    const lock hold{mutex_};
    std::vector<note> all;
    if (const auto found = streams_.find(stream); found != streams_.end())
        found->second.delivery.append_to(all, stream);
    return all;
}

bool journal_store::is_released(stream_id stream, offset at) const {
    const lock hold{mutex_};
    const auto found = streams_.find(stream);
    return found == streams_.end() || found->second.released.contains(at);
}

status journal_store::health() const {
    const lock hold{mutex_};
    return health_ ? reading_ : health_;
}

std::uint64_t journal_store::live_bytes() const noexcept {
    const lock hold{mutex_};
    std::uint64_t all = 0;
    for (const auto& [id, one] : streams_) all += one.live_bytes();
    return all;
}

bool journal_store::is_full() const noexcept {
    return queued_bytes_ >= queued_bytes_max || bytes_used() + queued_bytes_ >= options_.limits.bytes_max;
}

log_answer journal_store::submit(entry&& what, stage wanted, const std::shared_ptr<log_listener>& who,
                                 log_ticket& ticket) {
    lock hold{mutex_};
    const log_answer answer = take_in(hold, std::move(what), wanted, who, ticket);
    if (answer == log_answer::pending) work_.notify_one();
    return answer;
}

// Memory that runs out leaves all as it was.
log_answer journal_store::take_in(lock&, entry&& what, stage wanted, const std::shared_ptr<log_listener>& who,
                                  log_ticket& ticket) {
    ticket.number = last_ticket_ + 1;
    if (!health_ || closed_) {
        if (who != nullptr) {
            who->put({log_event::kind::failed, ticket, stage::accepted, health_ ? status{errc::closed} : health_});
            to_tell_.push_back(who);
        }
        last_ticket_ = ticket.number;
        return log_answer::pending;
    }
    if (!what.batches.empty() && is_full()) {
        if (who != nullptr) wait_for_space_.insert(who);
        space_wanted_ = true;
        if (!release_due_) release_due_ = clock::now();  // what is released may make room
        work_.notify_one();
        return log_answer::full;
    }
    queue_.push_back({std::move(what), wanted, who, ticket.number});
    const auto& batches = queue_.back().what.batches;
    std::size_t taken = 0;
    try {
        for (; taken < batches.size(); ++taken) streams_[batches[taken].view.stream()].submitted(batches[taken].view);
    } catch (...) {
        while (taken > 0) --taken, streams_[batches[taken].view.stream()].withdraw(batches[taken].view);
        queue_.pop_back();
        throw;
    }
    for (const batch_ref& one : batches) queued_bytes_ += one.view.data().size();
    last_ticket_ = ticket.number;
    return log_answer::pending;
}

result<offset> journal_store::submit_next(stream_id stream, std::span<const record_parts> records, stage wanted,
                                          log_ticket& ticket) {
    lock hold{mutex_};
    live_stream& of = streams_[stream];
    if (lent_.contains(stream)) return error{errc::locked, of.name, "a socket sends from it"};
    if (!health_) return health_.error();
    if (closed_) return errc::closed;
    // Offset 0 is never given: a plain socket's receipt has it.
    const offset first = std::max<offset>(1, of.given);
    entry what;
    batch_builder builder{stream};
    offset next = first;
    for (const record_parts& one : records) {
        if (!builder.add(next, one, batch_format::batch_bytes_limit)) {
            what.batches.push_back(builder.seal(system_time().wall()));
            builder.add(next, one, batch_format::batch_bytes_limit);
        }
        ++next;
    }
    if (!builder.empty()) what.batches.push_back(builder.seal(system_time().wall()));
    if (encoded_bytes(what.batches, {}) > journal_format::entry_bytes_max)
        return error{errc::too_large, std::to_string(encoded_bytes(what.batches, {})) + " bytes",
                     "append fewer at once"};
    if (take_in(hold, std::move(what), wanted, nullptr, ticket) == log_answer::full)
        return error{errc::full, of.name, "release what is done, or raise bytes_max"};
    if (wanted == stage::accepted) work_.notify_one();  // else who waits writes
    return first;
}

// Its sender may order by key: then those of its key that come behind it are to wait for it.
result<std::uint64_t> journal_store::key_hash_at(stream_id stream, offset at) {
    const auto read = read_now(stream, at);
    if (!read) return read.error();
    record_view record;
    const bool is_here = read->answer == log_answer::done && read->batch.view.find(at, record);
    return is_here && !record.key.empty() ? key_hash_of(record.key) : 0;
}

status journal_store::settle_dead(stream_id stream, offset dead, bool again) {
    const auto key = again ? key_hash_at(stream, dead) : result<std::uint64_t>{std::uint64_t{0}};
    if (!key) return key.error();
    log_ticket ticket;
    {
        lock hold{mutex_};
        live_stream& of = streams_[stream];
        if (lent_.contains(stream)) return error{errc::locked, of.name, "a socket sends from it"};
        const auto letter = of.delivery.dead_letters().find(dead);
        if (letter == of.delivery.dead_letters().end())
            return error{errc::not_found, std::to_string(dead), "it is no dead letter"};
        entry what;
        if (again) {
            attempt_note from_now{{dead, dead}, {}};  // without an end of its life
            from_now.state.priority = letter->second.priority;
            from_now.state.key_hash = *key;
            dead_letter_note said{.at = dead};
            said.state.is_taken_out = true;
            what.notes.push_back(note_of(note::kind::dead_letter, stream, encode(said)));
            what.notes.push_back(note_of(note::kind::attempt, stream, encode(from_now)));
            for (const note& one : what.notes) (void)of.delivery.apply(one.what, one.content, of.released);
        } else {
            const offset_range gone{dead, dead};
            what.notes.push_back(note_of(note::kind::settlement, stream, ranges_as_bytes({&gone, 1})));
            of.release(gone);
        }
        take_in(hold, std::move(what), stage::stored, nullptr, ticket);
    }
    return wait(ticket, stage::stored, clock::time_point::max());
}

bool journal_store::lend(stream_id stream) {
    const lock hold{mutex_};
    return lent_.insert(stream).second;
}

void journal_store::take_back(stream_id stream) {
    const lock hold{mutex_};
    lent_.erase(stream);
}

void journal_store::release(stream_id stream, std::span<const offset_range> settled) {
    const lock hold{mutex_};
    const auto found = streams_.find(stream);
    if (found == streams_.end()) return;
    std::uint64_t fresh = 0;
    for (const offset_range& one : settled) fresh += found->second.release(one);
    if (fresh == 0) return;
    if (space_wanted_) {
        release_due_ = clock::now();
    } else if (!release_due_) {
        release_due_ = clock::now() + release_patience;
    }
    work_.notify_one();
}

namespace {

class journal_log final : public record_log {
public:
    journal_log(std::shared_ptr<journal_store> store, std::optional<stream_id> own)
        : store_{std::move(store)}, own_{own} {}
    ~journal_log() override {
        listener_->forget();
        if (own_) store_->take_back(*own_);
    }

    stage reaches() const noexcept override { return store_->reaches(); }
    std::optional<stream_id> own_stream() const noexcept override { return own_; }
    status health() const override { return store_->health(); }
    offset next_offset(stream_id stream) const override { return store_->next_offset(stream); }
    log_answer append(entry&& what, stage wanted, log_ticket& ticket) override {
        return store_->submit(std::move(what), wanted, listener_, ticket);
    }
    read_batch read(stream_id stream, offset from) override { return store_->read(stream, from, listener_); }
    offset visible(stream_id stream) const override { return store_->visible(stream); }
    offset first(stream_id stream) const override { return store_->first(stream); }
    std::vector<offset_range> holes(stream_id stream) const override { return store_->holes(stream); }
    void keep(std::vector<note>&& notes) override { store_->keep(std::move(notes)); }
    std::vector<note> notes(stream_id stream) const override { return store_->notes(stream); }
    bool gives_up_oldest(stream_id stream) override { return store_->keep_at_most(stream, true, {}), true; }
    bool may_give_up(stream_id stream) const override { return store_->may_give_up(stream); }
    offset given_up_below(stream_id stream) const override { return store_->given_up_below(stream); }
    offset first_since(stream_id stream, wall_time when) const override { return store_->first_since(stream, when); }
    std::uint64_t epoch() const noexcept override { return store_->epoch(); }
    stream_id nonce() const noexcept override { return store_->nonce(); }
    offset epoch_first(stream_id stream) const override { return store_->epoch_first(stream); }
    void release(stream_id stream, std::span<const offset_range> settled) override { store_->release(stream, settled); }
    offset drop_below(stream_id stream, offset end) override {
        const offset_range gone{0, end - 1};
        if (end > 0) store_->release(stream, {&gone, 1});
        return store_->first(stream);
    }
    std::uint64_t bytes_used() const noexcept override { return store_->live_bytes(); }
    std::uint64_t bytes_max() const noexcept override { return store_->bytes_max(); }
    std::optional<log_event> take_event() override { return listener_->take(); }
    void on_event(std::function<void()> tell) override { listener_->on_event(std::move(tell)); }

private:
    const std::shared_ptr<journal_store> store_;
    const std::optional<stream_id> own_;
    const std::shared_ptr<log_listener> listener_ = std::make_shared<log_listener>();
};

}  // namespace

std::unique_ptr<record_log> make_journal_log(std::shared_ptr<journal_store> store, std::optional<stream_id> own) {
    return std::make_unique<journal_log>(std::move(store), own);
}

}  // namespace godwit::detail
