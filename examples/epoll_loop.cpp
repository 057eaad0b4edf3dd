// In a loop of one's own: two sockets and a signal in one bare epoll, on one thread that never blocks elsewhere.
// Usage: epoll_loop [URL], by default inproc://shop.
// Prints: the orders as they come, what a client was told of them, and what ended the loop.
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <iostream>
#include <string>
#include <thread>

#include "beside.hpp"
#include "godwit/godwit.hpp"

using namespace std::chrono_literals;

namespace {

constexpr std::size_t orders_made = 3;

void watch(int loop, int descriptor) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = descriptor;
    if (::epoll_ctl(loop, EPOLL_CTL_ADD, descriptor, &event) != 0) std::abort();
}

// The rest of the world: orders three birds, asks until the shop has seen them all, and ends it.
std::string be_a_client(godwit::context& context, const std::string& orders_at, const std::string& questions_at) {
    godwit::push orders{context};
    orders.connect(orders_at).value();
    for (const char* bird : {"tern", "plover", "godwit"}) orders.send(bird).value();

    godwit::req questions{context};
    questions.connect(questions_at).value();
    std::string told;
    while (told != std::to_string(orders_made)) told = questions.request("how many?", 10s).value().text();
    ::kill(::getpid(), SIGTERM);
    return told;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string url = argc > 1 ? argv[1] : "inproc://shop";

    sigset_t ending;
    ::sigemptyset(&ending);
    ::sigaddset(&ending, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &ending, nullptr);  // before any thread is there: each inherits it
    const int signals = ::signalfd(-1, &ending, SFD_CLOEXEC);

    godwit::context context;
    godwit::pull orders{context};
    godwit::rep questions{context};
    const std::string orders_at = orders.bind(beside(url, "orders")).value();
    const std::string questions_at = questions.bind(beside(url, "questions")).value();

    const int loop = ::epoll_create1(EPOLL_CLOEXEC);
    watch(loop, signals);
    watch(loop, orders.descriptor().value());
    watch(loop, questions.descriptor().value());

    std::string told;
    std::thread client{[&] { told = be_a_client(context, orders_at, questions_at); }};

    std::size_t count = 0;
    for (bool open = true; open;) {
        epoll_event event{};
        if (::epoll_wait(loop, &event, 1, -1) != 1) continue;
        if (event.data.fd == signals) {
            open = false;
        } else if (event.data.fd == orders.descriptor().value()) {
            // Until there is no more; one a wake-up would do as well.
            while (auto order = orders.recv(0s)) std::cout << "order " << ++count << ": " << order->text() << '\n';
        } else {
            while (auto question = questions.recv(0s)) question->reply(std::to_string(count)).value();
        }
    }
    client.join();
    std::cout << "the client was told of " << told << "\nended by SIGTERM\n";
    ::close(loop);
    ::close(signals);
}
