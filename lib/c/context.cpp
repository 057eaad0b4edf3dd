#include "godwit/c/context.h"
#include <memory>
#include <thread>

#include "c/guarded.hpp"
#include "c/messages.hpp"
#include "c/user_data.hpp"

namespace godwit::c {

namespace {

constexpr godwit_context_options no_context_options = GODWIT_CONTEXT_OPTIONS_INIT;

static_assert(static_cast<int>(log_level::debug) == GODWIT_LOG_DEBUG);
static_assert(static_cast<int>(log_level::info) == GODWIT_LOG_INFO);
static_assert(static_cast<int>(log_level::warning) == GODWIT_LOG_WARNING);
static_assert(static_cast<int>(log_level::error) == GODWIT_LOG_ERROR);

context_options read_context_options(const godwit_context_options* given) {
    const godwit_context_options from = read_struct(given, no_context_options);
    auto theirs = hold(from.log_user_data, from.log_drop);
    context_options made;
    made.io_threads = from.io_threads;
    made.sockets_max = from.sockets_max;
    if (from.log_from < GODWIT_LOG_DEBUG || from.log_from > GODWIT_LOG_ERROR)
        throw error{errc::invalid_argument, "log_from " + std::to_string(from.log_from), "one of GODWIT_LOG_…"};
    made.log_from = static_cast<log_level>(from.log_from);
    if (from.log == nullptr) return made;
    made.log = [log = from.log, theirs = std::move(theirs)](const log_record& told) {
        const godwit_log_record record{sizeof(godwit_log_record), since_1970(told.when),        lent(told.socket),
                                       lent(told.text),           static_cast<int>(told.level), 0};
        contained([&] { log(theirs->data, &record); });
    };
    return made;
}

// The end of a context waits for what is unsent: not the caller's, whose time is up.
void let_go_behind(std::shared_ptr<context> left) {
    std::thread{[left = std::move(left)]() mutable { left.reset(); }}.detach();
}

}  // namespace

}  // namespace godwit::c

using namespace godwit::c;

void godwit_context_options_init(godwit_context_options* out) {
    if (out != nullptr) *out = no_context_options;
}

godwit_status godwit_context_open(const godwit_context_options* options, godwit_context* out, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        godwit::context_options read = read_context_options(options);
        godwit_context& into = needed(out, "out");
        into.id = tables().contexts.add(std::make_shared<godwit::context>(std::move(read)));
        return {};
    });
}

godwit_status godwit_context_close(godwit_context context, int64_t timeout_ns, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        auto found = tables().contexts.retired(context.id);
        if (!found) return {};
        std::shared_ptr<godwit::context> kept = **found;
        found.reset();  // whoever lets go last waits for the end
        auto closed = kept->close(timeout_of(timeout_ns));
        if (!closed) let_go_behind(std::move(kept));
        return closed;
    });
}

godwit_status godwit_context_report(godwit_context context, int32_t format, godwit_message* out, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        const auto found = tables().contexts.at(context.id);
        godwit_message& into = needed(out, "out");
        if (format != GODWIT_REPORT_JSON && format != GODWIT_REPORT_PROMETHEUS)
            return godwit::error{godwit::errc::invalid_argument, "format " + std::to_string(format),
                                 "one of GODWIT_REPORT_…"};
        const auto report = (*found)->report();
        into = hand_out(format == GODWIT_REPORT_JSON ? to_json(report) : to_prometheus(report));
        return {};
    });
}
