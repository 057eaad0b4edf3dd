// A request that survives its server: a server is killed with requests in work. A request that may be executed twice, and
// says so, is answered by another server; of one that does not, nobody can know whether it was executed: `unknown`.
#include <chrono>
#include <iostream>
#include <string>

#include "beside.hpp"
#include "godwit/ack_retry.hpp"
#include "godwit/godwit.hpp"
#include "process.hpp"

using namespace std::chrono_literals;

namespace {

// A killed process is given up after a lease; 5 s unless said.
const godwit::ack_retry at_least_once{.heartbeat = 100ms, .lease = 1s};

void serve(const std::string& url, const std::string& news_url, bool never_answers) {
    godwit::context context;
    godwit::rep server{context, at_least_once};
    server.connect(url).value();
    if (never_answers) {
        godwit::push news{context};
        news.connect(news_url).value();
        const godwit::request first = server.recv().value();
        const godwit::request second = server.recv().value();
        news.send("a server has taken: " + std::string{first.text()} + ", " + std::string{second.text()}).value();
        ::pause();
    }
    while (auto asked = server.recv()) asked->reply("the answer to: " + std::string{asked->text()}).value();
}

std::string text_of(const godwit::result<godwit::message>& reply) {
    return reply ? std::string{reply->text()} : std::string{name(reply.error().code())};
}

void run(const std::string& url) {
    godwit::context context;
    godwit::req client{context, at_least_once};
    godwit::pull news{context};
    const std::string bound = client.bind(url).value();
    const std::string news_url = news.bind(beside(url, "news")).value();
    auto debit = client.send("take 5 euro from ann").value();
    auto balance = client.send("what has ben?", {.idempotent = true}).value();

    process doomed{"doomed server", bound, news_url};
    std::cout << news.recv(30s).value().text() << "\nand is killed\n";
    doomed.end(SIGKILL);
    process server{"server", bound, news_url};
    std::cout << text_of(balance.wait(30s)) << '\n' << "the other: " << text_of(debit.wait(30s)) << '\n';
    std::cout << text_of(client.request("and what has ann now?", 30s)) << '\n';
}

}  // namespace

int main(int argc, char** argv) try {
    const std::string first = argc > 1 ? argv[1] : "ipc://@godwit-surviving-request";
    if (argc == 4) {
        serve(argv[2], argv[3], first == "doomed server");
    } else {
        run(between_processes(first));
    }
} catch (const std::exception& problem) {
    std::cerr << "surviving_request: " << problem.what() << '\n';
    return 1;
}
