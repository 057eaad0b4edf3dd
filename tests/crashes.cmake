# The crash campaign of the journal, for scripts/prove; the same lives, fewer, are tests of test_journal.
if(NOT TARGET godwit::journal)
    return()
endif()
file(GLOB crash_scene CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/journal/*.cpp)
list(FILTER crash_scene EXCLUDE REGEX "(_test|/store_world)\\.cpp$")
godwit_add_program(crash_campaign ${CMAKE_CURRENT_SOURCE_DIR}/prove/crash_campaign.cpp ${crash_scene})
target_include_directories(crash_campaign PRIVATE ${PROJECT_SOURCE_DIR}/lib ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(crash_campaign PRIVATE godwit::journal)
