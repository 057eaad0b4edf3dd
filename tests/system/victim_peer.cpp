// The application that strangers attack: a rep that echoes, a pull that counts and a pub that ticks, over tcp, once in the
// clear on the loopback and once with keys and an access list. Whatever reaches it and is not of a regular_peer is foreign.
#include <mutex>
#include <optional>
#include <thread>

#include "godwit/godwit.hpp"
#include "system/script.hpp"

namespace {

using namespace std::chrono_literals;
using script::words;

// "regular NAME NUMBER", counted for each name: every number once, in order.
class tally {
public:
    void count(const godwit::message& came) {
        std::istringstream text{std::string{came.text()}};
        std::string tag, name, rest;
        std::uint64_t number = 0;
        const bool regular =
            came.frame_count() == 1 && text >> tag >> name >> number && tag == "regular" && !(text >> rest);
        const std::lock_guard hold{lock_};
        if (!regular) {
            if (foreign_++ == 0) first_foreign_ = script::hex(came.text().substr(0, 64));
            return;
        }
        sender& from = senders_[name];
        if (number < from.next) ++from.repeated;
        if (number > from.next) from.missing += number - from.next;
        if (number >= from.next) from.next = number + 1;
        ++from.came;
    }

    std::string json() const {
        const std::lock_guard hold{lock_};
        std::string text =
            R"({"foreign":)" + std::to_string(foreign_) + R"(,"first_foreign":")" + first_foreign_ + R"(","senders":{)";
        for (const auto& [name, from] : senders_) {
            text += (text.back() == '{' ? "\"" : ",\"") + name + R"(":{"came":)" + std::to_string(from.came) +
                    R"(,"missing":)" + std::to_string(from.missing) + R"(,"repeated":)" +
                    std::to_string(from.repeated) + "}";
        }
        return text + "}}";
    }

private:
    struct sender {
        std::uint64_t next = 0, came = 0, missing = 0, repeated = 0;
    };
    mutable std::mutex lock_;
    // Guarded by lock_:
    std::map<std::string, sender> senders_;
    std::uint64_t foreign_ = 0;
    std::string first_foreign_;
};

godwit::context ctx;
godwit::access_list who;
tally asked, pushed;

class service {
public:
    explicit service(const godwit::socket_options& options)
        : rep_{ctx, options}, pull_{ctx, options}, pub_{ctx, options} {}

    std::string start() {
        std::string urls;
        for (godwit::socket* each : {static_cast<godwit::socket*>(&rep_), static_cast<godwit::socket*>(&pull_),
                                     static_cast<godwit::socket*>(&pub_)})
            urls += " " + each->bind("tcp://127.0.0.1:*").value();
        threads_.emplace_back([this](const std::stop_token& stop) {
            while (auto came = rep_.recv(godwit::timeout::never, stop)) {
                asked.count(came->message());
                (void)came->reply(came->message());
            }
        });
        threads_.emplace_back([this](const std::stop_token& stop) {
            while (auto came = pull_.recv(godwit::timeout::never, stop)) pushed.count(came->message());
        });
        threads_.emplace_back([this](const std::stop_token& stop) {
            for (std::uint64_t number = 0; !stop.stop_requested(); ++number) {
                (void)pub_.send("ticks", std::to_string(number));
                std::this_thread::sleep_for(10ms);
            }
        });
        return urls;
    }

private:
    godwit::rep rep_;
    godwit::pull pull_;
    godwit::pub pub_;
    std::vector<std::jthread> threads_;
};

std::optional<service> plain, keyed;

// serve KEY_FILE LIST_FILE FIELD=NUMBER…: the limits of all sockets. Answers with the URLs of rep, pull and pub, twice.
std::string serve(const words& w) {
    godwit::socket_options options{.handshake_max = 1s};
    for (std::size_t i = 2; i < w.size(); ++i) {
        const auto equals = w[i].find('=');
        const auto field = w[i].substr(0, equals);
        const auto value = script::number(w[i].substr(equals + 1));
        if (field == "message_bytes_max")
            options.message_bytes_max = value;
        else if (field == "handshakes_max")
            options.handshakes_max = value;
        else if (field == "peers_max")
            options.peers_max = value;
        else if (field == "unread_bytes_max")
            options.unread_bytes_max = value;
        else if (field == "subscriptions_max")
            options.subscriptions_max = value;
        else if (field == "subscription_bytes_max")
            options.subscription_bytes_max = value;
        else
            throw std::runtime_error{"no option " + field};
    }
    plain.emplace(options);
    options.keys = godwit::key_pair::load(w.at(0)).value();
    who = godwit::access_list::load(w.at(1)).value();
    options.allow = who;
    keyed.emplace(options);
    return "ok" + plain->start() + keyed->start();
}

std::string revoke(const words& w) {
    who.revoke(godwit::public_key::parse(script::unhex(w.at(0))).value());
    return "ok";
}

std::string report(const words&) {
    return R"(ok {"asked":)" + asked.json() + R"(,"pushed":)" + pushed.json() + R"(,"context":)" +
           godwit::to_json(ctx.report()) + "}";
}

const script::commands known{{"serve", serve}, {"revoke", revoke}, {"report", report}};

}  // namespace

int main() {
    const int status = script::run(known);
    keyed.reset();
    plain.reset();
    return status;
}
