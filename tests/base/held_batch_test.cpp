// Messages that are made of a received batch's records.
#include "base/held_batch.hpp"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/batch_parts.hpp"
#include "test_main.hpp"

using namespace batches;
using godwit::message;

namespace {

const std::vector<owned_record> kinds{
    {.at = 0, .body = "body"},
    {.at = 1, .topic = "topic", .body = "body"},
    {.at = 2, .key = "key", .body = "body"},
    {.at = 3, .body = "body", .headers = {{"name", "value"}}},
    {.at = 4, .topic = "topic", .key = "key", .body = std::string(5000, 'b'), .headers = {{"a", "1"}, {"", ""}}},
    {.at = 5, .topic = "topic"},
    {.at = 6},
    {.at = 7, .body = "late", .priority = 9, .times = {.deliver_at = noon}},
};

message made(const owned_record& record) {
    std::vector<header> headers;
    for (const auto& [name, value] : record.headers) headers.push_back({name, value});
    return message::make({record.topic, record.key, headers, as_bytes(record.body)}).value();
}

void check_same(const message& left, const message& right) {
    REQUIRE(left.frame_count() == right.frame_count());
    for (std::size_t i = 0; i < left.frame_count(); ++i) CHECK(as_text(left.frame(i)) == as_text(right.frame(i)));
    CHECK(left.text() == right.text());
    CHECK(left.topic() == right.topic());
    CHECK(left.key() == right.key());
    CHECK(left.size_bytes() == right.size_bytes());
    REQUIRE(left.header_count() == right.header_count());
    for (std::size_t i = 0; i < left.header_count(); ++i) {
        CHECK(left.header_at(i).name == right.header_at(i).name);
        CHECK(left.header_value(left.header_at(i).name) == right.header_value(right.header_at(i).name));
    }
}

// A batch of all kinds that is held, and whether it still is.
struct scene {
    struct nobody final : settler {
        void settle(const settlement&) noexcept override {}
    };
    std::shared_ptr<settler> home = std::make_shared<nobody>();
    held_batch* held = hold(batch_of(kinds), home);

    message at(std::size_t index) {
        record_view record;
        REQUIRE(held->batch.view.find(kinds[index].at, record));
        add_references(*held, 1);
        return make_message(*held, record);
    }
    void let_go() { release_references(held, 1); }
    bool is_held() const { return home.use_count() > 1; }
};

}  // namespace

TEST_CASE("a message of a record is as if it had been made of its parts") {
    scene batch;
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        INFO("record " << i);
        const message lent = batch.at(i);
        const message expected = made(kinds[i]);
        check_same(lent, expected);
        check_same(lent.detached(), expected);
        const message copy{lent};
        check_same(copy, expected);
        check_same(lent, expected);  // the copy may have made a block of it
        check_same(message{copy}, expected);
    }
    batch.let_go();
    CHECK_FALSE(batch.is_held());
}

TEST_CASE("a message and each of its copies keep the batch") {
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        INFO("record " << i);
        scene batch;
        message lent = batch.at(i);
        batch.let_go();
        REQUIRE(batch.is_held());
        message copy{lent};
        message moved{std::move(lent)};
        lent = message{};
        check_same(moved, made(kinds[i]));
        check_same(copy, made(kinds[i]));
        moved = message{"other"};
        check_same(copy, made(kinds[i]));
        copy = message{};
        CHECK_FALSE(batch.is_held());
    }
}

TEST_CASE("what is detached keeps nothing") {
    scene batch;
    std::vector<message> detached;
    for (std::size_t i = 0; i < kinds.size(); ++i) detached.push_back(batch.at(i).detached());
    batch.let_go();
    CHECK_FALSE(batch.is_held());
    for (std::size_t i = 0; i < kinds.size(); ++i) check_same(detached[i], made(kinds[i]));
}

TEST_CASE("a message that is moved takes its record with it") {
    scene batch;
    std::vector<message> list;
    for (std::size_t i = 0; i < 20; ++i) list.push_back(batch.at(i % kinds.size()));  // moves when it grows
    batch.let_go();
    for (std::size_t i = 0; i < list.size(); ++i) check_same(list[i], made(kinds[i % kinds.size()]));
    list.erase(list.begin(), list.begin() + 19);
    CHECK(batch.is_held());
    list.clear();
    CHECK_FALSE(batch.is_held());
}

TEST_CASE("references that were added for many messages are released one by one, or together") {
    scene batch;
    add_references(*batch.held, 8);
    {
        std::vector<message> list;
        record_view record;
        for (std::uint32_t at = batch_header_bytes; list.size() < 5 && batch.held->batch.view.next(at, record);) {
            list.push_back(make_message(*batch.held, record));
        }
        release_references(batch.held, 3);
        CHECK(batch.held->references.load() == 6);
    }
    CHECK(batch.held->references.load() == 1);
    batch.let_go();
    CHECK_FALSE(batch.is_held());
}

TEST_CASE("a block made of a lent message keeps all frames, and is made once by whichever thread") {
    scene batch;
    const message lent = batch.at(4);
    batch.let_go();
    std::vector<std::thread> threads;
    std::vector<message> copies(4);
    for (message& copy : copies) threads.emplace_back([&copy, &lent] { copy = lent; });
    for (std::thread& each : threads) each.join();
    for (const message& copy : copies) {
        check_same(copy, made(kinds[4]));
        CHECK(copy.body().data() == lent.body().data());  // shared, not copied
    }
    block* const shared = message_access::to_block(lent);
    CHECK(shared->frame_count == lent.frame_count());
    release(shared);
}
