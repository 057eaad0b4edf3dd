#include "godwit/id_store.hpp"

#include <utility>

#include "dedup/id_memory.hpp"

namespace godwit {

namespace {

status check_window(const id_store_options& options) {
    const auto wrong = [](std::string_view field, std::uint64_t value, std::string_view bounds) {
        return error{errc::invalid_argument, std::string{field} + " = " + std::to_string(value), bounds};
    };
    if (options.ids_max < 1 || options.ids_max > 100'000'000)
        return wrong("ids_max", options.ids_max, "1 to 100,000,000");
    if (options.bytes_max < 4096 || options.bytes_max > std::uint64_t{64} << 30)
        return wrong("bytes_max", options.bytes_max, "4 KiB to 64 GiB");
    if (options.age_max < std::chrono::milliseconds{1} || options.age_max > std::chrono::hours{24} * 3660)
        return wrong("age_max", static_cast<std::uint64_t>(options.age_max.count()), "1 ms to 10 years");
    if (options.confirm != stage::stored && options.confirm != stage::durable)
        return error{errc::invalid_argument, "confirm", "stored or durable"};
    return {};
}

detail::mark_log::world system_world() noexcept { return {detail::system_time(), detail::system_random()}; }

}  // namespace

struct id_store::state {
    std::unique_ptr<detail::id_memory> memory;
    status fits;
};

id_store::id_store(const id_store_options& options)
    : state_{std::make_unique<state>(
          state{std::make_unique<detail::id_memory>(options, system_world(),
                                                    options.known_from.value_or(detail::system_time().wall())),
                check_window(options)})} {}
id_store::id_store(std::unique_ptr<state> opened) noexcept : state_{std::move(opened)} {}
id_store::id_store(id_store&&) noexcept = default;
id_store& id_store::operator=(id_store&&) noexcept = default;
id_store::~id_store() = default;

result<id_store> id_store::open(const std::filesystem::path& directory, const id_store_options& options) {
    if (auto fits = check_window(options); !fits) return fits.error();
    auto where = detail::open_directory(directory, true);
    if (!where) return where.error();
    auto opened = detail::id_memory::open(std::move(*where), options, system_world());
    if (!opened) return opened.error();
    return id_store{std::make_unique<state>(state{std::move(*opened), {}})};
}

result<claim_answer> id_store::claim(const chosen_id& what) {
    if (!state_->fits) return state_->fits.error();
    return state_->memory->claim(what);
}
status id_store::mark(std::string_view id, std::optional<std::string_view> reply) {
    return state_->fits ? state_->memory->mark(id, reply) : state_->fits;
}
status id_store::release(std::string_view id) { return state_->fits ? state_->memory->release(id) : state_->fits; }
result<id_time> id_store::known_since() {
    if (!state_->fits) return state_->fits.error();
    return state_->memory->known_since();
}

const id_store_recovery& id_store::recovered() const noexcept { return state_->memory->recovered(); }
id_store_stats id_store::stats() const { return state_->memory->stats(); }
status id_store::close() { return state_->memory->close(); }

}  // namespace godwit
