#include "journal/verification.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "journal/segment_verification.hpp"
#include "journal/segment_writer.hpp"

namespace godwit::detail {

namespace {

class journal_verifier {
public:
    journal_verifier(directory& in, const journal_verification_options& how) : in_{in}, how_{how} {}

    result<journal_verification> run();

private:
    status look_at_names();
    status look_at_identity();
    status look_at_segment(std::uint64_t number);
    void look_at_chain(const segment_ends& ends);
    std::uint64_t lowest_needed();
    bool is_let_go(std::uint64_t number);
    void add_missing(std::uint64_t number) {
        before_.reset();
        if (!is_let_go(number)) log_->add(journal_fault::missing_segment, segment_name(number), "it is missing");
    }

    directory& in_;
    const journal_verification_options& how_;
    std::optional<verification_log> log_;
    std::vector<std::string> names_;
    std::vector<std::uint64_t> numbers_;
    std::optional<journal_identity> identity_;
    bool is_written_ = false;
    std::optional<segment_ends> before_;  // the segment before, if it was sealed; without its file
};

// Of the newest segment whose header passes.
std::uint64_t journal_verifier::lowest_needed() {
    for (auto number = numbers_.rbegin(); number != numbers_.rend(); ++number) {
        const auto ends = read_ends(in_, *number, identity_ ? &*identity_ : nullptr);
        if (ends && !ends->unused) return ends->header.lowest;
    }
    return numbers_.empty() ? 1 : numbers_.front();
}

// Its writer may have let go of it since the listing.
bool journal_verifier::is_let_go(std::uint64_t number) {
    const auto names = in_.list();
    if (!names) return false;
    auto now = segment_numbers(*names);
    std::swap(now, numbers_);
    const std::uint64_t lowest = lowest_needed();
    std::swap(now, numbers_);
    return number < lowest;
}

status journal_verifier::look_at_names() {
    std::uint64_t all = 0, number = 0;
    for (const std::string& name : names_) {
        if (!is_segment_name(name, number)) continue;
        const auto opened = in_.open(name, file_use::read);
        const auto size = opened ? (*opened)->size() : result<std::uint64_t>{std::uint64_t{0}};
        if (size) all += *size;
    }
    log_.emplace(how_, all);
    for (const std::string& name : names_) {
        if (name == "identity" || name == "lock" || name.ends_with(".index") || is_segment_name(name, number)) continue;
        if (name.find(".torn.") != std::string::npos) {
            log_->add(journal_fault::former_cut, name, "what an opening has cut, because it was never confirmed");
        } else if (name.ends_with(".new")) {
            if (!is_written_) log_->add(journal_fault::leftover, name, "it was never finished");
        } else {
            log_->add(journal_fault::foreign_file, name, "it is no file of a journal");
        }
    }
    return {};
}

status journal_verifier::look_at_identity() {
    auto identity = read_identity(in_);
    if (identity) {
        identity_ = std::move(*identity);
        if (numbers_.empty()) log_->add(journal_fault::missing_segment, segment_name(1), "there is no segment");
        return {};
    }
    if (identity.failed(errc::unsupported)) return identity.error();
    if (identity.failed(errc::not_found) && numbers_.empty())
        return error{errc::not_found, std::string{in_.path()} + ": no journal is there"};
    const bool is_there = !identity.failed(errc::not_found);
    log_->add(identity.failed(errc::io) ? journal_fault::unreadable : journal_fault::bad_identity, "identity",
              is_there ? "it does not pass" : "it is missing");
    return {};
}

void journal_verifier::look_at_chain(const segment_ends& ends) {
    if (!before_ || ends.header.behind_quarantine) return;
    const auto wrong = [&](std::string_view text) {
        log_->add(journal_fault::wrong_chain, segment_name(ends.number), std::string{text}, ends.header.first, 0);
    };
    if (ends.header.seal_before != before_->footer->seal) wrong("it does not name the seal of the segment before it");
    if (ends.header.first != before_->footer->last + 1) wrong("its entries do not begin where those before it end");
    if (ends.header.epoch < before_->header.epoch) wrong("its epoch is below that of the segment before it");
    if (ends.header.epoch == before_->header.epoch && ends.header.nonce != before_->header.nonce)
        wrong("two writers went on from one directory: it was copied while it was in use");
}

status journal_verifier::look_at_segment(std::uint64_t number) {
    const std::string name = segment_name(number);
    const bool is_last = number == numbers_.back();
    auto ends = read_ends(in_, number, nullptr);
    if (ends.failed(errc::not_found)) return add_missing(number), status{};
    if (ends.failed(errc::unsupported)) return ends.error();
    if (ends && ends->unused && is_last) {
        if (!is_written_) log_->add(journal_fault::leftover, name, "a segment that was never used");
        return {};
    }
    if (!ends || ends->unused || (identity_ && !identity_->owns(number, ends->header.journal))) {
        before_.reset();
        if (ends && !ends->unused) {
            log_->add(journal_fault::foreign_segment, name, "it is another journal's");
        } else {
            log_->add(ends.failed(errc::io) ? journal_fault::unreadable : journal_fault::bad_header, name,
                      "its header does not pass, or names another number");
        }
        return {};
    }
    look_at_chain(*ends);
    ++log_->out.segments;
    log_->out.bytes += ends->size;
    const auto done = verify_segment(*ends, {is_last, is_last && is_written_}, *log_);
    if (done.failed(errc::io)) {
        log_->add(journal_fault::unreadable, name, std::string{done.error().value()});
    } else if (!done) {
        return done;
    }
    before_.reset();
    if (ends->footer) {
        before_ = std::move(*ends);
        before_->content.reset();
    }
    return {};
}

result<journal_verification> journal_verifier::run() {
    auto names = in_.list();
    if (!names) return names.error();
    names_ = std::move(*names);
    numbers_ = segment_numbers(names_);
    const auto locked = in_.is_locked("lock");
    if (!locked) return locked.error();
    is_written_ = *locked;
    for (const auto step : {&journal_verifier::look_at_names, &journal_verifier::look_at_identity}) {
        if (auto done = (this->*step)(); !done) return done.error();
    }
    log_->out.is_written = is_written_;
    std::uint64_t expected = lowest_needed();
    for (const std::uint64_t number : numbers_) {
        if (number < expected) {
            if (!is_written_) log_->add(journal_fault::leftover, segment_name(number), "nobody needs it any more");
            continue;
        }
        // A gap is one finding a segment, up to a limit that no numbers in a damaged header can raise.
        for (std::size_t told = 0; expected < number && told < how_.findings_max; ++expected, ++told)
            add_missing(expected);
        if (auto done = look_at_segment(number); !done) return done.error();
        expected = number + 1;
    }
    if (!log_->go_on(std::numeric_limits<std::uint64_t>::max() / 2)) return errc::cancelled;
    return std::move(log_->out);
}

}  // namespace

result<journal_verification> verify(directory& in, const journal_verification_options& how) {
    return journal_verifier{in, how}.run();
}

}  // namespace godwit::detail

namespace godwit {

std::string_view name(journal_fault what) noexcept {
    constexpr std::array<std::string_view, 13> names{
        "torn_tail",    "former_cut",  "damaged_entry",   "bad_header",      "bad_footer",
        "wrong_footer", "wrong_chain", "foreign_segment", "missing_segment", "bad_identity",
        "unreadable",   "leftover",    "foreign_file"};
    const auto index = static_cast<std::size_t>(what);
    return index < names.size() ? names[index] : "unknown";
}

result<journal_verification> verify_journal(const std::filesystem::path& directory,
                                            const journal_verification_options& how) {
    auto where = detail::open_directory(directory, false);
    if (!where) return where.error();
    return detail::verify(**where, how);
}

}  // namespace godwit
