// What a push with a journal has not settled is carried on: nobody sees it but the disk.
#include <filesystem>

#include "godwit/journal.hpp"
#include "godwit/journal_copies.hpp"
#include "godwit/journal_reader.hpp"
#include "journal/scratch_folder.hpp"
#include "reliable/reliable.hpp"

using namespace reliable;
using godwit::dead_reason;
using godwit::journal;
using journal_tests::scratch_folder;
namespace fs = std::filesystem;

namespace {

constexpr godwit::journal_options small{.bytes_max = 4u << 20, .segment_bytes = 16u << 10, .confirm = stage::stored};
constexpr std::uint64_t little = 10 * small.segment_bytes;

// A sender with the journal of a folder, and its receiver: one life of the two.
struct life {
    life(const fs::path& folder, const transport& over)
        : store{must(journal::open(folder, small))},
          out{ctx, quick(), must(store.stream("s")), brisk()},
          in{ctx, quick(), brisk()} {
        must(out.connect(must(in.bind(over.url()))));
    }
    ~life() {
        must(in.close(soon));
        must(out.close(soon));
        must(store.close());
    }
    godwit::delivery next() { return must(in.recv(soon)); }
    // Sends so many, each of which `settle` is given as it comes.
    template <class F>
    void work(int first, int last, F&& settle) {
        for (int sent = first, got = first; got <= last;) {
            for (int i = 0; i < 50 && sent <= last; ++i, ++sent)
                must(out.send(std::to_string(sent) + std::string(500, '.')));
            for (; got < sent; ++got) settle(next());
        }
    }

    journal store;
    godwit::context ctx;
    godwit::push out;
    godwit::pull in;
};

int number_of(const godwit::delivery& d) { return std::stoi(std::string{d.text()}); }

const auto ack_it = [](godwit::delivery&& d) { d.ack(); };

}  // namespace

OVER_EACH_LINK(
    "a message that waits does not pin what was sent behind it, and comes when it is due, in the next life too") {
    scratch_folder folder;
    auto due = std::chrono::steady_clock::now();
    unsigned attempts = 0;
    {
        life first{folder.path(), over};
        const auto wait_more = [&](godwit::delivery&& d) {
            attempts = d.attempt();
            due = std::chrono::steady_clock::now() + 1s;
            d.nack(1s);
        };
        must(first.out.send("late"));
        wait_more(first.next());
        int settled = 0;
        for (int sent = 0; settled < 1500;) {
            for (; sent < settled + 50; ++sent) must(first.out.send(std::string(500, '.')));
            auto d = first.next();
            if (d.text() == "late") {
                wait_more(std::move(d));
                continue;
            }
            d.ack();
            ++settled;
        }
        while (first.store.bytes_used() >= little) {  // in a while, it comes and has to wait again
            if (auto d = first.in.recv(10ms)) d->text() == "late" ? wait_more(std::move(*d)) : d->ack();
        }
    }
    life second{folder.path(), over};
    auto d = second.next();
    while (d.text() != "late") {  // one whose ack was lost with the receiver
        d.ack();
        d = second.next();
    }
    CHECK(d.attempt() == attempts + 1);
    CHECK(std::chrono::steady_clock::now() >= due);
    d.ack();
    REQUIRE(eventually([&] { return second.out.delivery_counters().unsettled == 0; }));
}

OVER_EACH_LINK("dead letters are carried with their words, listed by everybody, and requeued without a socket") {
    scratch_folder folder;
    const auto check = [](const std::vector<godwit::dead_letter>& dead) {
        REQUIRE(dead.size() == 3);
        for (int i = 0; i < 3; ++i) {
            const auto& one = dead[static_cast<std::size_t>(i)];
            CHECK(one.content.text() == "bad " + std::to_string(i));
            CHECK(one.detail == "no such account: bad " + std::to_string(i));
            CHECK(one.why == dead_reason::refused);
        }
    };
    std::vector<godwit::offset> dead;
    {
        life first{folder.path(), over};
        for (int i = 0; i < 3; ++i) {
            must(first.out.send("bad " + std::to_string(i)));
            auto d = first.next();
            d.reject("no such account: " + std::string{d.text()});
        }
        first.work(1, 1500, ack_it);
        REQUIRE(eventually([&] { return first.store.bytes_used() < little; }));
        check(first.out.dead_letters());
    }
    {
        const auto reader = must(godwit::journal_reader::open(folder.path()));
        const auto letters = must(reader.dead_letters(reader.stream("s")->id));
        check(letters);
        for (const auto& one : letters) dead.push_back(one.at);
        auto store = must(journal::open(folder.path(), small));
        auto stream = must(store.stream("s"));
        must(stream.requeue(dead[1]));
        must(stream.discard(dead[0]));
    }
    life second{folder.path(), over};
    auto d = second.next();
    CHECK(d.text() == "bad 1");
    CHECK(d.attempt() == 1);
    d.ack();
    const auto left = second.out.dead_letters();
    REQUIRE(left.size() == 1);
    CHECK(left[0].at == dead[2]);
    CHECK(left[0].content.text() == "bad 2");
}

OVER_EACH_LINK("what was carried comes once and in order to the next receiver, after a clean end and after another") {
    scratch_folder folder, place;
    const fs::path copy = place.path() / "copy";
    std::vector<int> kept;
    {
        life first{folder.path(), over};
        std::vector<godwit::delivery> held;
        first.work(1, 1500, [&](godwit::delivery&& d) {
            if (number_of(d) % 100 == 7) {
                kept.push_back(number_of(d));
                held.push_back(std::move(d));
            } else {
                d.ack();
            }
        });
        REQUIRE(eventually([&] { return first.store.bytes_used() < little; }));
        REQUIRE(first.out.delivery_counters().unsettled == kept.size());
        must(godwit::snapshot_journal(folder.path(), copy));
        must(godwit::adopt_journal(copy));  // goes on as after an unclean end
        for (auto& one : held) one.nack();
    }
    for (const fs::path& from : {folder.path(), copy}) {
        life next{from, over};
        std::vector<int> got;
        for (std::size_t i = 0; i < kept.size(); ++i) {
            auto d = next.next();
            REQUIRE(d.text() == std::to_string(number_of(d)) + std::string(500, '.'));
            got.push_back(number_of(d));
            d.ack();
        }
        if (from == copy) CHECK(got == kept);  // those that failed come as their pauses end
        std::ranges::sort(got);
        CHECK(got == kept);
        REQUIRE(eventually([&] { return next.out.delivery_counters().unsettled == 0; }));
        CHECK_FALSE(next.in.recv(0ms));
    }
}
