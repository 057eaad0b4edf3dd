// As main.cpp, on an Asio loop.
#include <godwit/asio.hpp>
#include <asio/io_context.hpp>
#include <iostream>

int main() {
    godwit::context context;
    godwit::pull in{context};
    godwit::push out{context};
    out.connect(in.bind("inproc://hello").value()).value();
    asio::io_context loop;
    godwit::asio::async<godwit::pull> waits{loop, in};
    waits.async_recv([](std::error_code failed, const godwit::delivery& got) {
        std::cout << (failed ? failed.message() : std::string{got.text()}) << '\n';
    });
    out.send("hello").value();
    loop.run();
}
