#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kills.sh: each system call of a run is its last: SIGKILL, and SIGTERM as "systemctl stop" and a unit's timeout send it. The
# signal comes before the call, so "after call K" is "before the next one". Then down, as ExecStopPost= does it: nothing is
# left; then up: everything is there.
# shellcheck source=tests/faults/lib-faults.sh
. "$(dirname "$0")/lib-faults.sh"
SAMPLE=8
SHORT='up-namespace up-bridge down-namespace down-second reload-namespace reload-bridge reload-second restore-second'

list_faults() { # VERB
        calls_of "$1" "$W/calls"
        # nobody gets a SIGTERM any more who is in exit_group()
        awk '{ print $0, "SIGKILL" } $1 != "exit_group" { print $0, "SIGTERM" }' "$W/calls" > "$W/faults"
}

one_fault() { # VERB LINE
        local call n signal
        read -r call n signal <<< "$2"
        ready "$1"
        strained "$call:signal=$signal:when=$n" "$1"
        case $RC in 0 | 137 | 143) ;; *) fail "status $RC: $(cat "$W/err")" ;; esac
        # what it warned of before is no word about its end
        grep -v 'br_netfilter active on this host' "$W/err" > "$W/said" || true
        [ ! -s "$W/said" ] || fail "it says: $(cat "$W/said")"
        after_kill "$1"
}

run_faults "$@"
