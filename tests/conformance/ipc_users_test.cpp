// Row 95: other users of this machine, where no keys protect an ipc path.
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>

#include "conformance/security.hpp"

using namespace conformance;

namespace {

constexpr uid_t nobody = 65534;

// Runs `what` in a child that is another user; its exit code. The child makes a context of its own.
template <class What>
int as_another_user(What&& what) {
    const pid_t child = ::fork();
    if (child == 0) {
        if (::setgid(nobody) != 0 || ::setuid(nobody) != 0) ::_exit(99);
        ::_exit(what());
    }
    int status = -1;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool is_root() {
    if (::geteuid() == 0) return true;
    WARN("not root: cannot become another user, not run");
    return false;
}

// For any user to reach, and nobody but its owner to change.
std::string open_directory() {
    const std::string path = scratch().fresh();
    std::filesystem::create_directory(path);
    ::chmod(path.c_str(), 0755);
    ::chmod(std::filesystem::path{path}.parent_path().c_str(), 0755);
    return path;
}

}  // namespace

// Sanitizers do not survive a fork of several threads: the one for threads starts none, that for addresses may hold a lock.
#if !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
TEST_CASE("row 95: a peer of another user is refused over ipc without keys, and let in where any user may come") {
    if (!is_root()) return;
    for (const bool any_user : {false, true}) {
        const std::string path = open_directory() + "/in";
        for (const std::string& url : {"ipc://" + path, "ipc://@" + path}) {
            godwit::context ctx;
            godwit::pull in{ctx, {.any_user = any_user}};
            must(in.bind(url));
            ::chmod(path.c_str(), 0777);
            const int exit = as_another_user([&] {
                godwit::context own;
                // To a socket of root's one may connect.
                godwit::push out{own, {.linger = 50ms, .redial_min = 1h, .redial_max = 1h}};
                if (!out.connect(url) || !out.send("from another")) return 1;
                while (true) {
                    const auto next = out.next_event(soon);
                    if (!next) return 2;
                    if (next->kind == event_kind::handshake_refused) return 3;
                    if (next->kind == event_kind::peer_joined) return out.close(soon) ? 0 : 4;
                }
            });
            INFO(url);
            if (any_user) {
                REQUIRE(exit == 0);
                REQUIRE(receive(in) == "from another");
            } else {
                REQUIRE(exit == 3);
                const auto seen = event_of(in, event_kind::handshake_refused);
                REQUIRE(contains(seen, "uid " + std::to_string(nobody)));
                REQUIRE(contains(seen, "any_user"));
                REQUIRE(outcome(in.recv(0s)) == "timed_out");
            }
        }
    }
}
#endif

TEST_CASE("row 95: a socket that another user has put at our path is not connected to") {
    if (!is_root()) return;
    const std::string directory = open_directory();
    ::chmod(directory.c_str(), 01777);
    const std::string path = directory + "/trap", abstract = "@" + path;
    int ready[2], done[2];
    REQUIRE(::pipe(ready) == 0);
    REQUIRE(::pipe(done) == 0);
    const pid_t trap = ::fork();
    if (trap == 0) {
        if (::setgid(nobody) != 0 || ::setuid(nobody) != 0) ::_exit(99);
        godwit::context own;
        godwit::pull in{own, {.any_user = true}};
        if (!in.bind("ipc://" + path) || !in.bind("ipc://" + abstract)) ::_exit(1);
        char byte = 'r';
        (void)!::write(ready[1], &byte, 1);
        ::close(done[1]);
        (void)!::read(done[0], &byte, 1);
        ::_exit(0);
    }
    ::close(ready[1]);
    char byte = 0;
    REQUIRE(::read(ready[0], &byte, 1) == 1);
    {
        godwit::context ctx;
        godwit::push out{ctx};
        const auto refused = out.connect("ipc://" + path);
        REQUIRE(outcome(refused) == "insecure");
        REQUIRE(std::string_view{refused.error().what()}.find("65534") != std::string_view::npos);
        // What has no owner to look at is judged by who listens.
        must(out.connect("ipc://" + abstract));
        REQUIRE(contains(event_of(out, event_kind::handshake_refused), "uid 65534 listens there"));
        godwit::push trusting{ctx, {.any_user = true}};
        must(trusting.connect("ipc://" + path));
        must(trusting.wait_for_peers(1, soon));
    }
    ::close(done[1]);
    int status = 0;
    while (::waitpid(trap, &status, 0) < 0 && errno == EINTR) {}
    for (const int fd : {ready[0], done[0]}) ::close(fd);
}

TEST_CASE("row 95: to bind in a directory that anybody may write is insecure") {
    godwit::context ctx;
    const std::string directory = scratch().fresh();
    std::filesystem::create_directory(directory);
    const std::string url = "ipc://" + directory + "/in";
    REQUIRE(::chmod(directory.c_str(), 0777) == 0);
    {
        godwit::pull in{ctx};
        const auto refused = in.bind(url);
        REQUIRE(outcome(refused) == "insecure");
        REQUIRE(std::string_view{refused.error().what()}.find(directory) != std::string_view::npos);
        REQUIRE(std::string_view{refused.error().what()}.find("chmod") != std::string_view::npos);
    }
    for (const mode_t mode : {01777, 0700}) {
        REQUIRE(::chmod(directory.c_str(), mode) == 0);
        godwit::pull in{ctx};
        must(in.bind(url));
    }
    REQUIRE(::chmod(directory.c_str(), 0777) == 0);
    godwit::pull keyed{ctx, {.keys = fresh(), .allow = access_list{}}};
    must(keyed.bind(url));
}
