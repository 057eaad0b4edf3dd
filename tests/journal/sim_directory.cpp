#include "journal/sim_directory.hpp"

#include <algorithm>

namespace journal_tests {

namespace {

constexpr std::size_t sector = 512;

// One part of a torn write: before, between or behind two sector boundaries.
disk_change torn(const disk_change& whole, std::mt19937_64& random) {
    const std::size_t sectors = (whole.data.size() + sector - 1) / sector;
    std::size_t from = random() % (sectors + 1), to = random() % (sectors + 1);
    if (from > to) std::swap(from, to);
    const auto begin = std::min(from * sector, whole.data.size()), end = std::min(to * sector, whole.data.size());
    disk_change part{whole.at + begin, {}, false};
    part.data.assign(whole.data.begin() + static_cast<std::ptrdiff_t>(begin),
                     whole.data.begin() + static_cast<std::ptrdiff_t>(end));
    return part;
}

disk_change without_data(const disk_change& whole, std::mt19937_64& random) {
    disk_change made = whole;
    const bool zeros = random() % 2 == 0;
    for (std::byte& one : made.data) one = zeros ? std::byte{0} : static_cast<std::byte>(random());
    return made;
}

content left_of(const inode& what, std::mt19937_64& random, loss how) {
    if (how == loss::none) return what.now;
    content made = what.durable;
    const std::size_t kept = random() % (what.pending.size() + 1);
    for (std::size_t i = 0; i < what.pending.size(); ++i) {
        const disk_change& one = what.pending[i];
        const bool coin = random() % 2 == 0;
        switch (how) {
            case loss::suffix:
                if (i < kept) carry_out(made, one);
                break;
            case loss::any:
                if (coin) carry_out(made, one);
                break;
            case loss::torn:
                if (!one.resizes && random() % 3 == 0) {
                    carry_out(made, torn(one, random));
                } else if (coin) {
                    carry_out(made, one);
                }
                break;
            case loss::sizes_only:
                if (coin) carry_out(made, one.resizes ? one : without_data(one, random));
                break;
            default:
                break;
        }
    }
    return made;
}

}  // namespace

void carry_out(content& to, const disk_change& one) {
    if (one.resizes) return to.resize(one.at);
    if (one.data.empty()) return;
    if (to.size() < one.at + one.data.size()) to.resize(one.at + one.data.size());
    std::ranges::copy(one.data, to.begin() + static_cast<std::ptrdiff_t>(one.at));
}

class sim_file final : public file {
public:
    sim_file(sim_disk& disk, std::shared_ptr<inode> of) : disk_{disk}, of_{std::move(of)} {}

    result<std::size_t> read(std::uint64_t at, std::span<std::byte> into) const override {
        const std::lock_guard hold{disk_.mutex_};
        if (++disk_.reads == disk_.fail_read_at || disk_.reads_fail) return error{errc::io, "injected"};
        if (disk_.crashed()) return error{errc::io, "crashed"};
        if (at >= of_->now.size()) return std::size_t{0};
        const auto size = std::min<std::size_t>(into.size(), of_->now.size() - at);
        std::copy_n(of_->now.begin() + static_cast<std::ptrdiff_t>(at), size, into.begin());
        disk_.read_bytes += size;
        return size;
    }
    status write(std::uint64_t at, std::span<const bytes> parts) override {
        const std::lock_guard hold{disk_.mutex_};
        disk_change one{at, {}, false};
        for (const bytes part : parts) one.data.insert(one.data.end(), part.begin(), part.end());
        if (auto may = disk_.call(); !may) {
            // Half of it may be there.
            if (!disk_.crashed()) {
                one.data.resize(one.data.size() / 2);
                change_by(one);
            }
            return may;
        }
        const std::uint64_t end = at + one.data.size(), size = of_->now.size(), space = disk_.space();
        if (end > size && end - size > space) {
            // What finds room is there.
            one.data.resize(size + space > at ? size + space - at : 0);
            change_by(one);
            return error{errc::full, "no space"};
        }
        change_by(one);
        return {};
    }
    status allocate(std::uint64_t end) override {
        const std::lock_guard hold{disk_.mutex_};
        if (auto may = disk_.call(); !may) return may;
        if (end > of_->now.size() && end - of_->now.size() > disk_.space()) return error{errc::full, "no space"};
        change_by({std::max<std::uint64_t>(end, of_->now.size()), {}, true});
        return {};
    }
    status resize(std::uint64_t size) override {
        const std::lock_guard hold{disk_.mutex_};
        if (auto may = disk_.call(); !may) return may;
        change_by({size, {}, true});
        return {};
    }
    // As ext4 has it: after an error what was to be written is clean in memory, and gone at the next crash, whatever is synced later.
    status sync() override {
        const std::lock_guard hold{disk_.mutex_};
        const auto may = disk_.call();
        if (disk_.crashed()) return may;
        if (may) {
            for (const disk_change& one : of_->pending) carry_out(of_->durable, one);
        }
        of_->pending.clear();
        return may ? may : error{errc::io, "injected"};
    }
    result<std::uint64_t> size() const override {
        const std::lock_guard hold{disk_.mutex_};
        if (disk_.crashed()) return error{errc::io, "crashed"};
        return of_->now.size();
    }

private:
    void change_by(const disk_change& one) {
        carry_out(of_->now, one);
        of_->pending.push_back(one);
    }

    sim_disk& disk_;
    std::shared_ptr<inode> of_;
};

class sim_directory final : public godwit::detail::directory {
public:
    explicit sim_directory(sim_disk& disk) : disk_{disk} {}
    ~sim_directory() override {
        if (has_lock_) disk_.locked = false;
    }

    std::string_view path() const noexcept override { return "sim"; }
    result<std::vector<std::string>> list() const override {
        if (disk_.crashed()) return error{errc::io, "crashed"};
        return disk_.names();
    }
    result<std::unique_ptr<file>> open(std::string_view name, file_use how) override {
        const std::lock_guard hold{disk_.mutex_};
        const auto found = disk_.names_.find(std::string{name});
        if (how != file_use::create) {
            if (disk_.crashed()) return error{errc::io, "crashed"};
            if (found == disk_.names_.end()) return error{errc::not_found, name};
            return std::unique_ptr<file>{std::make_unique<sim_file>(disk_, found->second)};
        }
        if (auto may = disk_.call(); !may) return may.error();
        if (found != disk_.names_.end()) return error{errc::already_exists, name};
        auto made = std::make_shared<inode>();
        change({{}, std::string{name}, made});
        return std::unique_ptr<file>{std::make_unique<sim_file>(disk_, std::move(made))};
    }
    status rename(std::string_view from, std::string_view to) override {
        const std::lock_guard hold{disk_.mutex_};
        if (auto may = disk_.call(); !may) return may;
        const auto found = disk_.names_.find(std::string{from});
        if (found == disk_.names_.end()) return error{errc::not_found, from};
        change({std::string{from}, std::string{to}, found->second});
        return {};
    }
    status link(std::string_view from, std::string_view to) override {
        const std::lock_guard hold{disk_.mutex_};
        if (auto may = disk_.call(); !may) return may;
        if (disk_.names_.contains(std::string{to})) return error{errc::already_exists, to};
        change({{}, std::string{to}, disk_.names_.at(std::string{from})});
        return {};
    }
    status remove(std::string_view name) override {
        const std::lock_guard hold{disk_.mutex_};
        if (!disk_.names_.contains(std::string{name})) return error{errc::not_found, name};
        if (auto may = disk_.call(); !may) return may;
        change({std::string{name}, {}, nullptr});
        return {};
    }
    status sync() override {
        const std::lock_guard hold{disk_.mutex_};
        if (!disk_.call()) return error{errc::io, "injected"};
        disk_.durable_names_ = disk_.names_;
        disk_.pending_names_.clear();
        return {};
    }
    result<bool> lock(std::string_view name) override {
        const std::lock_guard hold{disk_.mutex_};
        if (disk_.locked) return false;
        if (!disk_.names_.contains(std::string{name})) change({{}, std::string{name}, std::make_shared<inode>()});
        return disk_.locked = has_lock_ = true;
    }
    result<bool> is_locked(std::string_view) const override { return disk_.locked; }
    result<file_place> place_of(std::string_view) const override { return file_place{1, 2}; }

private:
    void change(sim_disk::name_change&& one) {
        if (!one.remove.empty()) disk_.names_.erase(one.remove);
        if (!one.add.empty()) disk_.names_[one.add] = one.what;
        disk_.pending_names_.push_back(std::move(one));
    }

    sim_disk& disk_;
    bool has_lock_ = false;
};

status sim_disk::call() {
    if (crashed()) return error{errc::io, "crashed"};
    ++calls;
    if (crashed()) return error{errc::io, "crashed"};
    if (fail_at != 0 && (fails_for_good ? calls >= fail_at : calls == fail_at)) return error{fail_with, "injected"};
    return {};
}

std::uint64_t sim_disk::space() const {
    std::uint64_t all = 0;
    for (const auto& [name, one] : names_) all += one->now.size();
    return bytes_max - std::min<std::uint64_t>(all, bytes_max);
}

std::vector<std::string> sim_disk::names() const {
    const std::lock_guard hold{mutex_};
    std::vector<std::string> all;
    for (const auto& [name, one] : names_) all.push_back(name);
    return all;
}

std::unique_ptr<godwit::detail::directory> sim_disk::open() { return std::make_unique<sim_directory>(*this); }

std::unique_ptr<sim_disk> sim_disk::copy() const {
    const std::lock_guard hold{mutex_};
    auto made = std::make_unique<sim_disk>();
    for (const auto& [name, one] : names_) {
        auto& to = made->names_[name] = std::make_shared<inode>();
        to->now = to->durable = one->now;
    }
    made->durable_names_ = made->names_;
    return made;
}

// Names are lost from the newest back: file systems keep the order of a directory's changes.
std::unique_ptr<sim_disk> sim_disk::after_crash(std::mt19937_64& random, loss how) const {
    const std::lock_guard hold{mutex_};
    auto names = durable_names_;
    std::size_t kept = how == loss::none  ? pending_names_.size()
                       : how == loss::all ? 0
                                          : random() % (pending_names_.size() + 1);
    for (std::size_t i = 0; i < kept; ++i) {
        const name_change& one = pending_names_[i];
        if (!one.remove.empty()) names.erase(one.remove);
        if (!one.add.empty()) names[one.add] = one.what;
    }
    auto made = std::make_unique<sim_disk>();
    std::map<const inode*, std::shared_ptr<inode>> fresh;
    for (const auto& [name, one] : names) {
        auto& to = fresh[one.get()];
        if (to == nullptr) {
            to = std::make_shared<inode>();
            to->now = to->durable = left_of(*one, random, how);
        }
        made->names_[name] = to;
    }
    made->durable_names_ = made->names_;
    return made;
}

}  // namespace journal_tests
