#include "journal_declarations.hpp"

#include "journal_verbs.hpp"
#include "option_groups.hpp"

namespace tool {

namespace {

void add_directory(CLI::App& verb, options& into) {
    verb.add_option("DIR", into.journal, "The journal's directory")->required();
}

void add_what_to_read(CLI::App& verb, options& into, const char* where) {
    add_directory(verb, into);
    verb.add_option("--stream", into.stream, "Only the stream of that name (default: all, in the order of the journal)")
        ->type_name("NAME");
    verb.add_option("--from", into.place, where)->type_name("first|last|next|OFFSET|TIME");
    verb.add_flag("--all", into.all, "Also what is released, as far as its files are there");
    verb.add_flag("--past-damage", into.past_damage,
                  "Leave out what is damaged; without, the first of it ends the command");
    add_json(verb, into,
             "Print a JSON object a line: stream, offset, time, topic, key, headers, body, producer; what is no\n"
             "UTF-8 as NAME_base64");
}

CLI::App* declare_ls(CLI::App& app, options& into) {
    CLI::App* verb = app.add_subcommand("ls", "List the streams: records, first and last offset, name");
    verb->footer("Records that are released are not counted.\n\n  godwit journal ls shop.journal");
    add_directory(*verb, into);
    add_json(*verb, into, "Print a JSON object a line: of the journal, and of each stream");
    return verb;
}

CLI::App* declare_cat(CLI::App& app, options& into) {
    CLI::App* verb = app.add_subcommand("cat", "Print the records, one a line, and end");
    verb->footer(
        "TIME is 2026-07-01T12:00:00Z, or without the Z in local time, or 15m: so long ago.\n\n"
        "  godwit journal cat shop.journal --stream orders --from 1000 --count 10\n"
        "  godwit journal cat shop.journal --from 1h --json | jq .body");
    add_what_to_read(*verb, into, "Where to begin (default first)");
    add_count(*verb, into, "End after N records");
    return verb;
}

CLI::App* declare_tail(CLI::App& app, options& into) {
    CLI::App* verb = app.add_subcommand("tail", "Print each record that comes, one a line, flushed");
    verb->footer(
        "Beside a writer a record shows when it is synced: a second late at most.\n\n"
        "  godwit journal tail shop.journal --stream orders --from last");
    add_what_to_read(*verb, into, "Where to begin (default next); TIME as for cat");
    add_count(*verb, into, "End after N records");
    add_timeout(*verb, into, "End with status 3 after so long without a record (default: wait for ever)");
    return verb;
}

CLI::App* declare_verify(CLI::App& app, options& into) {
    CLI::App* verb = app.add_subcommand("verify", "Look at every byte, and say what is cut or damaged");
    verb->footer(
        "A line for each: what, file, byte, entry, and a sentence. Exit status: 0 sound, 1 not. It may run\n"
        "beside the writer.\n\n"
        "  godwit journal verify shop.journal");
    add_directory(*verb, into);
    add_json(*verb, into, "Print a JSON object a line: of each finding, and one of the whole at the end");
    return verb;
}

void add_target(CLI::App& verb, options& into) {
    verb.add_option("TO", into.target, "A directory that is not there yet")->required();
}

void add_one_stream(CLI::App& verb, options& into) {
    verb.add_option("--stream", into.stream, "Of the stream of that name (default: of all)")->type_name("NAME");
}

CLI::App* declare_repair(CLI::App& app, options& into) {
    CLI::App* verb = app.add_subcommand("repair", "Make a new journal of what can be read of a damaged one");
    verb->footer(
        "DIR is not changed. Exit status: 0 all was saved, 1 something is lost.\n\n"
        "  godwit journal repair shop.journal shop.repaired");
    add_directory(*verb, into);
    add_target(*verb, into);
    return verb;
}

CLI::App* declare_dead(CLI::App& app, options& into) {
    CLI::App* verb = app.add_subcommand("dead", "List the dead letters: offset, reason, attempts, words, body");
    verb->footer("It may run beside the writer.\n\n  godwit journal dead shop.journal --json");
    add_directory(*verb, into);
    add_one_stream(*verb, into);
    add_json(*verb, into, "Print a JSON object a line: stream, offset, reason, attempts, words, time, body, ...");
    return verb;
}

CLI::App* declare_requeue(CLI::App& app, options& into) {
    CLI::App* verb = app.add_subcommand("requeue", "Have dead letters sent again by the next push");
    verb->footer(
        "The journal may not be in use: of a push that runs, its program requeues.\n\n"
        "  godwit journal requeue shop.journal 17 21\n"
        "  godwit journal requeue shop.journal --all --stream orders");
    add_directory(*verb, into);
    verb->add_option("OFFSET", into.offsets, "Those, of the only stream or the one that --stream names");
    verb->add_flag("--all", into.all, "All of them");
    add_one_stream(*verb, into);
    return verb;
}

CLI::App* declare_snapshot(CLI::App& app, options& into) {
    CLI::App* verb = app.add_subcommand("snapshot", "Make a backup, also while the journal is written to");
    verb->footer("To write to the backup, adopt it.\n\n  godwit journal snapshot shop.journal backup/shop.journal");
    add_directory(*verb, into);
    add_target(*verb, into);
    return verb;
}

CLI::App* declare_adopt(CLI::App& app, options& into) {
    CLI::App* verb = app.add_subcommand("adopt", "Let a copy or a restored journal be written to");
    verb->footer(
        "Only one of two copies may go on with the same receivers.\n\n"
        "  godwit journal adopt backup/shop.journal");
    add_directory(*verb, into);
    return verb;
}

}  // namespace

std::vector<verb_declaration> declare_journal_verbs(CLI::App& journal, options& into) {
    return {
        {declare_ls(journal, into), ended_well<journal_ls>},
        {declare_cat(journal, into), ended_well<journal_cat>},
        {declare_tail(journal, into), ended_well<journal_tail>},
        {declare_verify(journal, into), journal_verify},
        {declare_repair(journal, into), journal_repair},
        {declare_dead(journal, into), ended_well<journal_dead>},
        {declare_requeue(journal, into), ended_well<journal_requeue>},
        {declare_snapshot(journal, into), ended_well<journal_snapshot>},
        {declare_adopt(journal, into), ended_well<journal_adopt>},
    };
}

}  // namespace tool
