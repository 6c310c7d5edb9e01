#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# messages.sh: each netlink message of a run is answered with an error once, by the kernel itself (nlfault.c).
# shellcheck source=tests/faults/lib-faults.sh
. "$(dirname "$0")/lib-faults.sh"
SAMPLE=8
SHORT='up-namespace up-bridge down-namespace down-second reload-namespace reload-bridge restore-second'

list_faults() { spoilt_list "$1" message; }
one_fault() { spoilt_one "$1" message "$2"; }

run_faults "$@"
