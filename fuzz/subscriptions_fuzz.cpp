// prefix_set and subscription_table beside models that are too simple to be wrong.
#include <map>
#include <set>
#include <string>

#include "base/prefix_set.hpp"
#include "core/subscription_table.hpp"
#include "require.hpp"

using namespace godwit::detail;

namespace {

class model_set {
public:
    bool add(std::string_view prefix) { return ++copies_[std::string{prefix}] == 1; }
    bool remove(std::string_view prefix) {
        const auto found = copies_.find(std::string{prefix});
        if (found == copies_.end()) return false;
        if (--found->second == 0) copies_.erase(found);
        return true;
    }
    bool contains(std::string_view prefix) const { return copies_.count(std::string{prefix}) != 0; }
    bool matches(std::string_view topic) const {
        for (const auto& [prefix, times] : copies_)
            if (topic.starts_with(prefix)) return true;
        return false;
    }
    std::size_t size() const { return copies_.size(); }

private:
    std::map<std::string, int> copies_;
};

void play_set(input from) {
    prefix_set real;
    model_set model;
    while (!from.empty()) {
        const auto what = from.byte();
        const auto text = from.text(what >> 3);
        switch (what & 3) {
            case 0:
                require(real.add(text) == model.add(text), "add says whether it is new");
                break;
            case 1:
                require(real.remove(text) == model.remove(text), "remove says whether it was there");
                break;
            case 2:
                require(real.contains(text) == model.contains(text), "contains agrees");
                break;
            default:
                require(real.matches(text) == model.matches(text), "matches agrees");
        }
        require(real.size() == model.size(), "the size agrees");
    }
}

// Links that end as libzmq tells it: the descriptor first or the hang-ups first, then the other, nothing in between.
void play_table(input from) {
    subscription_table real;
    std::map<int, std::set<std::string>> model;
    while (!from.empty()) {
        const auto what = from.byte();
        const int link = (what >> 2) & 3;
        const std::string prefix{from.text(what >> 6)};
        switch (what & 3) {
            case 0:
                real.subscribed(link, prefix);
                model[link].insert(prefix);
                break;
            case 1:
                real.unsubscribed(link, prefix);
                model[link].erase(prefix);
                break;
            case 2:
                if ((what & 16) != 0) real.closed(link);
                for (const auto& each : model[link]) real.unsubscribed_by_hang_up(each);
                if ((what & 16) == 0) real.closed(link);
                model.erase(link);
                break;
            default: {
                std::size_t count = 0;
                for (const auto& [number, prefixes] : model) {
                    bool matched = false;
                    for (const auto& each : prefixes) matched = matched || prefix.starts_with(each);
                    count += matched ? 1u : 0u;
                }
                require(real.count(prefix) == count, "as many links as have a prefix of it");
            }
        }
    }
}

// As told by whoever likes: no model, but no crash either.
void play_nonsense(input from) {
    subscription_table real;
    while (!from.empty()) {
        const auto what = from.byte();
        const auto prefix = from.text(what >> 6);
        const int link = (what >> 2) & 7;
        switch (what & 3) {
            case 0:
                real.subscribed(link, prefix);
                break;
            case 1:
                real.unsubscribed(link, prefix);
                break;
            case 2:
                real.unsubscribed_by_hang_up(prefix);
                break;
            default:
                real.closed(link);
                require(real.count(prefix) <= 8, "no more links than there are");
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    input from{data, size};
    const auto which = from.byte() % 3;
    which == 0 ? play_set(from) : which == 1 ? play_table(from) : play_nonsense(from);
    return 0;
}
