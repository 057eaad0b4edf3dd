// A user's program with the component sqlite: no header of SQLite's is needed to include ours.
#include <godwit/sqlite_store.hpp>

#include <iostream>

int main() {
    if (godwit::sqlite_store::open(nullptr).failed(godwit::errc::invalid_argument)) std::cout << "hello\n";
}
