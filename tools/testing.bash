#!/usr/bin/env bash
# Sourced by the tests of the command: SCRIPT GODWIT TRANSPORT [CLAIM], the transport being ipc or tcp.
# Each case is a function whose name is a claim; it runs in a folder of its own and fails by a false line. A script
# defines its cases and calls run_cases.
set -uo pipefail

godwit=$1
transport=$2
only=${3:-}
work=$(mktemp -d /tmp/godwit.XXXXXX)
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$work"' EXIT

fail() {
    echo "    $*" >&2
    return 1
}

same() { [[ $1 == "$2" ]] || fail "got '$1' instead of '$2'"; }
status_of() { "$@" && echo 0 || echo $?; }

# listen VERB [OPTION...]: starts it, bound, its output in ./out; sets pid and url once it listens.
listen() {
    local pattern=$1
    shift
    if [[ $transport == ipc ]]; then url=ipc://$PWD/s; else url=tcp://127.0.0.1:*; fi
    : >errors
    # Said aloud, or bash would give it an empty input.
    "$godwit" "$pattern" --bind "$url" "$@" <&0 >out 2>errors &
    pid=$!
    for ((tries = 0; tries < 1000; ++tries)); do
        if [[ $transport == ipc && -S s ]]; then return; fi
        if [[ $transport == tcp ]] && url=$(grep -om1 'tcp://.*' errors); then return; fi
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.02
    done
    fail "$pattern does not listen: $(<errors)"
}

run_cases() {
    local failed=0 claim
    for claim in $(declare -F | awk '$3 ~ /_.*_/ {print $3}'); do
        if [[ $claim != *"$only"* ]]; then continue; fi
        mkdir "$work/case"
        # An address that nobody has.
        if [[ $transport == ipc ]]; then unused=ipc://$work/case/nobody; else unused=tcp://127.0.0.1:1; fi
        if (
            trap 'for job in $(jobs -p); do kill "$job"; done 2>/dev/null' EXIT
            cd "$work/case" && "$claim"
        ); then
            echo "ok      $claim"
        else
            echo "FAILED  $claim"
            if [[ -s $work/case/errors ]]; then sed 's/^/    /' "$work/case/errors"; fi
            failed=1
        fi
        rm -rf "$work/case"
    done
    exit "$failed"
}
