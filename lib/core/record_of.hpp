// record_of: a body with options, or a message, as the record that a reliable socket keeps of it. Borrows all of it.
#pragma once
#include "base/record.hpp"
#include "base/short_list.hpp"
#include "godwit/options.hpp"
#include "godwit/result.hpp"

namespace godwit::detail {

class record_of {
public:
    explicit record_of(const message& whole) {
        parts_.topic = whole.topic();
        parts_.key = whole.key();
        parts_.body = whole.body();
        for (std::size_t i = 0; i < whole.header_count(); ++i) headers_.push_back(whole.header_at(i));
    }
    record_of(bytes body, const send_options& options, std::string_view topic) {
        parts_.topic = topic;
        parts_.key = options.key;
        parts_.body = body;
        for (const header& one : options.headers) headers_.push_back(one);
        take_terms(options);
    }
    record_of(const message& whole, const send_options& options) : record_of{whole} { take_terms(options); }

    record_parts parts() const noexcept {
        record_parts all = parts_;
        all.headers = headers_.view();
        return all;
    }

private:
    void take_terms(const send_options& options);

    record_parts parts_;
    short_list<header, 8> headers_;
};

// Whether a plain socket could not do what they say, and whether a reliable one can: `invalid_argument`, `too_large`.
bool says_more_than_plain(const send_options& options) noexcept;
status check_plain(const send_options& options);  // `unsupported`
status check_terms(const send_options& options);

}  // namespace godwit::detail
