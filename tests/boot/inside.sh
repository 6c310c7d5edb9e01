#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# inside.sh: runs a scenario in the booted system. Prints a line for each check; its exit status is that of vboot.sh.
set -uo pipefail
W=/run/vtest
mkdir -p $W
declare -A PID_OF
# shellcheck disable=SC2034 # read by at()
PID_OF[up0]=$(cat /run/outside.pid)
for f in base dump net units others beside; do
        # shellcheck disable=SC1090
        . "/vt/lib/$f.sh"
done

name=$(cat /vt/name)
only=$(cat /vt/only)
version=$(systemctl --version | awk 'NR == 1 { print $2 }')
bad=0

# Each check goes on with what the one before left; a failed one does not end the scenario.
check() { # NAME FUNCTION
        local rc log=$W/log told
        rm -f "$W/cell"
        [[ -z $only || " $only " == *" $1 "* ]] || return 0
        (
                set -eE
                exec 9>&1
                trap 'trouble $? "${BASH_SOURCE[0]##*/}" "$LINENO" "$BASH_COMMAND"' ERR
                "$2"
        ) > "$log" 2>&1
        rc=$?
        told=$(awk '!seen[$0]++' "$W/cell" 2> /dev/null | paste -sd '\t' | sed 's/\t/ ;; /g')
        case $rc in
        0) echo "ok boot/$name/$1 (systemd $version)${told:+: $told}" ;;
        77) echo "skip boot/$name/$1 (systemd $version): $(tail -n 1 "$log")" ;;
        *)
                bad=1
                echo "FAIL boot/$name/$1 (systemd $version): $(tail -n 1 "$log")"
                tail -n 30 "$log" | sed 's/^/    | /'
                journalctl -b --no-pager -q -o short-monotonic -n 20 -u 'vnet*' | sed 's/^/    j /'
                ;;
        esac
}

omit() { echo "skip boot/$name/$1 (systemd $version): $2"; } # NAME REASON

# As snapshot of lib.sh. What systemd itself keeps below /run is not compared.
snapshot() {
        {
                dump
                files_dump | grep -E ' /run/(vnet|netns|sysctl.d)|/etc/netns'
        } > "$1" || true
}
# shellcheck disable=SC1090
. "/vt/scenarios/$(cat /vt/scenario)"
scenario
exit $bad
