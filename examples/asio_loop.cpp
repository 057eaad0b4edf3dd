// One Asio loop for all: a timer, signals, and two sockets on one io_context and one thread, with asio::use_awaitable.
// Usage: asio_loop [URL], by default inproc://asio.
// Prints: three jobs done, as the timer makes them; then SIGTERM, which the program sends itself, ends the loop.
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <csignal>
#include <iostream>
#include <string>

#include "beside.hpp"
#include "godwit/asio.hpp"

using asio::use_awaitable;

// Makes three jobs, one every millisecond, and waits until each is done.
asio::awaitable<void> make_jobs(asio::io_context& loop, godwit::req& client) {
    godwit::asio::async<godwit::req> jobs{loop, client};
    asio::steady_timer timer{loop};
    for (const char* job : {"wash", "dry", "fold"}) {
        timer.expires_after(std::chrono::milliseconds{1});
        co_await timer.async_wait(use_awaitable);
        const godwit::message done = co_await jobs.async_request(job, use_awaitable);
        std::cout << done.text() << '\n';
    }
    std::raise(SIGTERM);
}

asio::awaitable<void> do_jobs(asio::io_context& loop, godwit::rep& server, godwit::push& journal) {
    godwit::asio::async<godwit::rep> jobs{loop, server};
    godwit::asio::async<godwit::push> notes{loop, journal};
    for (;;) {
        godwit::request job = co_await jobs.recv();
        const std::string text{job.text()};
        co_await notes.async_send(text, use_awaitable);
        job.reply(text + ": done").value();
    }
}

asio::awaitable<void> wait_for_signal(asio::io_context& loop) {
    asio::signal_set signals{loop, SIGINT, SIGTERM};
    co_await signals.async_wait(use_awaitable);
    std::cout << "a signal ends the loop" << '\n';
    loop.stop();
}

int main(int argc, char** argv) {
    const std::string url = argc > 1 ? argv[1] : "inproc://asio";
    godwit::context context;
    godwit::rep server{context};
    godwit::req client{context};
    client.connect(server.bind(url).value()).value();
    godwit::pull read{context};
    godwit::push journal{context};
    journal.connect(read.bind(beside(url, "journal")).value()).value();

    asio::io_context loop;
    asio::co_spawn(loop, wait_for_signal(loop), asio::detached);
    asio::co_spawn(loop, do_jobs(loop, server, journal), asio::detached);
    asio::co_spawn(loop, make_jobs(loop, client), asio::detached);
    loop.run();
    for (int count = 0; count < 3; ++count) std::cout << "noted: " << read.recv().value().text() << '\n';
}
