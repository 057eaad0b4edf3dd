#include "godwit/log.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <semaphore>
#include <set>
#include <stdexcept>

#include "expect.hpp"
#include "transports.hpp"

using namespace godwit;
using namespace conformance;

namespace {

// What a sink was told, as "socket text".
class told {
public:
    log_sink sink() {
        return [this](const log_record& record) {
            const std::lock_guard hold{lock_};
            lines_.push_back(record.socket + " " + record.text);
            if (record.level != log_level::debug) on_.insert(std::this_thread::get_id());
        };
    }
    bool has(std::string_view words) const {
        const std::lock_guard hold{lock_};
        return std::any_of(lines_.begin(), lines_.end(),
                           [&](const std::string& one) { return one.find(words) != std::string::npos; });
    }
    std::size_t count() const {
        const std::lock_guard hold{lock_};
        return lines_.size();
    }
    std::set<std::thread::id> threads() const {
        const std::lock_guard hold{lock_};
        return on_;
    }

private:
    mutable std::mutex lock_;
    std::vector<std::string> lines_;
    std::set<std::thread::id> on_;
};

}  // namespace

GODWIT_EACH_TRANSPORT("what happens to a socket is told to the log, by one thread that is nobody's") {
    told log;
    {
        context here{{.log = log.sink(), .log_from = log_level::debug}};
        const std::string url = over.url();
        pull in{here, {.name = "inbox"}};
        must(in.bind(url));
        {
            push out{here};
            must(out.connect(url));
            CHECK(eventually([&] { return log.has("inbox peer_joined: ") && log.has("push-1 peer_joined: "); }));
        }
        CHECK(eventually([&] { return log.has("inbox peer_left: ") && log.has("push-1 closed"); }));
    }
    CHECK(log.has("inbox closed"));
    CHECK(log.threads().size() == 1);
    CHECK(log.threads().count(std::this_thread::get_id()) == 0);
}

TEST_CASE("after its context was closed a log gets no record any more") {
    told log;
    context here{{.log = log.sink(), .log_from = log_level::debug}};
    pull in{here};
    must(in.bind("inproc://a"));
    push out{here};
    must(out.connect("inproc://a"));
    must(here.close());
    const std::size_t before = log.count();
    CHECK(before > 0);
    push late{here};
    CHECK(conformance::outcome(late.connect("inproc://a")) == "closed");
    must(in.close());
    CHECK(log.count() == before);
}

TEST_CASE("a sink that throws harms nobody") {
    context here{{.log = [](const log_record&) { throw std::runtime_error{"no"}; }}};
    pull in{here};
    push out{here};
    must(in.bind("inproc://a"));
    must(out.connect("inproc://a"));
    must(out.send("one"));
    CHECK(receive(in) == "one");
    must(here.close());
}

TEST_CASE("a sink that blocks holds up neither messages nor events, and a close ends by its limit") {
    std::binary_semaphore let_go{0};
    std::atomic<int> calls{0};
    context here{{.log = [&](const log_record&) {
        ++calls;
        let_go.acquire();
        let_go.release();
    }}};
    pull in{here};
    push out{here};
    must(in.bind("inproc://a"));
    must(out.connect("inproc://a"));
    CHECK(eventually([&] { return calls == 1; }));
    for (int i = 0; i < 100; ++i) {
        must(out.send("one"));
        CHECK(receive(in) == "one");
    }
    CHECK(event_of(in, event_kind::peer_joined).endpoint == "inproc://a");
    CHECK(conformance::outcome(here.close(10ms)) == "timed_out");
    let_go.release();
    must(here.close());
    CHECK(calls == 1);  // what had waited for it at the close was dropped
}

TEST_CASE("a sink may use the sockets that it hears of") {
    std::atomic<int> asked{0};
    std::atomic<pull*> socket{nullptr};
    context here{{.log = [&](const log_record&) {
        if (pull* const in = socket.load()) asked += static_cast<int>(in->report().peers.size());
    }}};
    pull in{here};
    socket = &in;
    must(in.bind("inproc://a"));
    push out{here};
    must(out.connect("inproc://a"));
    CHECK(eventually([&] { return asked > 0; }));
    socket = nullptr;
    must(here.close());
}
