// RELIABILITY row 39: a disk that stalls holds up who waits for it, to their deadlines, and nobody else.
#include <condition_variable>

#include "journal/store_world.hpp"
#include "test_main.hpp"

using namespace journal_tests;
using namespace std::chrono_literals;

namespace {

class stall {
public:
    void begin() { set(true); }
    void end() { set(false); }
    // In a call to the disk.
    void pass() {
        std::unique_lock hold{mutex_};
        ++inside_;
        changed_.notify_all();
        changed_.wait(hold, [this] { return !stalls_; });
        --inside_;
    }
    void wait_until_somebody_is_inside() {
        std::unique_lock hold{mutex_};
        changed_.wait(hold, [this] { return inside_ > 0; });
    }

private:
    void set(bool stalls) {
        const std::lock_guard hold{mutex_};
        stalls_ = stalls;
        changed_.notify_all();
    }
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stalls_ = false;
    int inside_ = 0;
};

struct stalled {
    explicit stalled(stall& which) : of{which} { of.begin(); }
    ~stalled() { of.end(); }
    stall& of;
};

class stalling_file final : public file {
public:
    stalling_file(std::unique_ptr<file> on, stall& when) : on_{std::move(on)}, when_{when} {}
    result<std::size_t> read(std::uint64_t at, std::span<std::byte> into) const override { return on_->read(at, into); }
    status write(std::uint64_t at, std::span<const bytes> parts) override { return on_->write(at, parts); }
    status allocate(std::uint64_t end) override { return on_->allocate(end); }
    status resize(std::uint64_t size) override { return on_->resize(size); }
    status sync() override {
        when_.pass();
        return on_->sync();
    }
    result<std::uint64_t> size() const override { return on_->size(); }

private:
    const std::unique_ptr<file> on_;
    stall& when_;
};

class stalling_directory final : public directory {
public:
    stalling_directory(std::unique_ptr<directory> on, stall& when) : on_{std::move(on)}, when_{when} {}
    std::string_view path() const noexcept override { return on_->path(); }
    result<std::vector<std::string>> list() const override { return on_->list(); }
    result<std::unique_ptr<file>> open(std::string_view name, file_use how) override {
        auto opened = on_->open(name, how);
        if (!opened) return opened;
        return std::unique_ptr<file>{std::make_unique<stalling_file>(std::move(*opened), when_)};
    }
    status rename(std::string_view from, std::string_view to) override { return on_->rename(from, to); }
    status link(std::string_view from, std::string_view to) override { return on_->link(from, to); }
    status remove(std::string_view name) override { return on_->remove(name); }
    status sync() override { return on_->sync(); }
    result<bool> lock(std::string_view name) override { return on_->lock(name); }
    result<bool> is_locked(std::string_view name) const override { return on_->is_locked(name); }
    result<file_place> place_of(std::string_view name) const override { return on_->place_of(name); }

private:
    const std::unique_ptr<directory> on_;
    stall& when_;
};

entry one_record(stream_id stream, offset at) {
    entry made;
    made.batches.push_back(batch_of(stream, {{stream, at, "by a turn"}}));
    return made;
}

}  // namespace

TEST_CASE("RELIABILITY 39: while a disk stalls an append times out as unknown, and no call of a turn waits") {
    sim_disk disk;
    stall when;
    stopped_time time;
    counted_random draws;
    const auto store = journal_store::open(std::make_unique<stalling_directory>(disk.open(), when), {}, {time, draws});
    journal_store& on = **store;
    const stream_id stream = on.stream_named("s").value();
    REQUIRE(append(on, stream, "before").kept);

    const auto log = make_journal_log(*store, stream);
    const stalled from_now_on{when};
    log_ticket waited, ticket;
    const record_parts during{.body = godwit::as_bytes("during")};
    const offset at = on.submit_next(stream, {&during, 1}, stage::durable, waited).value();
    // Whoever waits with a deadline keeps it: nobody is caught in the call itself.
    CHECK(on.wait(waited, stage::durable, std::chrono::steady_clock::now() + 20ms).failed(errc::timed_out));
    when.wait_until_somebody_is_inside();
    CHECK(on.wait(waited, stage::durable, std::chrono::steady_clock::now() + 1ms).failed(errc::timed_out));
    // What a turn calls, for others' messages: each returns, though nothing is kept before the disk goes on.
    CHECK(log->append(one_record(stream, at + 1), stage::durable, ticket) == log_answer::pending);
    CHECK(log->read(stream, 1).answer == log_answer::done);
    const offset_range first{1, 1};
    log->release(stream, {&first, 1});
    CHECK(log->visible(stream) == at);
    CHECK_FALSE(log->take_event());
    CHECK(on.health());

    when.end();
    REQUIRE(on.wait(waited, stage::durable, std::chrono::steady_clock::time_point::max()));
    REQUIRE(eventually([&] { return log->visible(stream) == at + 2; }));
    CHECK(all_of(on, stream) == std::vector<kept_record>{{stream, at, "during"}, {stream, at + 1, "by a turn"}});
}
