// prometheus.io/docs/instrumenting/exposition_formats, text format 0.0.4.
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

void append_head(std::string& out, const reported_counter& first) {
    const std::string_view type = first.family.ends_with("_total") ? "counter" : "gauge";
    out.append("# HELP godwit_").append(first.family).append(" ").append(first.help).append("\n");
    out.append("# TYPE godwit_").append(first.family).append(" ").append(type).append("\n");
}

void append_sample(std::string& out, const reported_counter& what, const socket_report& of) {
    out.append("godwit_").append(what.family).append("{");
    append_label(out, "socket", of.name);
    out += ',';
    append_label(out, "pattern", of.pattern);
    if (!what.reason.empty()) {
        out += ',';
        append_label(out, "reason", what.reason);
    }
    out.append("} ").append(std::to_string(of.stats.*what.value)).append("\n");
}

}  // namespace

std::string to_prometheus(const context_report& report) {
    std::string out;
    std::string_view family;
    for (const reported_counter& each : detail::reported_counters) {
        if (each.family != family) append_head(out, each);
        family = each.family;
        for (const socket_report& one : report.sockets) append_sample(out, each, one);
    }
    return out;
}

}  // namespace godwit
