#include "dedup/mark_log.hpp"

#include <algorithm>
#include <new>
#include <string>

#include "base/checksum.hpp"

namespace godwit::detail {

namespace mf = mark_format;

namespace {

constexpr std::string_view identity_name = "identity", lock_name = "lock", prefix = "marks-";
constexpr std::size_t digits = 20;
constexpr std::uint64_t grows_to = 1u << 20;  // at least, before it is written anew
constexpr std::uint64_t grows_by = 4;         // times what it began with

std::string name_of(std::uint64_t number) {
    const std::string text = std::to_string(number);
    return std::string{prefix} + std::string(digits - text.size(), '0') + text;
}

class guard_content final : public mark_content {
public:
    explicit guard_content(guard& of) noexcept : of_{of} {}
    mf::content holds() const noexcept override { return mf::content::marks; }
    void put_all(std::string& into) const override { detail::put_all(into, of_); }
    status apply(bytes content, bool& closed) override { return apply_marks(content, of_, closed); }

private:
    guard& of_;
};

error holds_else(std::string_view where, mf::content what) {
    if (what == mf::content::ids) return {errc::mismatch, where, "it holds ids of the user's choice: id_store::open"};
    if (what == mf::content::marks) return {errc::mismatch, where, "it holds what dedup has handled: dedup::open"};
    return {errc::unsupported, where, "it holds what this release does not know"};
}

bool is_marks(std::string_view name) { return name.starts_with(prefix) && name.size() == prefix.size() + digits; }

}  // namespace

result<std::unique_ptr<mark_log>> mark_log::open(std::unique_ptr<directory> where, world with, guard& into,
                                                 dedup_recovery& found) {
    guard_content content{into};
    auto made = open(std::move(where), with, content, found);
    found.producers = into.producers().size();
    return made;
}

result<std::unique_ptr<mark_log>> mark_log::open(std::unique_ptr<directory> where, world with, mark_content& into,
                                                 dedup_recovery& found) {
    std::unique_ptr<mark_log> made{new mark_log{std::move(where)}};
    const auto locked = made->where_->lock(lock_name);
    if (!locked) return locked.error();
    if (!*locked) return error{errc::locked, made->path(), "another process, or another part of this one, has it open"};
    made->header_.holds = made->mine_.holds = into.holds();
    if (auto taken = made->take_place(with, found); !taken) return taken.error();
    if (auto read = made->read(into, found); !read) return read.error();
    ++made->header_.epoch;
    made->header_.nonce = {with.random.draw(), with.random.draw()};
    found.epoch = made->header_.epoch;
    std::string all;
    into.put_all(all);
    if (auto begun = made->begin(all); !begun) return begun.error();
    // Last, so that a crash before leaves a directory that is adopted again.
    if (made->is_adopted_) {
        const std::string written = encode(made->mine_);
        if (auto named = write_whole(*made->where_, identity_name, as_bytes_of(written)); !named) return named.error();
    }
    return made;
}

status mark_log::take_place(world with, dedup_recovery& found) {
    const auto here = where_->place_of(lock_name);
    if (!here) return here.error();
    const auto image = read_whole(*where_, identity_name, mf::identity_bytes);
    if (image) {
        const auto known = decode_place(*image);
        if (known.failed(errc::unsupported)) return known.error();
        if (!known) return error{errc::corrupt, std::string{path()} + "/identity", known.error().what()};
        if (known->holds != mine_.holds) return holds_else(path(), known->holds);
        if (known->place != *here)
            return error{errc::conflict, path(),
                         "this directory is a copy: delete its identity to make of it a memory of its own"};
        scope_ = known->scope;
        return {};
    }
    if (image.failed(errc::too_large)) return error{errc::corrupt, std::string{path()} + "/identity"};
    if (!image.failed(errc::not_found)) return image.error();
    found.is_new = is_adopted_ = true;
    mine_.scope = scope_ = {with.random.draw(), with.random.draw()};
    mine_.made = with.time.wall().time_since_epoch().count();
    mine_.place = *here;
    return {};
}

status mark_log::read(mark_content& into, dedup_recovery& found) {
    const auto names = where_->list();
    if (!names) return names.error();
    header_.number = header_.epoch = 0;
    const auto last = std::find_if(names->rbegin(), names->rend(), is_marks);  // they are sorted
    if (last == names->rend()) return {};
    found.is_new = false;
    const auto image = read_whole(*where_, *last, mf::file_bytes_max);
    if (!image) return image.error();
    const auto header = decode_mark_file(*image);
    if (header.failed(errc::unsupported)) return header.error();
    const std::string where = std::string{path()} + "/" + *last;
    if (!header || name_of(header->number) != *last) return error{errc::corrupt, where, "its header is damaged"};
    if (header->holds != mine_.holds) return holds_else(where, header->holds);
    if (header->scope != scope_ && !is_adopted_) return error{errc::conflict, where, "this file is of another memory"};
    header_ = *header;
    return read_entries(where, *image, into, found);
}

// What is behind the first bad entry is a tail that was never confirmed, unless an entry there says that it was synced.
status mark_log::read_entries(std::string_view name, bytes image, mark_content& into, dedup_recovery& found) {
    const std::uint64_t seed = digest(image.first(mf::file_header_bytes));
    bytes left = image.subspan(mf::file_header_bytes);
    std::uint64_t next = 1;
    for (; !left.empty(); ++next) {
        const auto entry = find_marks(left, seed);
        if (!entry || entry->number != next) break;
        if (auto applied = into.apply(entry->content, found.clean); !applied) return applied;
        left = left.subspan(entry->size_bytes);
    }
    found.cut_bytes = left.size();
    const auto corrupt = [&] {
        return error{errc::corrupt, std::string{name} + " at byte " + std::to_string(image.size() - left.size()),
                     "confirmed marks are damaged: what they said is not known"};
    };
    if (next == 1) return corrupt();  // a file is there only with its first entry
    if (!left.empty()) found.clean = false;
    for (bytes rest = left; rest.size() >= mf::entry_header_bytes; rest = rest.subspan(1)) {
        const auto entry = find_marks(rest, seed);
        if (entry && entry->synced >= next) return corrupt();
    }
    return {};
}

status mark_log::begin(std::string_view all) {
    const auto made = make_file(all);
    return made ? take_over(*made) : status{made.error()};
}

result<mark_log::new_file> mark_log::make_file(std::string_view all) {
    mark_file_header next = header_;
    next.scope = scope_;
    ++next.number;
    const std::string head = encode(next);
    const std::uint64_t seed = digest(as_bytes_of(head));
    std::string image;
    try {
        image = head + seal_marks(all, 1, 1, seed);
    } catch (const std::bad_alloc&) {
        return error{errc::no_resources, path(), "the process is out of memory"};
    }
    if (auto written = write_whole(*where_, name_of(next.number), as_bytes_of(image)); !written) return written.error();
    return new_file{next, seed, image.size()};
}

status mark_log::take_over(const new_file& made) {
    const std::string name = name_of(made.header.number);
    auto opened = where_->open(name, file_use::write);
    if (!opened) return opened.error();
    open_ = std::move(*opened);
    header_ = made.header;
    seed_ = made.seed;
    size_ = begun_size_ = made.size;
    last_ = synced_ = 1;
    return remove_all_but(name);
}

status mark_log::remove_all_but(std::string_view name) {
    const auto names = where_->list();
    if (!names) return names.error();
    for (const std::string& one : *names) {
        if (!one.starts_with(prefix) || one == name) continue;
        if (auto removed = where_->remove(one); !removed) return removed;
    }
    return {};
}

status mark_log::append(std::string_view content) {
    if (!broken_) return broken_;
    const std::string image = seal_marks(content, last_ + 1, synced_, seed_);
    const bytes part = as_bytes_of(image);
    status written = open_->write(size_, {&part, 1});
    if (written.failed(errc::full)) {
        // Its half is not to stand before the next one.
        if (auto cut = open_->resize(size_); !cut) return broken_ = cut;
        return written;
    }
    if (!written) return broken_ = written;
    size_ += image.size();
    ++last_;
    return {};
}

status mark_log::sync() {
    if (!broken_) return broken_;
    if (synced_ == last_) return {};
    if (auto synced = open_->sync(); !synced) return broken_ = synced;
    synced_ = last_;
    return {};
}

bool mark_log::has_grown() const noexcept { return size_ > std::max(grows_to, grows_by * begun_size_); }

status mark_log::rewrite(std::string_view all) {
    if (!broken_) return broken_;
    const auto made = make_file(all);
    if (made.failed(errc::full) || made.failed(errc::no_resources)) return errc::full;
    const status done = made ? take_over(*made) : status{made.error()};
    if (!done) broken_ = done;
    return done;
}

status mark_log::close() {
    if (!broken_) return broken_;
    std::string last;
    put_closed(last);
    if (auto written = append(last); !written) return written;
    return sync();
}

}  // namespace godwit::detail
