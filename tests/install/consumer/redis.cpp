// A user's program with the component redis: no header of hiredis' is needed to include ours.
#include <godwit/redis_store.hpp>

#include <iostream>

int main() {
    if (godwit::redis_store::open("nobody").failed(godwit::errc::invalid_endpoint)) std::cout << "hello\n";
}
