# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# base.sh: what the tests in a machine of lib.sh and those in a booted system (tests/boot) share: assertions that say
# what was wrong, and a way to run commands in a namespace.
#
# Needs "set -eE", the ERR trap on trouble() and file descriptor 9 as the log.

# What failed, as the last line of the log: the test's own line, not the one of a function in here.
trouble() {
        local i
        trap - ERR
        for ((i = 1; i < ${#FUNCNAME[@]}; i++)); do
                case ${BASH_SOURCE[i]} in */tests/lib/* | /vt/lib/*) continue ;; esac
                echo "${BASH_SOURCE[i]##*/}:${BASH_LINENO[i - 1]}: ${REASON:-$4: status $1}" >&9
                exit 1
        done
        echo "$2:$3: ${REASON:-$4: status $1}" >&9
        exit 1
}

fail() { REASON=$* && return 1; }
skip() { echo "$*"; exit 77; }

# Run a command where it belongs: host, outside, outside2 (behind up1), the name of a namespace, or a process in one.
at() { # WHERE CMD…
        local where=$1
        shift
        case $where in
        host) "$@" ;;
        outside) nsenter -t "${PID_OF[up0]}" -n "$@" ;;
        outside2) nsenter -t "${PID_OF[up1]}" -n "$@" ;;
        [0-9]*) nsenter -t "$where" -n "$@" ;;
        *) nsenter --net="/run/netns/$where" "$@" ;;
        esac
}

# Again and again for some 30 s (PATIENT): the first packet over a new bridge may be lost, and a machine may be busy.
eventually() {
        local end=$((SECONDS + ${PATIENT:-30})) again=2
        until "$@"; do
                again=$((again - 1))
                [ $again -gt 0 ] || [ $SECONDS -lt $end ] || return 1
                sleep .1
        done
}

# --- assertions ---

is() { [ "$1" = "$2" ] || fail "'$1' is not '$2'${3:+ ($3)}"; } # GOT WANTED [WHAT]
gone() { if "$@" > /dev/null 2>&1; then fail "still there: $*"; fi; }

# In a pipe: "grep -q" ends at the first hit, and then what stands before it may die of SIGPIPE.
has() { grep "$@" > /dev/null; } # GREP'S ARGUMENTS

# jq expression that must be true of the JSON output of a command
holds() { # EXPRESSION CMD…
        local e=$1
        shift
        "$@" > "$W/json"
        jq -e "$e" "$W/json" > /dev/null || { jq -c . "$W/json"; fail "not so: $e of $*"; }
}
