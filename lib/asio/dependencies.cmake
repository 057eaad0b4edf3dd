# godwit::asio_standalone: the headers of Asio without Boost. It comes with no CMake package of its own.
if(NOT TARGET godwit::asio_standalone)
    find_path(GODWIT_ASIO_INCLUDE_DIR asio/cancellation_state.hpp)  # from 1.19 on
    mark_as_advanced(GODWIT_ASIO_INCLUDE_DIR)
    if(GODWIT_ASIO_INCLUDE_DIR)
        find_package(Threads QUIET)
        add_library(godwit::asio_standalone INTERFACE IMPORTED GLOBAL)
        target_include_directories(godwit::asio_standalone INTERFACE "${GODWIT_ASIO_INCLUDE_DIR}")
        target_compile_definitions(godwit::asio_standalone INTERFACE ASIO_STANDALONE)
        target_link_libraries(godwit::asio_standalone INTERFACE Threads::Threads)
    else()
        string(APPEND godwit_missing " asio/cancellation_state.hpp (Asio 1.22 or newer; Debian: libasio-dev)")
    endif()
endif()
