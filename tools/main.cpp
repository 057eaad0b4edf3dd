// The command `godwit`. Errors are one line on standard error; exit status: failure.hpp.
#include <exception>
#include <iostream>

#include "command_line.hpp"
#include "failure.hpp"
#include "godwit/result.hpp"
#include "interruption.hpp"

namespace {

tool::exit_status status_of(const godwit::error& error) {
    switch (error.code()) {
        case godwit::errc::invalid_argument:
        case godwit::errc::invalid_endpoint:
        case godwit::errc::insecure:
        case godwit::errc::unsupported:
            return tool::exit_usage;
        case godwit::errc::timed_out:
            return tool::exit_timed_out;
        case godwit::errc::cancelled:  // a signal, before there was anything to lose
            return tool::exit_done;
        default:
            return tool::exit_failed;
    }
}

int run(int argc, char** argv) {
    const auto command = tool::parse_command_line(argc, argv);
    if (!command) return tool::exit_done;
    tool::interruption interrupted;
    return command->run(command->options, interrupted);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const tool::failure& failure) {
        std::cerr << "godwit: " << failure.what() << '\n';
        return failure.status();
    } catch (const godwit::error& error) {
        if (error.code() != godwit::errc::cancelled) std::cerr << "godwit: " << error.what() << '\n';
        return status_of(error);
    } catch (const std::exception& error) {
        std::cerr << "godwit: " << error.what() << '\n';
        return tool::exit_failed;
    }
}
