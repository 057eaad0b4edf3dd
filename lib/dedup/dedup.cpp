#include "godwit/dedup.hpp"

#include "dedup/dedup_layer.hpp"

namespace godwit {

namespace {

status check(const dedup_options& options) {
    if (options.confirm != stage::stored && options.confirm != stage::durable)
        return error{errc::invalid_argument, "confirm", "stored or durable"};
    if (options.producers_max >= 1 && options.producers_max <= 10'000'000) return {};
    return error{errc::invalid_argument, "producers_max = " + std::to_string(options.producers_max), "1 to 10,000,000"};
}

}  // namespace

struct dedup::state {
    explicit state(std::shared_ptr<detail::dedup_memory> of, status options = {})
        : memory{std::move(of)}, fits{std::move(options)} {}
    std::shared_ptr<detail::dedup_memory> memory;
    status fits;
};

dedup::dedup(const dedup_options& options)
    : state_{std::make_shared<state>(std::make_shared<detail::dedup_memory>(options), check(options))} {}
dedup::dedup(std::shared_ptr<state> opened) noexcept : state_{std::move(opened)} {}
dedup::dedup(const dedup&) noexcept = default;
dedup::dedup(dedup&&) noexcept = default;
dedup& dedup::operator=(const dedup&) noexcept = default;
dedup& dedup::operator=(dedup&&) noexcept = default;
dedup::~dedup() = default;

result<dedup> dedup::open(const std::filesystem::path& directory, const dedup_options& options) {
    if (auto fits = check(options); !fits) return fits.error();
    auto where = detail::open_directory(directory, true);
    if (!where) return where.error();
    auto opened =
        detail::dedup_memory::open(std::move(*where), options, {detail::system_time(), detail::system_random()});
    if (!opened) return opened.error();
    return dedup{std::make_shared<state>(std::move(*opened))};
}

void dedup::install(assembly& into) const {
    if (!state_->fits) return into.refuse(state_->fits.error());
    into.add(std::make_shared<detail::dedup_layer>(state_->memory));
}

stream_id dedup::scope() const noexcept { return state_->memory->identity().scope; }
const dedup_recovery& dedup::recovered() const noexcept { return state_->memory->recovered(); }
dedup_stats dedup::stats() const { return state_->memory->stats(); }
status dedup::health() const { return state_->memory->health(); }
status dedup::flush(timeout limit) { return state_->memory->flush(limit); }
status dedup::close() { return state_->memory->close(); }

}  // namespace godwit
