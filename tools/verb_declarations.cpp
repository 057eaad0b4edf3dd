#include "verb_declarations.hpp"

#include "journal_declarations.hpp"
#include "option_groups.hpp"

namespace tool {

namespace {

CLI::App* declare_push(CLI::App& app, options& into) {
    CLI::App* verb = app.add_subcommand("push", "Send each line of standard input to one of the pulls");
    verb->footer(
        "Lines that no pull has taken within the linger time are lost; the exit status is 3 then. With --ack\n"
        "that goes for lines that no pull has acknowledged; it is 1 if some were given up: --attempts, --ttl.\n"
        "With --journal, too, no line is lost whatever ends this process: the next run goes on with them.\n\n"
        "  seq 1000000 | godwit push --connect tcp://127.0.0.1:5555\n"
        "  tail -f app.log | godwit push --bind ipc:///tmp/app.log.sock\n"
        "  godwit push --connect tcp://127.0.0.1:5555 --ack --linger 1h --receipts processed <orders\n"
        "  tail -f orders | godwit push --connect tcp://127.0.0.1:5555 --ack --journal orders.journal");
    add_endpoints(*verb, into);
    add_peers(*verb, into, "Wait for N pulls before the first line");
    add_timeout(*verb, into, "Give up when no pull takes a line for so long (default: wait for ever)");
    add_linger(*verb, into);
    add_key_prefix(*verb, into);
    add_ack(*verb, into);
    add_journal(*verb, into,
                "Keep the lines in this directory until they are acknowledged; what a former run left\n"
                "there goes first");
    add_message_terms(*verb, into);
    add_receipts(*verb, into,
                 "Print OFFSET<TAB>STAGE for each line as it comes to STAGE: accepted, received, processed\n"
                 "(or expired, refused, dead); with --journal also durable: it survives a power cut");
    return verb;
}

CLI::App* declare_pull(CLI::App& app, options& into) {
    CLI::App* verb = app.add_subcommand("pull", "Print each message that the pushes send, one a line, flushed");
    verb->footer(
        "Several pulls on one push share its messages. What a pull has received ahead and not printed when\n"
        "it ends is lost; not so with --ack, by which each is acknowledged after it was printed, and goes to\n"
        "another pull if this one is killed before. One may be printed twice then. With --dedup what was\n"
        "acknowledged is known by the next pull with that directory, and printed by none again; what was\n"
        "printed last when it was killed, at most 1024 lines, may be.\n\n"
        "  godwit pull --bind tcp://127.0.0.1:5555 --count 10\n"
        "  godwit pull --bind tcp://127.0.0.1:5555 --ack --dedup seen\n"
        "  godwit pull --connect ipc:///tmp/app.log.sock --json | jq .body");
    add_endpoints(*verb, into);
    add_count(*verb, into, "End after N messages");
    add_timeout(*verb, into, "End with status 3 after so long without a message (default: wait for ever)");
    add_message_json(*verb, into);
    add_ack(*verb, into);
    verb->add_option(
            "--dedup", into.dedup,
            "Remember in DIR, made if there is none, what was acknowledged: see above. One pull at a time has it")
        ->type_name("DIR");
    return verb;
}

CLI::App* declare_pub(CLI::App& app, options& into) {
    CLI::App* verb = app.add_subcommand("pub", "Send each line of standard input to every subscriber of a topic");
    verb->footer(
        "A subscriber gets what is sent after it came: --peers waits for it. One that falls a million\n"
        "messages behind misses some. With --ack one can begin earlier, and is told what it misses.\n\n"
        "  seq 10 | godwit pub --bind tcp://127.0.0.1:5556 --topic eur.usd --peers 1");
    add_endpoints(*verb, into);
    verb->add_option("--topic", into.topics, "The topic of every message (default: empty)")
        ->type_name("T")
        ->expected(1);
    add_peers(*verb, into, "Wait for N subscribers of the topic before the first line");
    add_timeout(*verb, into, "Wait for them at most so long (default: for ever)");
    add_linger(*verb, into);
    add_key_prefix(*verb, into);
    add_ack(*verb, into);
    add_journal(*verb, into,
                "Keep the lines in this directory, for subscribers that come later and runs that come later;\n"
                "when it is full the oldest go");
    add_receipts(*verb, into,
                 "Print OFFSET<TAB>STAGE for each line as it comes to STAGE: accepted; with --journal also\n"
                 "stored and durable");
    return verb;
}

CLI::App* declare_sub(CLI::App& app, options& into) {
    CLI::App* verb = app.add_subcommand("sub", "Print each message published under some topics, one a line, flushed");
    verb->footer(
        "A topic is a prefix: eur. takes eur.usd and eur.chf. Without any, everything is printed. With --ack\n"
        "it is a filter: also =eur.usd (that one alone), eur.* (one more word), eur.> (one or more). What the\n"
        "publisher had to drop before it came here is named on standard error; the exit status is 1 then.\n\n"
        "  godwit sub --connect tcp://127.0.0.1:5556 --topic eur. --topic usd. --json\n"
        "  godwit sub --connect tcp://127.0.0.1:5556 --ack --topic '*.usd' --from first");
    add_endpoints(*verb, into);
    verb->add_option("--topic", into.topics, "Subscribe to topics that begin with T; repeatable")
        ->type_name("T")
        ->allow_extra_args(false);
    add_count(*verb, into, "End after N messages");
    add_timeout(*verb, into, "End with status 3 after so long without a message (default: wait for ever)");
    add_message_json(*verb, into);
    add_ack(*verb, into);
    add_from(*verb, into);
    return verb;
}

CLI::App* declare_req(CLI::App& app, options& into) {
    CLI::App* verb = app.add_subcommand("req", "Send each line as a request and print its reply, in the lines' order");
    verb->footer(
        "Up to 256 requests are under way at once, shared among the reps. The first that gets no reply in\n"
        "time ends the command with status 3. With --ack a request that surely was not executed goes to\n"
        "another rep; one whose rep died on it ends the command with status 1.\n\n"
        "  printf '%s\\n' 17 21 | godwit req --connect tcp://127.0.0.1:5557 --timeout 2s");
    add_endpoints(*verb, into);
    add_peers(*verb, into, "Wait for N reps before the first line");
    add_timeout(*verb, into, "Wait at most so long for each reply in its turn (default: for ever)");
    add_linger(*verb, into);
    add_message_json(*verb, into);
    add_ack(*verb, into);
    add_ttl(*verb, into, "Give each request so long; reps begin none whose time is over");
    return verb;
}

CLI::App* declare_rep(CLI::App& app, options& into) {
    CLI::App* verb = app.add_subcommand("rep", "Answer requests by a command, or with themselves");
    verb->footer(
        "The command gets the request on standard input; what it prints, less one newline at the end, is\n"
        "the reply. If it fails, a line on standard error says so, and the reply is empty; with --ack the\n"
        "request is tried again. One at a time: start several reps to have more.\n\n"
        "  godwit rep --bind tcp://127.0.0.1:5557 --exec 'factor'\n"
        "  godwit rep --bind ipc://@echo --echo");
    add_endpoints(*verb, into);
    CLI::Option* exec = verb->add_option("--exec", into.exec, "Answer with what `sh -c CMD` prints")->type_name("CMD");
    verb->add_flag("--echo", into.echo, "Answer each request with itself")->excludes(exec);
    add_count(*verb, into, "End after N requests");
    add_timeout(*verb, into, "End with status 3 after so long without a request (default: wait for ever)");
    add_linger(*verb, into);
    add_ack(*verb, into);
    return verb;
}

void add_urls(CLI::App& verb, const char* name, std::vector<std::string>& into, const char* meaning) {
    verb.add_option(name, into, meaning)->type_name("URL")->allow_extra_args(false);
}

CLI::App* declare_process(CLI::App& app, options& into) {
    CLI::App* verb = app.add_subcommand("process", "Send each message through a command and on, exactly once");
    verb->footer(
        "CMD is started once, with `sh -c`: for each line on its standard input it prints one, flushed. What\n"
        "was consumed and what goes on are one entry in DIR: killed anywhere and started again, this repeats\n"
        "no line and loses none, but CMD starts anew with it. Pushes that send here have --ack, pulls behind\n"
        "it --ack and --dedup. When CMD ends, its message is tried again with the next CMD.\n\n"
        "  godwit process --from tcp://127.0.0.1:5555 --bind-to ipc:///tmp/upper.sock --state upper \\\n"
        "      --exec 'sed -u s/.*/\\U\\0/'");
    add_urls(*verb, "--from", into.from_urls, "Messages come from this URL; repeatable");
    add_urls(*verb, "--bind-from", into.bind_from, "Listen there for them (port *: any free one, printed); repeatable");
    add_urls(*verb, "--to", into.to_urls, "Lines go to this URL; repeatable");
    add_urls(*verb, "--bind-to", into.bind_to, "Listen there for who takes them; repeatable");
    verb->add_option("--state", into.state, "The directory, made if there is none. One process at a time has it")
        ->type_name("DIR")
        ->required();
    verb->add_option("--exec", into.exec, "A line in, a line out")->type_name("CMD")->required();
    add_keys(*verb, into);
    verb->add_option("--allow", into.allow, "With --bind-…: the file of the public keys that may come, one a line")
        ->type_name("FILE");
    verb->add_flag("--insecure", into.insecure, "Allow tcp beyond this machine, unencrypted and open to anybody");
    add_linger(*verb, into);
    add_ack_terms(*verb, into);
    return verb;
}

CLI::App* declare_keygen(CLI::App& app, options& into) {
    CLI::App* verb =
        app.add_subcommand("keygen", "Make a key: the secret part into FILE, the public part into FILE.pub");
    verb->footer(
        "FILE is for its owner alone. The public key is printed, too: put it into the --allow file of those\n"
        "you connect to, or give it as --server-key to those that connect to you. Nothing is overwritten.\n\n"
        "  godwit keygen ~/.config/worker.key");
    verb->add_option("FILE", into.file, "Where the secret key goes")->required();
    return verb;
}

CLI::App* declare_doctor(CLI::App& app, options& into) {
    CLI::App* verb = app.add_subcommand("doctor", "Say in words what is wrong with a connection to a URL");
    verb->footer(
        "A line for each step: ok or wrong, what was looked at, what was found. Exit status: 0 all is well,\n"
        "1 something is wrong, 3 no answer in time. No message is taken from the peer, and it counts nobody\n"
        "as joined; over CURVE it may, for a moment, as one that sends nothing.\n\n"
        "  godwit doctor tcp://127.0.0.1:5555 --as push");
    verb->add_option("URL", into.url, "Where to look")->required();
    verb->add_option("--as", into.as, "The pattern that you mean to connect: push, pull, pub, sub, req or rep")
        ->check(CLI::IsMember({"push", "pull", "pub", "sub", "req", "rep"}))
        ->type_name("PATTERN");
    add_keys(*verb, into);
    add_timeout(*verb, into, "Look for at most so long (default 5s)");
    add_json(*verb, into, "Print one JSON object instead");
    return verb;
}

}  // namespace

std::vector<verb_declaration> declare_verbs(CLI::App& app, options& into) {
    std::vector<verb_declaration> verbs{
        {declare_push(app, into), ended_well<push>},
        {declare_pull(app, into), ended_well<pull>},
        {declare_pub(app, into), ended_well<pub>},
        {declare_sub(app, into), ended_well<sub>},
        {declare_req(app, into), ended_well<req>},
        {declare_rep(app, into), ended_well<rep>},
        {declare_process(app, into), ended_well<process>},
        {declare_keygen(app, into), ended_well<keygen>},
        {declare_doctor(app, into), doctor},
    };
    for (const verb_declaration& each : verbs) each.app->group("Verbs");
    CLI::App* const journal =
        app.add_subcommand("journal", "Look into a journal: ls, cat, tail, verify")->group("Verbs");
    journal->require_subcommand(1);
    journal->footer("godwit help journal VERB says more about a verb.");
    journal->get_formatter()->label("SUBCOMMAND", "VERB");
    for (const verb_declaration& each : declare_journal_verbs(*journal, into)) verbs.push_back(each);
    return verbs;
}

}  // namespace tool
