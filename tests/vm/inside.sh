#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# inside.sh: runs in the virtual machine. First each booted_NAME of the themes, in the machine as it came up, one after the other;
# then everything stops and nothing may be left; then each case_NAME, before which nothing of vnet is up and no file is there, and
# after which the machine must look as it did.
#
# inside.sh THEME FUNCTION: one of them, in a process of its own.
set -uo pipefail
W=/run/vtest
# shellcheck disable=SC2034 # this and the next ones are read by the libraries and the cases
PATIENT=60 SLOW=5 # an emulated machine on a shared one
# shellcheck disable=SC2034
declare -A PID_OF
PID_OF[up0]=$(cat /run/outside.pid)
# shellcheck disable=SC2034
PID_OF[up1]=$(cat /run/outside2.pid)
for f in base dump net units wg; do
        # shellcheck disable=SC1090
        . "/vt/lib/$f.sh"
done
read -r name < /vt/name
# What systemd and udev keep below /run is not compared.
snapshot() { /vt/picture | grep -vE '^[a-z]+ [0-7]+ /run/(systemd|udev|vtest|log|dbus|lock|mount)' > "$1"; }

# --- what the cases use beside the libraries ---

file() { cat > "/etc/vnet/$1.vnet"; } # NAME, its text from standard input
unit() { cat > "/etc/systemd/system/$1"; } # UNIT
# What the files say is up, all of it
apply() {
        systemctl daemon-reload
        systemctl start vnet.target
        local f
        for f in /etc/vnet/*.vnet; do
                f=${f##*/}
                eventually active "vnet@${f%.vnet}"
        done
}
LATER=()
later() { LATER+=("$(printf '%q ' "$@")"); } # CMD… when the case is over, however it ends; the last one first
module() { # MODULE, for as long as the case takes
        if [ -e "/sys/module/$1" ]; then return; fi
        modprobe "$1"
        later modprobe -r "$1"
}

# --- one of them ---

finally() {
        local rc=$? i
        trap - ERR EXIT
        set +e
        for ((i = ${#LATER[@]} - 1; i >= 0; i--)); do eval "${LATER[i]}"; done
        exit "$rc"
}

one() { # THEME FUNCTION
        # shellcheck disable=SC1090
        . "/vt/cases/$1.sh"
        set -eE
        exec 9>&1
        trap 'trouble $? "${BASH_SOURCE[0]##*/}" "$LINENO" "$BASH_COMMAND"' ERR
        trap finally EXIT
        [[ $2 == booted_* ]] || snapshot "$W/start"
        "$2"
}
if [ $# = 2 ]; then
        one "$1" "$2"
        exit
fi

# --- all of them ---

mkdir -p "$W"
[ ! -e /vt/thorough ] || CASE_TIMEOUT=3000 # tools/kind-table: ten times as much in each case
results=/dev/ttyS1 notes=/dev/ttyS2 # files of run.sh
for f in $results $notes; do stty -F "$f" raw -echo; done
say() { echo "$*" > $results; }
bad=0
run() { # THEME FUNCTION
        local rc label=$1/${2#*_} log=$W/log from
        from=$(date '+%Y-%m-%d %H:%M:%S')
        read -r began _ < /proc/uptime
        timeout -k 5 "${CASE_TIMEOUT:-400}" bash "$0" "$1" "$2" > "$log" 2>&1
        rc=$?
        if [[ $2 == case_* ]]; then
                if ! clean >> "$log" 2>&1 && [ $rc = 0 ]; then rc=1; fi
        fi
        read -r now _ < /proc/uptime
        case $rc in
        0) say "ok $name/$label" ;;
        77) say "skip $name/$label: $(tail -n 1 "$log")" ;;
        *)
                bad=1
                [ $rc != 124 ] || echo 'no end in sight: killed' >> "$log"
                say "FAIL $name/$label: $(tail -n 1 "$log")"
                tail -n 40 "$log" | sed 's/^/    | /' > $results
                journalctl -b --no-pager -q -o short-monotonic -n 40 --since "$from" | sed 's/^/    j /' > $results
                ;;
        esac
        echo "$label: $(awk -v a="$began" -v b="$now" 'BEGIN { printf "%.1f s, at %.0f s", b - a, a }')" > $notes
}
# The files that a case brought, and what it started
files_of_cases() { find /etc/vnet /etc/systemd/system /etc/systemd/network /etc/sysctl.d /run/systemd/{system,network} /run/vnet -mindepth 1 2> /dev/null | sort; }
clean() (
        set -eE
        exec 9>&1
        trap 'trouble $? "${BASH_SOURCE[0]##*/}" "$LINENO" "$BASH_COMMAND"' ERR
        pkill -x socat || true
        stop_all
        files_of_cases | comm -13 "$W/files" - | grep -vE '^/run/vnet/(state|lock)' | xargs -r rm -rf
        systemctl daemon-reload
        systemctl reset-failed
        same "$W/start" 'the machine before the case, and after all is down'
)
is_wanted() { # THEME FUNCTION
        [ -s /vt/wanted ] || return 0
        grep -qxE "$1(/${2#*_})?" /vt/wanted
}
functions() { # PREFIX
        local f t
        for f in /vt/cases/*.sh; do
                t=$(basename "$f" .sh)
                grep -oE "^$1_[a-zA-Z0-9_]+" "$f" | while read -r function; do
                        ! is_wanted "$t" "$function" || echo "$t $function"
                done
        done
}

while read -r theme function; do run "$theme" "$function"; done < <(functions booted)
stop_all
rm -rf /etc/vnet/*
systemctl daemon-reload
files_of_cases > "$W/files"
while read -r theme function; do run "$theme" "$function"; done < <(functions case)
[ $bad = 0 ] || journalctl -b --no-pager -q -o short-monotonic > $notes
say "end $bad"
sleep .2
exit $bad
