#include "c/guarded.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

#include "c/structs.hpp"
#include "godwit/version.hpp"

namespace godwit::c {

namespace {

thread_local std::optional<error> last_error;

// The numbers of the C interface are those of the C++ list, and stay what they are.
constexpr godwit_status status_of(errc code) noexcept { return -static_cast<godwit_status>(code); }
static_assert(status_of(errc::invalid_argument) == GODWIT_INVALID_ARGUMENT && GODWIT_INVALID_ARGUMENT == -1);
static_assert(status_of(errc::invalid_endpoint) == GODWIT_INVALID_ENDPOINT && GODWIT_INVALID_ENDPOINT == -2);
static_assert(status_of(errc::insecure) == GODWIT_INSECURE && GODWIT_INSECURE == -3);
static_assert(status_of(errc::address_in_use) == GODWIT_ADDRESS_IN_USE && GODWIT_ADDRESS_IN_USE == -4);
static_assert(status_of(errc::not_found) == GODWIT_NOT_FOUND && GODWIT_NOT_FOUND == -5);
static_assert(status_of(errc::too_large) == GODWIT_TOO_LARGE && GODWIT_TOO_LARGE == -6);
static_assert(status_of(errc::too_late) == GODWIT_TOO_LATE && GODWIT_TOO_LATE == -7);
static_assert(status_of(errc::timed_out) == GODWIT_TIMED_OUT && GODWIT_TIMED_OUT == -8);
static_assert(status_of(errc::cancelled) == GODWIT_CANCELLED && GODWIT_CANCELLED == -9);
static_assert(status_of(errc::closed) == GODWIT_CLOSED && GODWIT_CLOSED == -10);
static_assert(status_of(errc::forked) == GODWIT_FORKED && GODWIT_FORKED == -11);
static_assert(status_of(errc::unsupported) == GODWIT_UNSUPPORTED && GODWIT_UNSUPPORTED == -12);
static_assert(status_of(errc::unreachable) == GODWIT_UNREACHABLE && GODWIT_UNREACHABLE == -13);
static_assert(status_of(errc::malformed) == GODWIT_MALFORMED && GODWIT_MALFORMED == -14);
static_assert(status_of(errc::no_resources) == GODWIT_NO_RESOURCES && GODWIT_NO_RESOURCES == -15);
static_assert(status_of(errc::io) == GODWIT_IO && GODWIT_IO == -16);
static_assert(status_of(errc::already_exists) == GODWIT_ALREADY_EXISTS && GODWIT_ALREADY_EXISTS == -17);
static_assert(status_of(errc::full) == GODWIT_FULL && GODWIT_FULL == -18);
static_assert(status_of(errc::gap) == GODWIT_GAP && GODWIT_GAP == -19);
static_assert(status_of(errc::mismatch) == GODWIT_MISMATCH && GODWIT_MISMATCH == -20);
static_assert(status_of(errc::fenced) == GODWIT_FENCED && GODWIT_FENCED == -21);
static_assert(status_of(errc::conflict) == GODWIT_CONFLICT && GODWIT_CONFLICT == -22);
static_assert(status_of(errc::would_deadlock) == GODWIT_WOULD_DEADLOCK && GODWIT_WOULD_DEADLOCK == -23);
static_assert(status_of(errc::expired) == GODWIT_EXPIRED && GODWIT_EXPIRED == -24);
static_assert(status_of(errc::refused) == GODWIT_REFUSED && GODWIT_REFUSED == -25);
static_assert(status_of(errc::unknown) == GODWIT_UNKNOWN && GODWIT_UNKNOWN == -26);
static_assert(status_of(errc::locked) == GODWIT_LOCKED && GODWIT_LOCKED == -27);
static_assert(status_of(errc::corrupt) == GODWIT_CORRUPT && GODWIT_CORRUPT == -28);
constexpr godwit_status lowest = GODWIT_CORRUPT;

bool is_retriable(errc code) noexcept {
    switch (code) {
        case errc::address_in_use:
        case errc::timed_out:
        case errc::unreachable:
        case errc::no_resources:
        case errc::full:
        case errc::locked:
            return true;
        default:
            return false;
    }
}

}  // namespace

void write_error(const error& why, godwit_error& out) noexcept {
    godwit_error whole = GODWIT_ERROR_INIT;
    whole.code = status_of(why.code());
    whole.retriable = is_retriable(why.code());
    copy_text(why.value(), whole.value);
    copy_text(why.what(), whole.message);
    const std::size_t room = std::min(out.struct_size, sizeof whole);
    if (room <= sizeof out.struct_size) return;
    std::memcpy(reinterpret_cast<char*>(&out) + sizeof out.struct_size,
                reinterpret_cast<const char*>(&whole) + sizeof out.struct_size, room - sizeof out.struct_size);
}

godwit_status failed(const error& why, godwit_error* out) noexcept {
    last_error = why;
    if (out != nullptr) write_error(why, *out);
    return status_of(why.code());
}

godwit_status failed_by_exception(godwit_error* out) noexcept {
    try {
        throw;
    } catch (const error& why) {
        return failed(why, out);
    } catch (const std::bad_alloc&) {
        return failed(error{errc::no_resources}, out);
    } catch (const std::exception& why) {
        return failed(error{errc::unknown, why.what()}, out);
    } catch (...) {
        return failed(error{errc::unknown}, out);
    }
}

}  // namespace godwit::c

using namespace godwit::c;

godwit_status godwit_last_error(godwit_error* out) {
    if (!last_error) return GODWIT_OK;
    if (out != nullptr) write_error(*last_error, *out);
    return status_of(last_error->code());
}

const char* godwit_status_name(godwit_status status) {
    if (status == GODWIT_OK) return "ok";
    if (status > 0 || status < lowest) return "?";
    return godwit::name(static_cast<godwit::errc>(-status)).data();
}

godwit_bytes godwit_text(const char* text) {
    return text != nullptr ? godwit_bytes{text, std::strlen(text)} : godwit_bytes{nullptr, 0};
}

const char* godwit_version() { return GODWIT_VERSION_STRING; }
