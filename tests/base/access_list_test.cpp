#include "godwit/access_list.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "base/access_state.hpp"
#include "test_main.hpp"

using namespace godwit;
using namespace godwit::detail;
using verdict = access_list::state::verdict;

namespace {

public_key key(unsigned number) {
    std::array<std::byte, public_key::size> raw{};
    raw[0] = std::byte(number >> 8);
    raw[1] = std::byte(number);
    raw[31] = std::byte{1};
    return public_key{raw};
}

rights only(std::string_view words) { return rights::parse(words).value(); }

struct witness final : access_listener {
    std::vector<public_key> seen;
    void ended(std::span<const public_key> keys) override { seen.insert(seen.end(), keys.begin(), keys.end()); }
    std::vector<public_key> take() { return std::exchange(seen, {}); }
};

std::shared_ptr<witness> watch(const access_list& list) {
    auto made = std::make_shared<witness>();
    access::of(list).tell(made);
    return made;
}

class list_file {
public:
    list_file() {
        char name[] = "/tmp/godwit-list-XXXXXX";
        REQUIRE(::mkdtemp(name) != nullptr);
        directory_ = name;
    }
    ~list_file() {
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }
    std::filesystem::path path() const { return directory_ / "list"; }
    std::filesystem::path holding(std::string_view text, mode_t mode = 0644) const {
        std::ofstream{path(), std::ios::binary} << text;
        REQUIRE(::chmod(path().c_str(), mode) == 0);
        return path();
    }

private:
    std::filesystem::path directory_;
};

}  // namespace

TEST_CASE("row 87: who is not listed is refused, and an empty list lets nobody in") {
    access_list list;
    REQUIRE(access::of(list).decide(key(1)).what == verdict::refused);
    REQUIRE(list.allow(key(1)));
    REQUIRE(access::of(list).decide(key(1)).what == verdict::allowed);
    REQUIRE(access::of(list).decide(key(2)).what == verdict::refused);
    list.revoke(key(1));
    REQUIRE(access::of(list).decide(key(1)).what == verdict::refused);
    REQUIRE(access::of(list).decide(key(1)).reason == "its key was revoked");
    REQUIRE(list.allow(key(1)));
    REQUIRE(access::of(list).decide(key(1)).what == verdict::allowed);
    REQUIRE(list.allow(public_key{}).failed(errc::malformed));
}

TEST_CASE("copies share one list") {
    access_list list;
    const access_list copy = list;
    REQUIRE(list.allow(key(1)));
    REQUIRE(copy.keys() == std::vector{key(1)});
}

TEST_CASE("anyone means anyone but the revoked") {
    access_list list = access_list::anyone();
    REQUIRE(access::of(list).decide(key(1)).what == verdict::allowed);
    list.revoke(key(1));
    REQUIRE(access::of(list).decide(key(1)).what == verdict::refused);
    REQUIRE(access::of(list).decide(key(2)).what == verdict::allowed);
    REQUIRE(access::of(list).rights_of({key(1), 0, 1}) == nullptr);
    REQUIRE(access::of(list).rights_of({key(2), 0, 2}) != nullptr);
}

TEST_CASE("the judge is asked about those that are neither listed nor revoked") {
    access_list list;
    REQUIRE(list.allow(key(1)));
    list.revoke(key(2));
    list.ask([](const applicant&) { return std::optional{rights{}}; });
    REQUIRE(access::of(list).decide(key(1)).what == verdict::allowed);
    REQUIRE(access::of(list).decide(key(2)).what == verdict::refused);
    REQUIRE(access::of(list).decide(key(3)).what == verdict::ask);
    list.ask({});
    REQUIRE(access::of(list).decide(key(3)).what == verdict::refused);
}

TEST_CASE("a judged peer keeps its rights by number until it is listed or revoked") {
    access_list list;
    auto& state = access::of(list);
    const auto first = state.number_of(only("push=a"));
    const auto second = state.number_of(only("push=b"));
    REQUIRE(first != 0);
    REQUIRE(second != first);
    REQUIRE(state.number_of(only("push=a")) == first);
    const admission who{key(1), second, 17};
    admission back;
    REQUIRE(admission::parse(who.text(), back));
    REQUIRE(back.key == who.key);
    REQUIRE(back.judged == second);
    REQUIRE(back.serial == 17);
    REQUIRE(*state.rights_of(back) == only("push=b"));
    REQUIRE(state.rights_of({key(1), 99, 1}) == nullptr);
    REQUIRE(state.rights_of({key(1), 0, 1}) == nullptr);
    REQUIRE(list.allow(key(1), only("push=c")));
    REQUIRE(*state.rights_of(back) == only("push=c"));
    list.revoke(key(1));
    REQUIRE(state.rights_of(back) == nullptr);
}

TEST_CASE("the different rights that judges give are bounded") {
    access_list list;
    auto& state = access::of(list);
    for (std::size_t i = 0; i < judged_rights_max; ++i) {
        rights may = rights::none();
        may.push = {std::to_string(i)};
        if (state.number_of(may) != i + 1) FAIL(i);
    }
    REQUIRE(state.number_of(only("pull")) == 0);
    rights known = rights::none();
    known.push = {"17"};
    REQUIRE(state.number_of(known) == 18);
}

TEST_CASE("an admission that does not parse is nobody's") {
    admission who;
    const std::string text = key(1).text();
    REQUIRE(admission::parse(text + " 0 1", who));
    for (const std::string& wrong :
         {std::string{}, text, text + "1", text + " ", text + " 1", text + " 1 ", text + " x 1", text + " 1 1x",
          text + " 1 1 1", text + " -1 1", text + " 99999999999 1", text.substr(1) + " 0 1"}) {
        INFO(wrong);
        REQUIRE_FALSE(admission::parse(wrong, who));
    }
}

TEST_CASE("who enforces a list is told whose links end, once each") {
    access_list list;
    const auto seen = watch(list);
    REQUIRE(list.allow(key(1)));
    REQUIRE(seen->take().empty());  // it cannot be here yet
    REQUIRE(list.allow(key(1)));
    REQUIRE(seen->take().empty());  // nothing changed
    REQUIRE(list.allow(key(1), only("push")));
    REQUIRE(seen->take() == std::vector{key(1)});
    list.revoke(key(1));
    REQUIRE(seen->take() == std::vector{key(1)});
    REQUIRE(list.allow(key(1)));
    REQUIRE(seen->take().empty());
    list.ask([](const applicant&) { return std::optional{rights{}}; });
    REQUIRE(list.allow(key(2), only("pull")));  // the judge may have let it in with other rights
    REQUIRE(seen->take() == std::vector{key(2)});
}

TEST_CASE("every change has a new generation") {
    access_list list;
    auto& state = access::of(list);
    const auto first = state.generation();
    REQUIRE(list.allow(key(1)));
    const auto second = state.generation();
    REQUIRE(second > first);
    list.revoke(key(1));
    REQUIRE(state.generation() > second);
}

TEST_CASE("a list takes 100,000 keys and no more") {
    access_list::state::listing many;
    const auto may = std::make_shared<const rights>();
    std::array<std::byte, public_key::size> raw{};
    for (std::size_t i = 0; i < access_list::keys_max; ++i) {
        for (std::size_t b = 0; b < 4; ++b) raw[b] = std::byte((i + 1) >> (8 * b));
        many.emplace(public_key{raw}, may);
    }
    access_list list;
    access::of(list).replace(std::move(many));
    REQUIRE(list.keys().size() == access_list::keys_max);
    REQUIRE(list.allow(key(1)).failed(errc::too_large));
    list.revoke(list.keys().front());
    REQUIRE(list.allow(key(1)));
}

TEST_CASE("a file of keys: rights, empty lines, words") {
    const list_file file;
    const auto list = access_list::load(
        file.holding("# ours\n" + key(1).text() + "\n\n" + key(2).text() + "\tsub=eur.,usd. pull\n" + key(3).text()));
    REQUIRE(list);
    REQUIRE(list->keys() == std::vector{key(1), key(2), key(3)});
    REQUIRE(*access::of(*list).decide(key(1)).may == rights{});
    REQUIRE(*access::of(*list).decide(key(2)).may == only("sub=eur.,usd. pull"));
    REQUIRE(access_list::load(file.holding(""))->keys().empty());
}

TEST_CASE("a file of keys that is not right is refused, naming the line, and a reload then changes nothing") {
    const list_file file;
    auto list = access_list::load(file.holding(key(1).text() + "\n"));
    REQUIRE(list);
    const auto refused = [&](std::string_view text, std::string_view words) {
        const auto loaded = list->reload(file.holding(text));
        REQUIRE(loaded.failed(errc::malformed));
        INFO(loaded.error().what());
        REQUIRE(std::string_view{loaded.error().what()}.find(words) != std::string_view::npos);
        REQUIRE(list->keys() == std::vector{key(1)});
    };
    refused("# one\n" + key(2).text() + "\nnonsense\n", "line 3");
    refused(key(2).text() + " publish\n", "line 1");
    refused(key(2).text() + "\r\n", "CRLF");
    refused(key(2).text() + "\n" + key(2).text() + " push\n", "line 2");
    refused(" " + key(2).text() + "\n", "line 1");
    refused(std::string(40, '0') + "\n", "line 1");
    REQUIRE(list->reload("/tmp/godwit-no-such-file").failed(errc::not_found));
}

TEST_CASE("a reload revokes the keys that are gone and tells whose rights changed") {
    const list_file file;
    auto list = access_list::load(file.holding(key(1).text() + "\n" + key(2).text() + "\n" + key(3).text() + "\n"));
    REQUIRE(list);
    const auto seen = watch(*list);
    REQUIRE(list->reload(file.holding(key(2).text() + " push\n" + key(3).text() + "\n" + key(4).text() + "\n")));
    auto ended = seen->take();
    std::ranges::sort(ended);
    REQUIRE(ended == std::vector{key(1), key(2)});
    REQUIRE(access::of(*list).decide(key(1)).reason == "its key was revoked");
    REQUIRE(access::of(*list).decide(key(4)).what == verdict::allowed);
}

TEST_CASE("a file of keys that others may write, or a link, is insecure") {
    const list_file file;
    REQUIRE(access_list::load(file.holding("", 0644)));
    for (const mode_t mode : {0664, 0646, 0666}) {
        REQUIRE(access_list::load(file.holding("", mode)).failed(errc::insecure));
    }
    file.holding("", 0644);
    const auto link = file.path().native() + "-link";
    std::filesystem::create_symlink(file.path(), link);
    REQUIRE(access_list::load(link).failed(errc::insecure));
}
