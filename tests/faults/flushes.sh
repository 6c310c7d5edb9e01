#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# flushes.sh: somebody flushes all rules before one of the things that a run says to nftables (nlfault.c), and restore is the
# cure. No run fails of it.
# shellcheck source=tests/faults/lib-faults.sh
. "$(dirname "$0")/lib-faults.sh"
SAMPLE=8
SHORT='up-namespace up-bridge down-namespace reload-namespace reload-bridge restore-second'

list_faults() { spoilt_list "$1" flush; }
one_fault() { # VERB LINE
        ready "$1"
        spoilt "$1" flush "${2%% *}"
        [ $RC = 0 ] || fail "status $RC: $(cat "$W/err")"
        well restore
        after_error "$1"
}

run_faults "$@"
