# The campaign of the simulated world, for scripts/prove; the same runs, fewer, are tests of test_sim.
file(GLOB sim_scene CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/sim/*.cpp)
list(FILTER sim_scene EXCLUDE REGEX "_test\\.cpp$")
list(APPEND sim_scene ${CMAKE_CURRENT_SOURCE_DIR}/journal/sim_directory.cpp)
godwit_add_program(push_pull_campaign ${CMAKE_CURRENT_SOURCE_DIR}/prove/push_pull_campaign.cpp ${sim_scene})
target_include_directories(push_pull_campaign PRIVATE ${PROJECT_SOURCE_DIR}/lib ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(push_pull_campaign PRIVATE godwit::ack_retry godwit::dedup godwit::sim)
