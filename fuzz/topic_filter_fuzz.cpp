// A subscriber's filter, and a topic and header that it is tried on: which filters hold is said by its grammar.
#include "ack_retry/topic_filter.hpp"
#include "require.hpp"

using namespace godwit;
using detail::topic_filter;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    input given{data, size};
    const std::string_view text = given.text(given.byte());
    const std::string_view topic = given.rest();
    const auto filter = topic_filter::parse(text);
    if (!filter) return 0;
    const bool matches = filter->matches(topic);
    require(!matches || topic.starts_with(filter->lead()), "what matches begins with the lead");
    detail::record_view bare;
    bare.topic = topic;
    require(filter->has_predicates() || filter->holds(bare), "without predicates every record holds");
    // Behind a backslash each character stands for itself: a filter of one topic can be written for every topic.
    std::string exact = "=";
    for (const char each : topic) exact += {'\\', each};
    if (const auto one = topic_filter::parse(exact)) {
        require(one->matches(topic) && !one->matches(std::string{topic} + "x"),
                "an exact filter wants its topic alone");
    } else {
        require(exact.size() > topic_filter::bytes_max, "every short topic can be named");
    }
    return 0;
}
