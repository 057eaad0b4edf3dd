# godwit_add_library(<module> ...) makes one module: the target godwit_<module> with its alias godwit::<module>, the
# file libgodwit-<module>, its installed headers, its part of the CMake package and its godwit-<module>.pc. A module is
# a folder below lib/ that calls it once; nothing else in the build has to know the module.
#
#   INTERFACE                     no sources: headers only
#   ON_REQUEST                    found only by users who name it as a component
#   SOURCES, HEADERS              files; headers are relative to include/
#   REQUIRES                      other modules, as in `base`; users of this module get them too
#   LIBRARIES, PRIVATE_LIBRARIES  other targets to link
#   PC_REQUIRES_PRIVATE           pkg-config names of what PRIVATE_LIBRARIES stands for
#   PC_CFLAGS                     further flags of users who build by pkg-config

# The warnings are ours alone: a project that contains Godwit never sees them.
function(godwit_set_warnings target)
    if(PROJECT_IS_TOP_LEVEL)
        target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
        # GCC 12 sees overlapping copies in string concatenation (GCC bug 105651), and an unset value in std::optional.
        target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
                                                 $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
        if(GODWIT_WERROR)
            set_target_properties(${target} PROPERTIES COMPILE_WARNING_AS_ERROR ON)
        endif()
    endif()
endfunction()

# For tests, tools, examples and benchmarks. Under sanitizers the optimizer, and the look for undefined behaviour, are for
# the libraries: they take half of the time that programs need to compile.
function(godwit_add_program target)
    add_executable(${target} ${ARGN})
    if(CMAKE_CXX_FLAGS MATCHES "-O1 -fsanitize")
        target_compile_options(${target} PRIVATE -O0 $<$<CXX_COMPILER_ID:GNU>:-fno-sanitize=undefined>)
    endif()
    godwit_set_warnings(${target})
    set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
endfunction()

function(godwit_add_library module)
    cmake_parse_arguments(PARSE_ARGV 1 arg "INTERFACE;ON_REQUEST" ""
        "SOURCES;HEADERS;REQUIRES;LIBRARIES;PRIVATE_LIBRARIES;PC_REQUIRES_PRIVATE;PC_CFLAGS")
    set(target godwit_${module})
    set(scope PUBLIC)
    if(arg_INTERFACE)
        set(scope INTERFACE)
        add_library(${target} INTERFACE)
    else()
        add_library(${target} ${arg_SOURCES})
        set_target_properties(${target} PROPERTIES
            OUTPUT_NAME godwit-${module}
            VERSION ${PROJECT_VERSION}
            # Before 1.0 each minor version has an ABI of its own.
            SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
            POSITION_INDEPENDENT_CODE ON
            CXX_EXTENSIONS OFF
            CXX_VISIBILITY_PRESET hidden
            VISIBILITY_INLINES_HIDDEN ON
            UNITY_BUILD ${GODWIT_QUICK_BUILD}
            UNITY_BUILD_BATCH_SIZE 16
            INSTALL_RPATH "$ORIGIN")
        target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/lib)
        get_target_property(type ${target} TYPE)
        if(type STREQUAL STATIC_LIBRARY)
            target_compile_definitions(${target} PUBLIC GODWIT_STATIC_DEFINE)
        endif()
        target_link_libraries(${target} PRIVATE ${arg_PRIVATE_LIBRARIES})
        godwit_set_warnings(${target})
    endif()
    add_library(godwit::${module} ALIAS ${target})
    set_target_properties(${target} PROPERTIES EXPORT_NAME ${module} VERIFY_INTERFACE_HEADER_SETS ${PROJECT_IS_TOP_LEVEL})
    target_compile_features(${target} ${scope} cxx_std_20)
    list(TRANSFORM arg_REQUIRES PREPEND godwit:: OUTPUT_VARIABLE required_targets)
    target_link_libraries(${target} ${scope} ${required_targets} ${arg_LIBRARIES})

    list(TRANSFORM arg_HEADERS PREPEND ${PROJECT_SOURCE_DIR}/include/ OUTPUT_VARIABLE headers)
    target_sources(${target} ${scope}
        FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/include FILES ${headers})
    set_property(GLOBAL APPEND PROPERTY GODWIT_MODULES ${module})
    if(NOT arg_ON_REQUEST)
        set_property(GLOBAL APPEND PROPERTY GODWIT_DEFAULT_MODULES ${module})
    endif()
    set_property(GLOBAL APPEND PROPERTY GODWIT_HEADERS ${arg_HEADERS})

    if(NOT GODWIT_INSTALL)
        return()
    endif()
    install(TARGETS ${target} EXPORT godwit-${module}
        RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
        FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
    set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/godwit)
    install(EXPORT godwit-${module} NAMESPACE godwit:: FILE godwit-${module}-targets.cmake DESTINATION ${package_dir})
    # What a user of the installed module has to find again; the module's own CMakeLists.txt includes the same file.
    if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/dependencies.cmake)
        install(FILES ${CMAKE_CURRENT_SOURCE_DIR}/dependencies.cmake
            DESTINATION ${package_dir} RENAME godwit-${module}-dependencies.cmake)
    endif()

    # The .pc file. Static archives carry no list of what they need, so there the private needs become public.
    list(TRANSFORM arg_REQUIRES PREPEND godwit-)
    set(pc_requires ${arg_REQUIRES})
    set(pc_requires_private "")
    set(pc_libs "")
    set(pc_cflags ${arg_PC_CFLAGS})
    if(arg_INTERFACE)
        list(APPEND pc_requires ${arg_PC_REQUIRES_PRIVATE})
    else()
        set(pc_libs "-L\${libdir} -lgodwit-${module}")
        if(type STREQUAL STATIC_LIBRARY)
            list(APPEND pc_requires ${arg_PC_REQUIRES_PRIVATE})
            list(APPEND pc_cflags -DGODWIT_STATIC_DEFINE)
            string(APPEND pc_libs " -lstdc++ -pthread")
        else()
            set(pc_requires_private ${arg_PC_REQUIRES_PRIVATE})
        endif()
    endif()
    set(pc_name godwit-${module})
    if(module STREQUAL godwit)
        set(pc_name godwit)
    endif()
    list(JOIN pc_requires ", " pc_requires)
    list(JOIN pc_requires_private ", " pc_requires_private)
    list(JOIN pc_cflags " " pc_cflags)
    # Relative to the .pc file itself, so that the installed tree can be moved.
    file(RELATIVE_PATH pc_prefix
        ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
    string(REGEX REPLACE "/$" "" pc_prefix "${pc_prefix}")
    configure_file(${PROJECT_SOURCE_DIR}/cmake/godwit.pc.in ${PROJECT_BINARY_DIR}/pkgconfig/${pc_name}.pc @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/pkgconfig/${pc_name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()
