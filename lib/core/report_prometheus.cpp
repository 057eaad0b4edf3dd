// prometheus.io/docs/instrumenting/exposition_formats, text format 0.0.4.
#include <algorithm>

#include "base/escape.hpp"
#include "core/report_counters.hpp"
#include "godwit/report.hpp"

namespace godwit {

namespace {

using detail::reported_counter;

void append_label(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append("=\"");
    for (const char each : detail::as_utf8(value)) {
        if (each == '\n') {
            out += "\\n";
            continue;
        }
        if (each == '\\' || each == '"') out += '\\';
        out += each;
    }
    out += '"';
}

void append_head(std::string& out, std::string_view family, std::string_view help) {
    const std::string_view type = family.ends_with("_total") ? "counter" : "gauge";
    out.append("# HELP godwit_").append(family).append(" ").append(help).append("\n");
    out.append("# TYPE godwit_").append(family).append(" ").append(type).append("\n");
}

void append_sample(std::string& out, std::string_view family, std::string_view reason, const socket_report& of,
                   std::uint64_t value) {
    out.append("godwit_").append(family).append("{");
    append_label(out, "socket", of.name);
    out += ',';
    append_label(out, "pattern", of.pattern);
    if (!reason.empty()) {
        out += ',';
        append_label(out, "reason", reason);
    }
    out.append("} ").append(std::to_string(value)).append("\n");
}

void append_deliveries(std::string& out, const context_report& report) {
    for (const detail::delivery_counter& each : detail::delivery_counters) {
        const std::string family = "delivery_" + std::string{each.family};
        append_head(out, family, each.help);
        for (const socket_report& one : report.sockets) {
            if (one.delivery) append_sample(out, family, {}, one, *one.delivery.*each.value);
        }
    }
}

}  // namespace

std::string to_prometheus(const context_report& report) {
    std::string out;
    std::string_view family;
    for (const reported_counter& each : detail::reported_counters) {
        if (each.family != family) append_head(out, family = each.family, each.help);
        for (const socket_report& one : report.sockets) {
            append_sample(out, each.family, each.reason, one, one.stats.*each.value);
        }
    }
    const bool any = std::ranges::any_of(report.sockets, [](const socket_report& one) { return !!one.delivery; });
    if (any) append_deliveries(out, report);
    return out;
}

}  // namespace godwit
