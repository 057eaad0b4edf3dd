#include "journal/segment_verification.hpp"

#include <algorithm>
#include <limits>

#include "journal/segment_writer.hpp"

namespace godwit::detail {

namespace jf = journal_format;

namespace {

constexpr std::uint64_t tell_every_bytes = 4u << 20;

class segment_verifier {
public:
    segment_verifier(const segment_ends& ends, const verified_place& where, verification_log& to)
        : ends_{ends},
          where_{where},
          to_{to},
          name_{segment_name(ends.number)},
          footer_at_{ends.footer ? ends.size - footer_bytes(*ends.footer) : ends.size} {}

    status run();

private:
    static std::uint64_t footer_bytes(const segment_footer& footer) {
        return jf::footer_fixed_bytes + jf::footer_row_bytes * footer.rows.size() + jf::tail_bytes;
    }
    void walk_from(std::uint64_t position, lsn number, std::uint64_t chain) {
        walk_.emplace(*ends_.content, ends_.header, position, footer_at_);
        walk_->expect(number, chain);
    }
    // False: that was all of the segment.
    result<bool> next();
    result<bool> judge_stop();
    result<bool> skip_damage(std::string_view why);
    status take_entry();
    void compare_footer();

    const segment_ends& ends_;
    const verified_place where_;
    verification_log& to_;
    const std::string name_;
    const std::uint64_t footer_at_;
    std::optional<segment_walk> walk_;
    segment_rows rows_;
    journal_state state_;
    decoded_entry each_;
    std::int64_t latest_ = std::numeric_limits<std::int64_t>::min();
    bool is_whole_ = true;
    std::uint64_t looked_again_at_ = 0;
};

status segment_verifier::run() {
    walk_from(jf::header_bytes, ends_.header.first, ends_.header.seed);
    if (!ends_.footer && !where_.is_last) {
        to_.add(journal_fault::bad_footer, name_, "its footer does not pass, and another segment follows", 0,
                ends_.size);
        is_whole_ = false;
    }
    for (std::uint64_t told = 0;;) {
        const auto more = next();
        if (!more) return more.error();
        if (!*more) break;
        if (auto taken = take_entry(); !taken) return taken;
        if (walk_->position() - told >= tell_every_bytes) {
            if (!to_.go_on(walk_->position() - told)) return errc::cancelled;
            told = walk_->position();
        }
    }
    if (ends_.footer && is_whole_) compare_footer();
    return {};
}

result<bool> segment_verifier::next() {
    const auto found = walk_->next();
    if (!found) return found.error();
    if (*found == segment_walk::found::entry) return true;
    if (ends_.footer) {
        if (walk_->expected() > ends_.footer->last) return false;
        return skip_damage("it does not pass, and its segment was sealed behind it");
    }
    if (!where_.is_last) return skip_damage("");
    return judge_stop();
}

result<bool> segment_verifier::judge_stop() {
    const std::uint64_t position = walk_->position();
    const auto verdict =
        judge_tail(*ends_.content, ends_.header, position, ends_.size, walk_->expected(), rows_.mark());
    if (!verdict) return verdict.error();
    if (verdict->what == tail_verdict::kind::end || (where_.is_written && verdict->what == tail_verdict::kind::torn))
        return false;
    if (verdict->what == tail_verdict::kind::torn) {
        to_.add(journal_fault::torn_tail, name_,
                std::to_string(ends_.size - position) + " bytes behind the last entry were never confirmed",
                walk_->expected(), position);
        return false;
    }
    if (where_.is_written && looked_again_at_ != position) {
        // It may have been finished since.
        looked_again_at_ = position;
        walk_from(position, walk_->expected(), walk_->chain());
        return next();
    }
    return skip_damage("it does not pass, and up to " + std::to_string(verdict->confirmed) + " all were confirmed");
}

// Without a reason: a bad footer leaves open whether there was one more entry.
result<bool> segment_verifier::skip_damage(std::string_view why) {
    const std::uint64_t position = walk_->position();
    const lsn expected = walk_->expected();
    is_whole_ = false;
    const auto found = walk_->search(expected);
    if (!found) return found.error();
    const bool goes_on = *found == segment_walk::found::entry;
    if (goes_on || !why.empty()) {
        std::string text{why.empty() ? "it does not pass" : why};
        if (goes_on) text += "; the next that does is " + std::to_string(walk_->head().number);
        to_.add(journal_fault::damaged_entry, name_, std::move(text), expected, position);
    }
    return goes_on;
}

status segment_verifier::take_entry() {
    const entry_head& head = walk_->head();
    const auto wrong = [&](std::string_view text) {
        to_.add(journal_fault::damaged_entry, name_, std::string{text}, head.number, walk_->begin());
    };
    if (auto applied = apply_entry(*walk_, each_, state_); !applied) {
        if (applied.failed(errc::unsupported)) return applied;
        wrong(std::string{"its checksums pass, and its content does not: "} + applied.error().what());
        is_whole_ = false;
    }
    if (head.durable >= head.number) wrong("its durable mark is not below its own number");
    if (head.when < latest_) wrong("its time is below that of the entry before it");
    latest_ = std::max(latest_, head.when);
    add_rows(each_, rows_);
    ++to_.out.entries;
    for (const batch_view& batch : each_.batches) to_.out.records += batch.count();
    if (begins_checkpoint(each_)) rows_.checkpoint_at(walk_->begin());
    return {};
}

void segment_verifier::compare_footer() {
    const segment_footer& said = *ends_.footer;
    const segment_footer made = rows_.footer(said.how, ends_.header.first);
    const auto wrong = [&](std::string_view text) {
        to_.add(journal_fault::wrong_footer, name_, std::string{text}, 0, footer_at_);
    };
    if (walk_->position() != footer_at_) wrong("there are bytes between the last entry and the footer");
    if (made.last != said.last || made.last_checksum != said.last_checksum) wrong("its last entry is another");
    if (made.records != said.records) wrong("its number of records is another");
    if (made.earliest != said.earliest || made.latest != said.latest) wrong("its times are others");
    if (made.checkpoint != said.checkpoint) wrong("its checkpoint is elsewhere");
    const auto same = [](const footer_row& a, const footer_row& b) {
        return a.stream == b.stream && a.first == b.first && a.end == b.end && a.carried_first == b.carried_first &&
               a.carried_end == b.carried_end;
    };
    if (!std::ranges::equal(made.rows, said.rows, same)) wrong("its table of streams is another");
}

}  // namespace

void verification_log::add(journal_fault what, std::string file, std::string text, lsn entry, std::uint64_t byte) {
    if (out.findings.size() < how_.findings_max) {
        out.findings.push_back({what, std::move(file), entry, byte, std::move(text)});
    } else {
        out.has_more = true;
    }
}

bool verification_log::go_on(std::uint64_t bytes) {
    told_ += bytes;
    return !how_.on_progress || how_.on_progress(std::min(told_, all_), all_);
}

status verify_segment(const segment_ends& ends, const verified_place& where, verification_log& to) {
    return segment_verifier{ends, where, to}.run();
}

}  // namespace godwit::detail
