// Asynchronous completion: the caller hands over its jobs, neither polls nor gives a callback, and is told: each job
// names the caller's own pull in a header, and whoever does the job sends a message there when it is done.
// Usage: asynchronous_completion [URL], by default inproc://jobs.
// Prints: the three completions, as they come.
#include <cctype>
#include <iostream>
#include <map>
#include <string>
#include <thread>
#include <utility>

#include "beside.hpp"
#include "godwit/godwit.hpp"

using namespace std::chrono_literals;

// Knows no caller beforehand: the job says whom to tell.
void work(godwit::context& context, godwit::pull& jobs) {
    std::map<std::string, godwit::push, std::less<>> callers;
    while (const auto job = jobs.recv()) {
        std::string result{job->text()};
        for (char& letter : result) letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));

        const auto [caller, is_new] = callers.try_emplace(std::string{job->header_value("reply-to")}, context);
        if (is_new) caller->second.connect(caller->first).value();
        caller->second.send(godwit::as_bytes(result), {.headers = {{"id", job->header_value("id")}}}).value();
    }
}

int main(int argc, char** argv) {
    const std::string url = argc > 1 ? argv[1] : "inproc://jobs";
    godwit::context context;
    godwit::pull jobs{context};
    const std::string jobs_endpoint = jobs.bind(url).value();
    std::jthread worker{[&] { work(context, jobs); }};

    godwit::pull done{context};
    const std::string done_endpoint = done.bind(beside(url, "done")).value();
    godwit::push out{context};
    out.connect(jobs_endpoint).value();
    for (const auto& [id, text] : {std::pair{"1", "knot"}, {"2", "tern"}, {"3", "godwit"}}) {
        out.send(godwit::as_bytes(text), {.headers = {{"reply-to", done_endpoint}, {"id", id}}}).value();
    }

    // The caller is free to do other things here. What is done waits for it.
    for (int count = 0; count < 3; ++count) {
        const godwit::delivery completion = done.recv(10s).value();
        std::cout << "job " << completion.header_value("id") << " is done: " << completion.text() << '\n';
    }
    jobs.close().value();
}
