// RELIABILITY row 36: a process without descriptors: a journal says so, is the same when there are some again, and loses
// nothing meanwhile.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/unique_fd.hpp"
#include "godwit/journal.hpp"
#include "journal/scratch_folder.hpp"
#include "journal/store_world.hpp"
#include "test_main.hpp"

using namespace journal_tests;
using godwit::errc;
using godwit::journal;
using godwit::message;

// Not with the sanitizers of addresses and undefined behaviour: they need descriptors of their own to look at objects.
#if !defined(__SANITIZE_ADDRESS__)
namespace {

// While it lives, the process gets no descriptor.
class no_descriptors {
public:
    no_descriptors() {
        REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
        const rlimit low{std::min<rlim_t>(before_.rlim_cur, 256), before_.rlim_max};
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &low) == 0);
        for (;;) {
            unique_fd one{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
            if (!one) break;
            hoard_.push_back(std::move(one));
        }
    }
    no_descriptors(const no_descriptors&) = delete;
    ~no_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
    std::vector<unique_fd> hoard_;
};

}  // namespace

TEST_CASE("RELIABILITY 36: without descriptors a journal is not opened, says why, and is opened when there are some") {
    scratch_folder folder;
    {
        const no_descriptors now;
        CHECK(journal::open(folder.path()).failed(errc::no_resources));
    }
    auto store = journal::open(folder.path());
    REQUIRE(store);
    CHECK(store->recovered().is_new);
}

TEST_CASE("RELIABILITY 36: a journal that needs a new file without descriptors takes nothing, and goes on afterwards") {
    scratch_folder folder;
    const message large{std::string(20'000, 'x')};
    offset last = 0;
    {
        auto store = journal::open(folder.path(), {.segment_bytes = 64u << 10}).value();
        auto stream = store.stream("s").value();
        {
            const no_descriptors now;
            auto done = stream.append(large);
            for (; done; done = stream.append(large)) last = *done;
            REQUIRE(done.failed(errc::full));
            const std::string words = done.error().what();
            CAPTURE(words);
            CHECK(words.find("ulimit -n") != std::string::npos);
            CHECK(store.health());
        }
        REQUIRE(last >= 1);
        for (int i = 0; i < 5; ++i) CHECK(stream.append(large).value() == ++last);
        store.close().value();
    }
    auto store = journal::open(folder.path()).value();
    CHECK(store.recovered().clean);
    CHECK(store.stream("s").value().read_many(0, 100).value().size() == last);
}

TEST_CASE("RELIABILITY 36: what is read without descriptors comes when there are some again") {
    scratch_folder folder;
    journal_store_options options{.limits = {.bytes_max = 1u << 20, .segment_bytes = 4096}, .cache_bytes = 1};
    const auto store =
        journal_store::open(open_directory(folder.path(), true).value(), options, {system_time(), system_random()})
            .value();
    const stream_id stream = store->stream_named("s").value();
    for (int i = 0; i < 20; ++i) REQUIRE(append(*store, stream, std::string(500, 'x')).kept);
    const auto log = make_journal_log(store);
    {
        const no_descriptors now;
        CHECK(store->read_now(stream, 1).failed(errc::no_resources));
        CHECK(log->read(stream, 1).answer == log_answer::pending);
    }
    std::optional<log_event> told;
    REQUIRE(eventually([&] { return (told = log->take_event()).has_value(); }));
    CHECK(told->what == log_event::kind::readable);
    CHECK(log->read(stream, 1).answer == log_answer::done);
    CHECK(store->health());
}
#endif
