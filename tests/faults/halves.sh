#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# halves.sh: each netlink message of a reload that sets what an interface has is refused once when the kernel has set all of
# it (nlfault.c): what was set must be taken back.
# shellcheck source=tests/faults/lib-faults.sh
. "$(dirname "$0")/lib-faults.sh"
SAMPLE=40
SHORT='reload-namespace reload-bridge'
VERBS=reload

# NLFAULT_AT counts all messages
list_faults() {
        spoilt_list "$1" half
        sed -i '/ protocol 0 type 16$/!d' "$W/faults"
}
one_fault() { spoilt_one "$1" half "$2"; }

run_faults "$@"
