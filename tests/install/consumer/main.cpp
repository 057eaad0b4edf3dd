// What a newcomer writes first: one message through a push and a pull.
#include <godwit/godwit.hpp>
#include <iostream>

int main() {
    godwit::context ctx;
    godwit::pull in{ctx};
    godwit::push out{ctx};
    in.bind("inproc://hello").value();
    out.connect("inproc://hello").value();
    out.send("hello").value();
    std::cout << in.recv().value().text() << '\n';
}
