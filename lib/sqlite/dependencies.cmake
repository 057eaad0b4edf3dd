# Users of the shared library need SQLite for the connection that they hand over, and find it themselves.
if(NOT godwit_shared_libs AND NOT TARGET SQLite::SQLite3)
    find_package(SQLite3 3.24 QUIET)
    if(TARGET SQLite::SQLite3)
        set_target_properties(SQLite::SQLite3 PROPERTIES IMPORTED_GLOBAL TRUE)
    else()
        string(APPEND godwit_missing " SQLite 3.24 or newer (Debian: libsqlite3-dev)")
    endif()
endif()
