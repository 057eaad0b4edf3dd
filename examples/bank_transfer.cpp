// A bank that is killed in the middle of its work, three times. Each order moves money from one account to another, and is answered:
// consumed order, both balances and the answer are one entry of the bank's journal. So no order is lost or executed twice,
// and the sum of all balances is the same at every moment that anybody can see.
#include <filesystem>
#include <iostream>
#include <set>
#include <string>

#include "beside.hpp"
#include "godwit/ack_retry.hpp"
#include "godwit/dedup.hpp"
#include "godwit/godwit.hpp"
#include "godwit/journal.hpp"
#include "godwit/transaction.hpp"
#include "process.hpp"

namespace {

using namespace std::chrono_literals;

constexpr int accounts = 10, opening_balance = 1000, orders = 400, kills = 3;
constexpr godwit::ack_retry quick{
    .attempts_max = 100, .backoff_min = 1ms, .backoff_max = 20ms, .heartbeat = 50ms, .lease = 500ms};

int balance(const godwit::state_view& bank, int account) {
    const auto known = bank.get("account " + std::to_string(account));
    return known ? std::stoi(std::string{*known}) : opening_balance;
}

void add(godwit::transaction& t, int account, int amount) {
    t.put("account " + std::to_string(account), std::to_string(balance(t.view(), account) + amount)).value();
}

// Until it is killed.
void serve(const std::string& orders_url, const std::string& answers_url, const std::string& directory) {
    auto store = godwit::journal::open(directory + "/bank.journal", {.durable_anywhere = true}).value();
    auto bank = godwit::transactions::open(store.stream("accounts").value()).value();
    auto answers = bank.output(store.stream("answers").value()).value();
    godwit::context context;
    godwit::pull in{context, quick, bank.inputs()};
    godwit::push out{context, quick, answers};
    in.connect(orders_url).value();
    out.connect(answers_url).value();
    while (auto order = in.recv()) {
        const int number = std::stoi(std::string{order->text()});
        auto t = bank.begin().value();
        add(t, number % accounts, -number);
        add(t, (number * 7 + 1) % accounts, number);
        t.send(answers, "order " + std::to_string(number) + " is done").value();
        t.consume(std::move(*order)).value();
        t.commit().value();
    }
}

void run(const std::string& wanted, const std::filesystem::path& directory) {
    godwit::context context;
    const godwit::dedup seen;  // an answer that the bank does not know to be heard comes again after a kill
    godwit::push out{context, quick};
    godwit::pull in{context, quick, seen};
    const std::string orders_url = out.bind(wanted).value(), answers_url = in.bind(beside(wanted, "answers")).value();
    for (int number = 1; number <= orders; ++number) out.send(std::to_string(number)).value();
    std::multiset<std::string> answered;
    const auto hear = [&](std::size_t count) {
        while (answered.size() < count) {
            auto answer = in.recv(60s).value();
            answered.emplace(answer.text());
            answer.ack();
        }
    };
    for (int life = 1; life <= kills; ++life) {
        process bank{orders_url, answers_url, directory};
        hear(static_cast<std::size_t>(life * orders / (kills + 1)));
        bank.end(SIGKILL);
    }
    {
        process bank{orders_url, answers_url, directory};
        hear(orders);
        out.flush(godwit::stage::processed, 60s).value();
        in.close().value();  // its acks are told while there is somebody to hear them
        bank.end(SIGKILL);
    }
    std::cout << "the bank was killed " << kills << " times\n";
    const std::set<std::string> different{answered.begin(), answered.end()};
    std::cout << different.size() << " orders are answered, "
              << (answered.size() == different.size() ? "each once\n" : "some twice\n");

    auto store = godwit::journal::open(directory / "bank.journal", {.durable_anywhere = true}).value();
    const auto bank = godwit::transactions::open(store.stream("accounts").value()).value().view();
    int sum = 0, right = 0;
    for (int account = 0; account < accounts; ++account) {
        int wanted_balance = opening_balance;
        for (int number = 1; number <= orders; ++number) {
            if (number % accounts == account) wanted_balance -= number;
            if ((number * 7 + 1) % accounts == account) wanted_balance += number;
        }
        sum += balance(bank, account);
        right += balance(bank, account) == wanted_balance;
    }
    std::cout << "all accounts together have " << sum << "\n" << right << " of " << accounts << " balances are right\n";
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc == 4) {
        serve(argv[1], argv[2], argv[3]);
        return 0;
    }
    const std::string url = between_processes(argc > 1 ? argv[1] : "inproc://");
    // Which may be in memory: hence durable_anywhere, which nothing that has to outlive the power should say.
    const auto directory = std::filesystem::temp_directory_path() / ("bank_transfer." + std::to_string(::getpid()));
    std::filesystem::create_directory(directory);
    run(url, directory);
    std::filesystem::remove_all(directory);
} catch (const std::exception& problem) {
    std::cerr << "bank_transfer: " << problem.what() << '\n';
    return 1;
}
