// A second URL beside the one that an example was given, for its second socket: inproc and ipc names get a suffix;
// tcp://HOST:* needs none, because each bind finds a port of its own.
#pragma once
#include <string>

inline std::string beside(const std::string& url, const std::string& suffix) {
    return url.starts_with("tcp://") ? url : url + "." + suffix;
}
