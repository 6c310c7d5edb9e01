#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# memory.sh: each allocation of a run fails once (nlfault.c).
# shellcheck source=tests/faults/lib-faults.sh
. "$(dirname "$0")/lib-faults.sh"
SAMPLE=8
SHORT='up-second down-second reload-second restore-second' # where the others run through the same code
BARE_ENOMEM=' ' # read by lib-faults.sh

list_faults() { spoilt_list "$1" memory; }
one_fault() { spoilt_one "$1" memory "$2"; }

run_faults "$@"
