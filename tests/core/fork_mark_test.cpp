#include "core/fork_mark.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <optional>

#include "test_main.hpp"

using godwit::detail::fork_mark;

namespace {

// What the child makes of it, as its exit status; -1 when there was no child or it died of something else.
template <class Ask>
int in_a_child(Ask&& ask) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(ask());
    int status = 0;
    if (child < 0 || ::waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
    return WEXITSTATUS(status);
}

}  // namespace

TEST_CASE("a child knows that a mark is its parent's, and the parent that it is its own") {
    const fork_mark mark;
    const fork_mark::view view{mark};
    CHECK_FALSE(mark.forked());
    CHECK_FALSE(view.forked());
    CHECK(in_a_child([&] { return mark.forked() && view.forked() ? 42 : 1; }) == 42);
    CHECK_FALSE(mark.forked());
    CHECK_FALSE(view.forked());
}

TEST_CASE("a mark made in a child is the child's own, and a grandchild sees both as foreign") {
    const fork_mark mark;
    const int seen = in_a_child([&] {
        const fork_mark own;
        if (own.forked() || !mark.forked()) return 1;
        return in_a_child([&] { return own.forked() && mark.forked() ? 42 : 2; });
    });
    CHECK(seen == 42);
}

TEST_CASE("a mark may be destroyed in the child, and the parent's is untouched") {
    std::optional<fork_mark> mark;
    mark.emplace();
    CHECK(in_a_child([&] { return mark.reset(), 42; }) == 42);
    CHECK_FALSE(mark->forked());
}
