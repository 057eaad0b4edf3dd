#include "c/objects.hpp"

#include <pthread.h>

#include "c/guarded.hpp"
#include "c/structs.hpp"

namespace godwit::c {

namespace {

// A child must not find a list locked by a thread that it does not have.
void lock_all() {
    tables().for_each([](auto& one) { one.free_slots().lock().lock(); });
}
void unlock_all() {
    tables().for_each([](auto& one) { one.free_slots().lock().unlock(); });
}

}  // namespace

all_tables::all_tables() { ::pthread_atfork(lock_all, unlock_all, unlock_all); }

all_tables& tables() noexcept {
    alignas(all_tables) static std::byte room[sizeof(all_tables)];
    static all_tables* const made = new (room) all_tables;
    return *made;
}

void any_socket::throw_other_pattern() const {
    static constexpr const char* names[] = {"push", "pull", "pub", "sub", "req", "rep"};
    throw error{errc::unsupported, names[it.index()], "a socket of this pattern cannot do that"};
}

std::stop_token token_of(godwit_stop stop) {
    if (stop.id == 0) return {};
    return tables().stops.at(stop.id)->get_token();
}

stage stage_of(std::int32_t number) {
    if (number < GODWIT_STAGE_ACCEPTED || number > GODWIT_STAGE_PROCESSED)
        throw error{errc::invalid_argument, "stage " + std::to_string(number), "one of GODWIT_STAGE_…"};
    return static_cast<stage>(number);
}

static_assert(static_cast<int>(stage::accepted) == GODWIT_STAGE_ACCEPTED);
static_assert(static_cast<int>(stage::stored) == GODWIT_STAGE_STORED);
static_assert(static_cast<int>(stage::durable) == GODWIT_STAGE_DURABLE);
static_assert(static_cast<int>(stage::received) == GODWIT_STAGE_RECEIVED);
static_assert(static_cast<int>(stage::processed) == GODWIT_STAGE_PROCESSED);
static_assert(static_cast<int>(outcome::expired) == GODWIT_OUTCOME_EXPIRED);
static_assert(static_cast<int>(outcome::unknown) == GODWIT_OUTCOME_UNKNOWN);

}  // namespace godwit::c

using namespace godwit::c;

godwit_status godwit_stop_open(godwit_stop* out, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        godwit_stop& into = needed(out, "out");
        into.id = tables().stops.add();
        return {};
    });
}

godwit_status godwit_stop_request(godwit_stop stop, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        tables().stops.at(stop.id)->request_stop();
        return {};
    });
}

godwit_status godwit_stop_close(godwit_stop stop, godwit_error* error) {
    return guarded(error, [&]() -> godwit::status {
        tables().stops.release(stop.id);
        return {};
    });
}

size_t godwit_handles_open() {
    std::size_t count = 0;
    tables().for_each([&](auto& one) { count += one.open(); });
    return count;
}
