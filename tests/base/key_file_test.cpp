// Row 93: key files that are not safe, or not whole, are refused with the reason.
#include "base/key_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "base/z85.hpp"
#include "test_main.hpp"

using namespace godwit;
using namespace godwit::detail;

namespace {

namespace fs = std::filesystem;

class directory {
public:
    directory() {
        char name[] = "/tmp/godwit-keys-XXXXXX";
        REQUIRE(::mkdtemp(name) != nullptr);
        path_ = name;
    }
    ~directory() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    fs::path operator/(std::string_view name) const { return path_ / name; }

    fs::path holding(std::string_view text, mode_t mode = 0600) const {
        const fs::path file = path_ / "key";
        ::unlink(file.c_str());
        std::ofstream{file, std::ios::binary} << text;
        REQUIRE(::chmod(file.c_str(), mode) == 0);
        return file;
    }

private:
    fs::path path_;
};

std::string text_of(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream{file, std::ios::binary}.rdbuf();
    return text.str();
}

// Refused with this code; its sentence names the file and these words.
void refused(const fs::path& file, errc code, std::string_view words) {
    const auto loaded = key_pair::load(file);
    REQUIRE_FALSE(loaded);
    INFO(loaded.error().what());
    REQUIRE(loaded.failed(code));
    const std::string_view sentence{loaded.error().what()};
    REQUIRE(sentence.find(file.native()) != sentence.npos);
    REQUIRE(sentence.find(words) != sentence.npos);
}

// The example pair of zmq_curve_keypair's documentation and of libzmq's own tests.
constexpr std::string_view known_secret = "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs";
constexpr std::string_view known_public = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID";

}  // namespace

TEST_CASE("a saved pair is loaded again, and its files are as promised") {
    const directory here;
    const auto pair = key_pair::generate();
    REQUIRE(pair);
    const mode_t before = ::umask(0);
    const auto saved = pair->save(here / "key");
    ::umask(before);
    REQUIRE(saved);
    struct stat found {};
    REQUIRE(::stat((here / "key").c_str(), &found) == 0);
    REQUIRE((found.st_mode & 07777) == 0600);
    REQUIRE(text_of(here / "key.pub") == pair->public_part().text() + "\n");
    const auto loaded = key_pair::load(here / "key");
    REQUIRE(loaded);
    REQUIRE(loaded->public_part() == pair->public_part());
    REQUIRE(std::ranges::equal(key_access::secret(*loaded).raw(), key_access::secret(*pair).raw()));
    fs::remove(here / "key.pub");
    REQUIRE(key_pair::load(here / "key"));
}

TEST_CASE("saving overwrites nothing, follows no link and leaves nothing half") {
    const directory here;
    const auto pair = key_pair::generate();
    REQUIRE(pair);
    REQUIRE(pair->save(here / "key"));
    const std::string before = text_of(here / "key");
    const auto other = key_pair::generate();
    REQUIRE(other->save(here / "key").failed(errc::already_exists));
    REQUIRE(text_of(here / "key") == before);
    fs::remove(here / "key");
    REQUIRE(other->save(here / "key").failed(errc::already_exists));  // key.pub is there
    REQUIRE_FALSE(fs::exists(here / "key"));
    fs::create_symlink(here / "elsewhere", here / "link");
    REQUIRE(other->save(here / "link").failed(errc::already_exists));
    REQUIRE_FALSE(fs::exists(here / "elsewhere"));
    REQUIRE(other->save(here / "no-such-directory" / "key").failed(errc::io));
    REQUIRE(other->save(std::string_view{"a\0b", 3}).failed(errc::io));
}

TEST_CASE("row 93: a key file that others can read or write is refused") {
    const directory here;
    const std::string text = std::string{known_secret} + "\n";
    REQUIRE(key_pair::load(here.holding(text)));
    REQUIRE(key_pair::load(here.holding(text, 0400)));
    for (const mode_t mode : {0644, 0640, 0620, 0601, 0602, 0604, 0610}) {
        refused(here.holding(text, mode), errc::insecure, "chmod 600");
    }
    refused(here.holding(text, 0644), errc::insecure, "mode 0644");
}

TEST_CASE("row 93: a key file of another user is refused") {
    if (::geteuid() != 0) {
        WARN("not root: cannot make a file of another user's, not run");
        return;
    }
    const directory here;
    const auto file = here.holding(std::string{known_secret} + "\n");
    REQUIRE(::chown(file.c_str(), 12345, 0) == 0);
    refused(file, errc::insecure, "uid 12345");
}

TEST_CASE("row 93: a link is refused, also one to a good file, and so is what is no file") {
    const directory here;
    const auto file = here.holding(std::string{known_secret} + "\n");
    fs::create_symlink(file, here / "link");
    refused(here / "link", errc::insecure, "link");
    fs::create_directory(here / "folder");
    refused(here / "folder", errc::malformed, "no regular file");
    REQUIRE(::mkfifo((here / "pipe").c_str(), 0600) == 0);
    refused(here / "pipe", errc::malformed, "no regular file");  // and does not wait for a writer
    refused(here / "nothing", errc::not_found, "no such file");
    REQUIRE(key_pair::load(std::string_view{"a\0b", 3}).failed(errc::not_found));
}

TEST_CASE("row 93: a key file that is cut off, has Windows line ends or more than a key is refused") {
    const directory here;
    const std::string key{known_secret};
    for (std::size_t size = 1; size < key.size(); ++size) {
        refused(here.holding(key.substr(0, size)), errc::malformed, "cut off: " + std::to_string(size) + " of");
    }
    refused(here.holding(""), errc::malformed, "no key");
    refused(here.holding("# only words\n"), errc::malformed, "no key");
    refused(here.holding("# cut off in the words"), errc::malformed, "no key");
    refused(here.holding(key + "\r\n"), errc::malformed, "CRLF");
    refused(here.holding("# words\r\n" + key + "\r\n"), errc::malformed, "CRLF");
    refused(here.holding(key + "\n" + key + "\n"), errc::malformed, "more than one");
    refused(here.holding(key + "x\n"), errc::malformed, "more than one");
    refused(here.holding("\n" + key + "\n"), errc::malformed, "cut off: 0");
    refused(here.holding(key.substr(1) + ","), errc::malformed, "no key");
    refused(here.holding(std::string(40, '0')), errc::malformed, "zero");
    refused(here.holding(std::string(4097, '#')), errc::malformed, "too large");
    REQUIRE(key_pair::load(here.holding(key)));  // the last line may lack its end
    REQUIRE(key_pair::load(here.holding("#\n# words\n" + key + "\n")));
}

TEST_CASE("row 93: no error repeats what a key file holds") {
    const directory here;
    const std::string key{known_secret};
    for (const std::string& text :
         {key + "x", key + "\r\n", key.substr(0, 39), key.substr(0, 39) + ",", key + "\n" + key}) {
        const auto loaded = key_pair::load(here.holding(text));
        REQUIRE_FALSE(loaded);
        REQUIRE(std::string_view{loaded.error().what()}.find(key.substr(0, 8)) == std::string_view::npos);
    }
}

TEST_CASE("the public part follows from the secret one") {
    const directory here;
    const auto loaded = key_pair::load(here.holding(std::string{known_secret}));
    REQUIRE(loaded);
    REQUIRE(loaded->public_part().text() == known_public);
}
