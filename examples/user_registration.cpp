// User registration: what message queues are for, brought together. A form asks for an account (request and reply);
// the account service verifies and stores it and answers at once; then mail, guide and analytics do their parts side
// by side (fan-out), known to the service only as "whoever subscribes" (decoupling), and each says when it is done on
// a pull of the form's (asynchronous completion). The user waits for the first step only.
// Usage: user_registration [URL], by default inproc://accounts.
// Prints: the replies in their order, then what was done for whom, sorted.
#include <iostream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "beside.hpp"
#include "godwit/godwit.hpp"
#include "godwit/msgpack.hpp"

using namespace std::chrono_literals;

struct registration {
    std::string name;
    std::string address;
    MSGPACK_DEFINE(name, address)
};

// Verifies and stores; publishes each new account and knows nothing of what happens then.
void serve_accounts(godwit::rep& accounts, godwit::pub& news) {
    std::set<std::string> stored;
    while (auto request = accounts.recv()) {
        const auto wanted = request->as<registration>();
        if (!wanted || wanted->address.find('@') == std::string::npos) {
            request->reply("refused: not an address").value();
        } else if (!stored.insert(wanted->address).second) {
            request->reply("refused: there is such an account").value();
        } else {
            request->reply("welcome, " + wanted->name).value();
            news.send("registered", *wanted).value();
        }
    }
}

// One of those who care about new accounts: does its part for each, and says so.
void follow(godwit::context& context, const std::string& news, const std::string& done, const std::string& part) {
    godwit::sub in{context};
    in.subscribe("registered").value();
    in.connect(news).value();
    godwit::push tell{context};
    tell.connect(done).value();
    while (const auto event = in.recv()) tell.send(part + " " + event->as<registration>().value().name).value();
}

int main(int argc, char** argv) {
    const std::string url = argc > 1 ? argv[1] : "inproc://accounts";
    godwit::context context;
    godwit::rep accounts{context};
    godwit::pub news{context};
    godwit::pull done{context};
    const std::string accounts_endpoint = accounts.bind(url).value();
    const std::string news_endpoint = news.bind(beside(url, "news")).value();
    const std::string done_endpoint = done.bind(beside(url, "done")).value();

    std::vector<std::jthread> services;
    services.emplace_back([&] { serve_accounts(accounts, news); });
    for (const char* part : {"analytics counted", "guide sent to", "mail sent to"}) {
        services.emplace_back([&, part] { follow(context, news_endpoint, done_endpoint, part); });
    }
    news.wait_for_subscribers("registered", 3, 10s).value();

    godwit::req form{context};
    form.connect(accounts_endpoint).value();
    for (const registration& user : {registration{"Ada", "ada@example.org"}, registration{"Bob", "nowhere"},
                                     registration{"Eve", "ada@example.org"}, registration{"Grace", "g@example.org"}}) {
        std::cout << user.name << ": " << form.request(user, 10s).value().text() << '\n';
    }

    std::set<std::string> told;
    while (told.size() < 6) told.emplace(done.recv(10s).value().text());
    for (const std::string& completion : told) std::cout << completion << '\n';
    context.close().value();  // ends every service's recv()
}
