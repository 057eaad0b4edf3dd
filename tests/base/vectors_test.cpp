// The test vectors: what is written down in tests/vectors is what the library reads and writes.
#include <nlohmann/json.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/batch_parts.hpp"
#include "test_main.hpp"

using namespace batches;
using nlohmann::json;

namespace {

std::string bytes_in(const json& lines) {
    std::string made;
    for (const std::string line : lines) {
        for (std::size_t at = 0; at + 1 < line.size(); at += 2) {
            made += static_cast<char>(std::stoi(line.substr(at, 2), nullptr, 16));
        }
    }
    return made;
}

owned_record record_in(const json& fields) {
    owned_record made{.at = fields.at("offset"),
                      .topic = fields.value("topic", ""),
                      .key = fields.value("key", ""),
                      .body = fields.at("body"),
                      .priority = fields.value("priority", priority_default)};
    for (const json& pair : fields.value("headers", json::array())) made.headers.emplace_back(pair[0], pair[1]);
    const auto time = [&fields](const char* name) { return milliseconds{fields.at(name).get<std::int64_t>()}; };
    if (fields.contains("sent_ms")) made.times.sent = wall_time{time("sent_ms")};
    if (fields.contains("delay_ms")) made.times.delay = time("delay_ms");
    if (fields.contains("ttl_ms")) made.times.ttl = time("ttl_ms");
    if (fields.contains("deliver_at_ms")) made.times.deliver_at = wall_time{time("deliver_at_ms")};
    return made;
}

// As a writer that begins at the base, cut to the records that the vector has.
batch_ref written(const json& vector, const std::vector<owned_record>& records) {
    batch_builder builder{stream};
    std::vector<offset_range> wanted;
    const offset base = vector.at("base");
    if (base < records.front().at) builder.add(base, {.topic = "only the first has this"}, no_limit);
    for (const owned_record& each : records) {
        REQUIRE(add(builder, each));
        wanted.push_back({each.at, each.at});
    }
    const batch_ref whole = builder.seal(wall_time{milliseconds{vector.at("sealed_ms").get<std::int64_t>()}});
    return base < records.front().at ? cut(whole.view, wanted) : whole;
}

}  // namespace

TEST_CASE("each test vector is read and written as it stands") {
    int count = 0;
    for (const auto& file : std::filesystem::directory_iterator{GODWIT_VECTORS}) {
        if (file.path().extension() != ".json") continue;
        ++count;
        INFO(file.path().filename().string());
        const json vector = json::parse(std::ifstream{file.path()});
        const std::string data = bytes_in(vector.at("hex"));
        std::vector<owned_record> records;
        for (const json& each : vector.at("records")) records.push_back(record_in(each));

        const auto checked = batch_view::check(as_bytes(data), no_limit);
        if (!checked) FAIL(checked.error().what());
        CHECK(records_of(*checked) == records);
        CHECK(to_string(checked->stream()) == vector.at("stream"));
        CHECK(checked->base() == vector.at("base"));
        CHECK(checked->first() == vector.at("first"));
        CHECK(checked->last() == vector.at("last"));
        CHECK(checked->data().size() == vector.at("bytes"));
        CHECK(checked->has_exceptions() == vector.at("has_exceptions"));
        CHECK(checked->sealed().time_since_epoch().count() == vector.at("sealed_ms"));
        CHECK(as_text(written(vector, records).view.data()) == data);
    }
    CHECK(count >= 5);
}
