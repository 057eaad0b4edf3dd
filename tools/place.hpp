// place: where a URL leads from here: one address of the system.
#pragma once
#include <sys/socket.h>

#include <string>
#include <vector>

namespace tool {

struct place {
    sockaddr_storage address{};
    socklen_t size = 0;
    std::string text;  // "127.0.0.1:5555", or the path
    std::string path;  // ipc, a file
};

struct places {
    std::vector<place> found;
    std::string problem;  // in words, where none was found
};

// `url` has been checked to be one that can be connected to, of ipc or tcp. May block while a name is resolved.
places places_of(const std::string& url);

}  // namespace tool
