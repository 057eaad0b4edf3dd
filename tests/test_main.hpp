// The test framework, whichever of Catch2's two major versions is installed. Every test includes this and nothing else
// of Catch2; `main` comes from the library that the build links. Write Catch::Approx with its namespace.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
