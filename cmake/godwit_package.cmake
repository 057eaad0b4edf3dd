# The CMake package: godwitConfig.cmake and its version file, beside the targets that each module installs itself.
include(CMakePackageConfigHelpers)

get_property(GODWIT_MODULES GLOBAL PROPERTY GODWIT_MODULES)
foreach(module IN LISTS GODWIT_MODULES)
    get_target_property(links godwit_${module} INTERFACE_LINK_LIBRARIES)
    list(FILTER links INCLUDE REGEX "^godwit::[a-z_]+$")
    list(TRANSFORM links REPLACE "^godwit::" "")
    set(requires "")
    foreach(link IN LISTS links)
        if(link IN_LIST GODWIT_MODULES)
            list(APPEND requires ${link})
        endif()
    endforeach()
    list(JOIN requires " " requires)
    string(APPEND GODWIT_MODULE_REQUIRES "set(godwit_${module}_requires ${requires})\n")
endforeach()
list(JOIN GODWIT_MODULES " " GODWIT_MODULES)
get_property(GODWIT_DEFAULT_MODULES GLOBAL PROPERTY GODWIT_DEFAULT_MODULES)
list(JOIN GODWIT_DEFAULT_MODULES " " GODWIT_DEFAULT_MODULES)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/godwit)
configure_package_config_file(cmake/godwitConfig.cmake.in ${PROJECT_BINARY_DIR}/godwitConfig.cmake
    INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/godwitConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/godwitConfig.cmake ${PROJECT_BINARY_DIR}/godwitConfigVersion.cmake
    DESTINATION ${package_dir})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
