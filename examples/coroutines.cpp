// Coroutines: two sockets are waited for by two coroutines, on no thread of their own. A tiny coroutine type of ours
// shows that none is prescribed. A stop source ends both while they wait; nothing is lost by that.
// Usage: coroutines [URL], by default inproc://coroutines.
// Prints: what each of them received, and that what was sent after they had stopped is still there.
#include <coroutine>
#include <exception>
#include <future>
#include <iostream>
#include <stop_token>
#include <string>
#include <thread>

#include "beside.hpp"
#include "godwit/godwit.hpp"

// Starts at once; when it is through, its future is ready.
struct task {
    struct promise_type {
        std::promise<std::string> end;
        task get_return_object() { return {end.get_future()}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_value(std::string seen) { end.set_value(std::move(seen)); }
        void unhandled_exception() { end.set_exception(std::current_exception()); }
    };
    std::future<std::string> end;
};

task collect(godwit::pull& in, std::stop_token stop) {
    std::string seen;
    for (;;) {
        const auto delivery = co_await in.async_recv(stop);
        if (!delivery) co_return seen + std::string{name(delivery.error().code())};
        seen += std::string{delivery->text()} + ", ";
    }
}

task ask(godwit::req& client, std::string question) {
    const auto answer = co_await client.async_request(question, {.within = std::chrono::seconds{10}});
    co_return std::string{answer.value().text()};
}

task answer_one(godwit::rep& server) {
    auto question = co_await server.async_recv();
    question.value().reply("six times seven").value();
    co_return "";
}

int main(int argc, char** argv) {
    const std::string url = argc > 1 ? argv[1] : "inproc://coroutines";
    godwit::context context;
    godwit::pull in{context};
    godwit::push out{context};
    out.connect(in.bind(url).value()).value();
    godwit::rep server{context};
    godwit::req client{context};
    client.connect(server.bind(beside(url, "question")).value()).value();

    std::stop_source stop;
    task collecting = collect(in, stop.get_token());
    task answering = answer_one(server);
    task asking = ask(client, "forty-two?");
    std::cout << "the answer: " << asking.end.get() << '\n';
    answering.end.get();

    for (const char* word : {"one", "two", "three"}) out.send(word).value();
    while (in.stats().received < 3) std::this_thread::yield();
    stop.request_stop();
    std::cout << "collected: " << collecting.end.get() << '\n';

    out.send("four").value();
    std::cout << "still there: " << in.recv().value().text() << '\n';
}
