// A strict reader of Prometheus' text format 0.0.4, as far as counters and gauges go: throws where a server might
// refuse the text.
#pragma once
#include <charconv>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

namespace exposition {

using labels = std::map<std::string, std::string>;
using samples = std::map<std::string, std::map<labels, double>>;  // by the metric's name

class reader {
public:
    explicit reader(std::string_view text) : rest_{text} {}

    samples read() {
        if (!rest_.empty() && rest_.back() != '\n') refuse("no newline at the end");
        while (!rest_.empty()) rest_.front() == '#' ? read_head() : read_sample();
        return read_;
    }

private:
    [[noreturn]] void refuse(const std::string& why) const {
        throw std::runtime_error{why + " at: " + std::string{rest_.substr(0, 60)}};
    }
    void expect(std::string_view what) {
        if (!rest_.starts_with(what)) refuse("expected '" + std::string{what} + "'");
        rest_.remove_prefix(what.size());
    }
    std::string take_until(std::string_view ends) {
        const std::size_t length = rest_.find_first_of(ends);
        if (length == std::string_view::npos) refuse("unended");
        std::string taken{rest_.substr(0, length)};
        rest_.remove_prefix(length);
        return taken;
    }
    std::string take_name() {
        const std::string name = take_until(" {=\n");
        if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") !=
                std::string::npos ||
            name.empty() || (name[0] >= '0' && name[0] <= '9')) {
            refuse("no name: " + name);
        }
        return name;
    }
    void read_head() {
        expect("# HELP ");
        family_ = take_name();
        if (!families_.insert(family_).second) refuse("a family twice");
        expect(" ");
        if (take_until("\n").empty()) refuse("no help");
        expect("\n# TYPE " + family_ + " ");
        const std::string type = take_until("\n");
        if (type != "counter" && type != "gauge") refuse("no type");
        if ((type == "counter") != family_.ends_with("_total")) refuse("a counter, and only one, ends in _total");
        expect("\n");
    }
    void read_sample() {
        if (take_name() != family_) refuse("a sample outside its family");
        expect("{");
        labels found;
        do {
            std::string name = take_name();
            expect("=");
            if (!found.emplace(std::move(name), take_value()).second) refuse("a label twice");
        } while (rest_.front() == ',' && (rest_.remove_prefix(1), true));
        expect("} ");
        const std::string number = take_until("\n");
        double value = 0;
        const auto [end, problem] = std::from_chars(number.data(), number.data() + number.size(), value);
        if (problem != std::errc{} || end != number.data() + number.size()) refuse("no number");
        expect("\n");
        if (!read_[family_].emplace(std::move(found), value).second) refuse("a series twice");
    }
    std::string take_value() {
        std::string value;
        expect("\"");
        while (!rest_.starts_with('"')) {
            if (rest_.empty() || rest_.front() == '\n') refuse("a newline in a label");
            if (rest_.front() == '\\') {
                rest_.remove_prefix(1);
                if (!rest_.starts_with('n') && !rest_.starts_with('\\') && !rest_.starts_with('"')) refuse("an escape");
                value += rest_.front() == 'n' ? '\n' : rest_.front();
            } else {
                value += rest_.front();
            }
            rest_.remove_prefix(1);
        }
        expect("\"");
        return value;
    }

    std::string_view rest_;
    std::string family_;
    std::set<std::string> families_;
    samples read_;
};

inline samples read(std::string_view text) { return reader{text}.read(); }

}  // namespace exposition
