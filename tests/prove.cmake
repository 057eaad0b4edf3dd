# A short run of the hostile campaign (scripts/prove runs the whole): every kind of stranger, without a claim about time.
if(NOT python)
    add_test(NAME system.hostile_campaign
        COMMAND ${CMAKE_COMMAND} -E echo "skipped: no python3 with pyzmq (Debian: python3-zmq)")
    set_tests_properties(system.hostile_campaign PROPERTIES LABELS system SKIP_REGULAR_EXPRESSION "^skipped:")
    return()
endif()
set(sanitized "")
if(godwit_sanitized)
    set(sanitized --sanitized)
endif()
add_test(NAME system.outbox_campaign COMMAND ${python} ${CMAKE_CURRENT_SOURCE_DIR}/prove
    --build ${PROJECT_BINARY_DIR} --only outbox --seconds 5 ${sanitized})
set_tests_properties(system.outbox_campaign PROPERTIES LABELS system TIMEOUT 180
    ENVIRONMENT "${godwit_test_environment};PYTHONDONTWRITEBYTECODE=1;PYTHONUNBUFFERED=1")
add_test(NAME system.chain_campaign COMMAND ${python} ${CMAKE_CURRENT_SOURCE_DIR}/prove
    --build ${PROJECT_BINARY_DIR} --only chain --seconds 4 ${sanitized})
set_tests_properties(system.chain_campaign PROPERTIES LABELS system TIMEOUT 180
    ENVIRONMENT "${godwit_test_environment};PYTHONDONTWRITEBYTECODE=1;PYTHONUNBUFFERED=1")
add_test(NAME system.hostile_campaign COMMAND ${python} ${CMAKE_CURRENT_SOURCE_DIR}/prove
    --build ${PROJECT_BINARY_DIR} --only hostile --short --connections 150 ${sanitized})
set_tests_properties(system.hostile_campaign PROPERTIES LABELS system TIMEOUT 180 SKIP_RETURN_CODE 77
    ENVIRONMENT "${godwit_test_environment};PYTHONDONTWRITEBYTECODE=1;PYTHONUNBUFFERED=1")
