# What all kinds of tests share: how long one may take, and what the sanitizers of this build have to be told.
set(GODWIT_TEST_TIMEOUT 60 CACHE STRING "Seconds that a single test case may take")
set(godwit_sanitized OFF)
set(godwit_test_environment "")
if(CMAKE_CXX_FLAGS MATCHES "-fsanitize=")
    set(godwit_sanitized ON)
    math(EXPR GODWIT_TEST_TIMEOUT "${GODWIT_TEST_TIMEOUT} * 4")
    set(godwit_test_environment
        "TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/tsan.supp halt_on_error=1 second_deadlock_stack=1"
        "UBSAN_OPTIONS=print_stacktrace=1")
endif()
