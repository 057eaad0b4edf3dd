#include "core/ipc_claim.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "test_main.hpp"

using godwit::errc;
using godwit::detail::ipc_claim;
using godwit::detail::unique_fd;
namespace fs = std::filesystem;

namespace {

struct directory {
    directory() {
        char name[] = "/tmp/godwit-claim-XXXXXX";
        REQUIRE(::mkdtemp(name) != nullptr);
        path = name;
    }
    ~directory() {
        std::error_code ignored;
        fs::remove_all(path, ignored);
    }
    std::string at(const std::string& name) const { return (path / name).string(); }
    fs::path path;
};

// A socket bound at the path; it listens if asked to. Its file stays when it is closed, as after a crash.
unique_fd bound_at(const std::string& path, bool listens) {
    unique_fd made{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::memcpy(name.sun_path, path.data(), path.size());
    REQUIRE(::bind(made.get(), reinterpret_cast<sockaddr*>(&name), sizeof name) == 0);
    if (listens) REQUIRE(::listen(made.get(), 1) == 0);
    return made;
}

bool is_socket(const std::string& path) { return fs::is_socket(fs::symlink_status(path)); }

std::string content(const std::string& path) {
    std::ifstream file{path};
    return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace

TEST_CASE("a free path is claimed by one alone, and can be claimed again when that one lets go") {
    const directory here;
    for (const char* const name : {"plain", "with spaces and 'quotes'", "\xc3\xa9\xe2\x82\xac", "-rf"}) {
        CAPTURE(name);
        const std::string path = here.at(name);
        auto first = ipc_claim::make(path);
        REQUIRE(first);
        const auto second = ipc_claim::make(path);
        REQUIRE(second.failed(errc::address_in_use));
        CHECK(second.error().value() == godwit::error(errc::io, "ipc://" + path).value());
        const unique_fd listener = bound_at(path, true);
        first->bound();
        CHECK_FALSE(first->stolen());
        CHECK(ipc_claim::make(path).failed(errc::address_in_use));
        first->release();
        CHECK_FALSE(fs::exists(path));
        CHECK(fs::exists(path + ".lock"));
        CHECK(ipc_claim::make(path));
        CHECK(fs::exists(path + ".lock"));
    }
}

TEST_CASE("a claim that is dropped without a release lets go of the lock, and its dead socket is reclaimed") {
    const directory here;
    const std::string path = here.at("s");
    {
        auto crashed = ipc_claim::make(path);
        REQUIRE(crashed);
        const unique_fd socket = bound_at(path, true);
        crashed->bound();
    }
    REQUIRE(is_socket(path));
    const auto next = ipc_claim::make(path);
    REQUIRE(next);
    CHECK_FALSE(fs::exists(path));
}

TEST_CASE("a path where somebody listens without a lock is in use, and its socket is left alone") {
    const directory here;
    const std::string path = here.at("s");
    const unique_fd raw = bound_at(path, true);
    CHECK(ipc_claim::make(path).failed(errc::address_in_use));
    // With a full backlog, too: nobody answers the probe, but somebody is there.
    std::vector<unique_fd> callers;
    for (int i = 0; i < 8; ++i) {
        callers.emplace_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        sockaddr_un name{};
        name.sun_family = AF_UNIX;
        std::memcpy(name.sun_path, path.data(), path.size());
        if (::connect(callers.back().get(), reinterpret_cast<sockaddr*>(&name), sizeof name) != 0) break;
    }
    CHECK(ipc_claim::make(path).failed(errc::address_in_use));
    CHECK(is_socket(path));
}

TEST_CASE("a path with a dead socket, bound but not listening, is reclaimed") {
    const directory here;
    const std::string path = here.at("s");
    bound_at(path, true);
    REQUIRE(is_socket(path));
    CHECK(ipc_claim::make(path));
    CHECK_FALSE(fs::exists(path));
}

TEST_CASE("what is at the path but is no socket is refused and left untouched") {
    const directory here;
    const std::string file = here.at("file");
    std::ofstream{file} << "precious";
    const std::string folder = here.at("folder");
    fs::create_directory(folder);
    const std::string link = here.at("link");
    fs::create_symlink(file, link);
    const std::string dangling = here.at("dangling");
    fs::create_symlink(here.at("nowhere"), dangling);
    for (const std::string& path : {file, folder, link, dangling}) {
        CAPTURE(path);
        CHECK(ipc_claim::make(path).failed(errc::invalid_endpoint));
    }
    CHECK(content(file) == "precious");
    CHECK(fs::is_directory(folder));
    CHECK(fs::is_symlink(link));
    CHECK(fs::is_symlink(dangling));
    CHECK_FALSE(fs::exists(here.at("nowhere")));
}

TEST_CASE("a directory that does not exist is not made, and the error names the lock file") {
    const directory here;
    const auto refused = ipc_claim::make(here.at("no/such/s"));
    REQUIRE_FALSE(refused);
    CHECK(std::string{refused.error().what()}.find("no/such/s.lock") != std::string::npos);
    CHECK_FALSE(fs::exists(here.at("no")));
}

TEST_CASE("a symbolic link in the place of the lock file is not followed") {
    const directory here;
    const std::string victim = here.at("victim");
    fs::create_symlink(victim, here.at("s.lock"));
    CHECK_FALSE(ipc_claim::make(here.at("s")));
    CHECK_FALSE(fs::exists(victim));
    std::ofstream{victim} << "precious";
    CHECK_FALSE(ipc_claim::make(here.at("s")));
    CHECK(content(victim) == "precious");
}

TEST_CASE("a lock file that is there already, with whatever in it, serves and keeps its content") {
    const directory here;
    std::ofstream{here.at("s.lock")} << "old";
    CHECK(ipc_claim::make(here.at("s")));
    CHECK(content(here.at("s.lock")) == "old");
}

TEST_CASE("a theft is seen, and the thief's socket is not unlinked by the release") {
    const directory here;
    const std::string path = here.at("s");
    auto ours = ipc_claim::make(path);
    REQUIRE(ours);
    const unique_fd listener = bound_at(path, true);
    ours->bound();
    REQUIRE_FALSE(ours->stolen());

    fs::remove(path);
    CHECK(ours->stolen());
    const unique_fd thief = bound_at(path, true);
    CHECK(ours->stolen());
    ours->release();
    CHECK(is_socket(path));
    CHECK(ipc_claim::make(path).failed(errc::address_in_use));
}

TEST_CASE("a claim that never was bound unlinks nothing") {
    const directory here;
    const std::string path = here.at("s");
    auto claim = ipc_claim::make(path);
    REQUIRE(claim);
    const unique_fd other = bound_at(path, true);
    claim->release();
    CHECK(is_socket(path));
}

TEST_CASE("a claim goes on after it was moved, and two releases do no harm") {
    const directory here;
    const std::string path = here.at("s");
    auto first = ipc_claim::make(path);
    REQUIRE(first);
    const unique_fd listener = bound_at(path, true);
    first->bound();
    ipc_claim moved = std::move(*first);
    CHECK_FALSE(moved.stolen());
    CHECK(ipc_claim::make(path).failed(errc::address_in_use));
    moved.release();
    moved.release();
    CHECK_FALSE(fs::exists(path));
}
