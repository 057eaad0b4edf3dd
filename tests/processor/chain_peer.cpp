// A part of the chain that tests/prove/chain.py kills: a source of numbers, stages that count what they pass on, and a sink that
// prints what arrives.
//   chain_peer source URL COUNT     chain_peer stage FROM TO JOURNAL     chain_peer sink URL COUNT
#include <chrono>
#include <iostream>
#include <string>

#include "godwit/dedup.hpp"
#include "godwit/processor.hpp"

namespace {

using namespace std::chrono_literals;

// Its processes are killed again and again: that costs no message its life.
const godwit::ack_retry quick{
    .attempts_max = 1'000'000, .backoff_min = 1ms, .backoff_max = 20ms, .heartbeat = 50ms, .lease = 1000ms};

void source(const std::string& url, std::uint64_t count) {
    godwit::context context;
    godwit::push out{context, quick, godwit::socket_options{.send_timeout = godwit::timeout::never}};
    out.bind(url).value();
    for (std::uint64_t number = 1; number <= count; ++number) out.send(std::to_string(number)).value();
    out.flush().value();
}

void stage(const std::string& from, const std::string& to, const std::string& journal) {
    auto store = godwit::journal::open(journal).value();
    godwit::context context;
    godwit::processor each{context, store, {.link = quick}};
    each.from(from).value();
    each.bind_to(to).value();
    each.run([&](godwit::transaction& t, const godwit::delivery& d) {
            const auto passed = std::stoull(t.get("passed").value_or("0")) + 1;
            t.put("passed", std::to_string(passed)).value();
            t.send(each.output(), std::string{d.text()} + ' ' + std::to_string(passed)).value();
        })
        .value();
}

void sink(const std::string& url, std::uint64_t count) {
    godwit::context context;
    const godwit::dedup seen;
    godwit::pull in{context, quick, seen};
    in.connect(url).value();
    // One more would be one too many.
    for (std::uint64_t got = 0;; ++got) {
        auto one = in.recv(got < count ? godwit::timeout::never : godwit::timeout{2s});
        if (one.failed(godwit::errc::timed_out)) break;
        std::cout << one.value().text() << '\n';
        one->ack();
    }
    std::cout.flush();
}

}  // namespace

int main(int argc, char** argv) try {
    const std::string what = argc > 3 ? argv[1] : "";
    if (what == "source") {
        source(argv[2], std::stoull(argv[3]));
    } else if (what == "sink") {
        sink(argv[2], std::stoull(argv[3]));
    } else if (what == "stage" && argc > 4) {
        stage(argv[2], argv[3], argv[4]);
    } else {
        std::cerr << "chain_peer: source URL COUNT, stage FROM TO JOURNAL, or sink URL COUNT\n";
        return 2;
    }
    return 0;
} catch (const std::exception& problem) {
    std::cerr << "chain_peer: " << problem.what() << std::endl;
    return 1;
}
