#include "transaction/state_recovery.hpp"

#include "base/handled_marks.hpp"

namespace godwit::detail {

namespace cf = change_format;

namespace {

error wrong(std::string_view what) { return {errc::malformed, "a record of a state", what}; }

// Steps rise from transaction to transaction; marks alone and pictures have none.
bool follows(const change_header& now, const change_header& last) noexcept {
    if (now.number.epoch != last.number.epoch) return now.number.epoch > last.number.epoch;
    if (now.what != cf::kind::changes || now.number.step == 0) return true;
    if (now.number.step == last.number.step) return now.part == last.part + 1;
    return now.number.step > last.number.step && now.part == 0;
}

}  // namespace

status state_recovery::begin_or_go_on(const change_header& said) {
    if (said.what == cf::kind::picture_begins) {
        draws_ = true;
        drawn_.clear();
        drawn_bytes_ = 0;
    } else if (said.what == cf::kind::changes) {
        draws_ = draws_ && said.number.step == 0;  // else it was never ended
    } else if (!draws_) {
        return wrong("a part of a picture that has not begun");
    }
    return {};
}

status state_recovery::end_picture() {
    for (std::size_t i = 1; i < drawn_.size(); ++i) {
        if (drawn_[i - 1].first >= drawn_[i].first) return wrong("a picture without order");
    }
    map_ = state_map::of_sorted(std::exchange(drawn_, {}));
    picture_bytes_ = std::exchange(drawn_bytes_, 0);
    since_picture_ = 0;
    draws_ = false;
    return {};
}

status state_recovery::take(bytes body) {
    const auto said = decode_change_header(body);
    if (!said) return said.error();
    if (!follows(*said, last_)) return wrong("an older transaction behind a later one, or one that is there twice");
    if (auto fits = begin_or_go_on(*said); !fits) return fits;
    const bool is_picture = said->what != cf::kind::changes;
    if (said->number.epoch != last_.number.epoch || (!is_picture && said->number.step != 0)) last_ = *said;
    (is_picture ? drawn_bytes_ : since_picture_) += body.size();
    change_reader tell;
    tell.put = [&](std::string_view key, std::string_view value) {
        if (is_picture) {
            drawn_.emplace_back(key, value);
        } else {
            map_.put(key, value);
        }
    };
    tell.erased = [&](std::string_view key) { (void)map_.erase(key); };
    tell.marks = [&](bytes marks) {
        bool closed = false;
        return apply_marks(marks, marks_, closed);
    };
    tell.count = [&](std::uint64_t keys) {
        return keys == drawn_.size() ? status{} : status{wrong("a picture that lacks some keys")};
    };
    if (auto read = read_changes(body, tell); !read) return read;
    return said->what == cf::kind::picture_ends ? end_picture() : status{};
}

}  // namespace godwit::detail
