# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lib-faults.sh: what the scripts of the suite faults share. A case is VERB-TARGET (site.sh has the targets); it has a list of
# faults, numbered from 1, and each of them is one run of the helper that goes wrong somewhere.
#
#   tests/faults/calls.sh                    a sample of every case, always the same
#   tests/faults/calls.sh --long             all faults of all cases
#   tests/faults/calls.sh up-namespace       a sample of one case
#   tests/faults/calls.sh up-namespace 17    one fault
#   tests/faults/calls.sh --list             the cases of the short form; --long --list: all
#
# A script defines list_faults VERB, which writes one fault a line to $W/faults, and one_fault VERB "FAULT'S LINE", and ends
# with: run_faults "$@". After a fault that fails a new machine goes on behind it, so that nothing of it is carried along.
#
# Environment: as lib.sh; FAULTS_SAMPLE  how many faults of a case the short form tries
#                         FAULTS_SHOW    yes: show what the helper said, fault by fault
# shellcheck disable=SC2086,SC2015,SC2020,SC2034 # words made here; TARGETS is read by who sources this

# shellcheck source=tests/lib/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
# shellcheck source=tests/faults/site.sh
. "$TOP/tests/faults/site.sh"

UNDER_TEST=$PLAIN/tools/vnet-helper # sanitizers make system calls of their own
SPOILER=$PLAIN/tests/faults/nlfault.so
PATIENCE=120 # seconds after which a run hangs
VERBS='up down reload restore'

# --- outside ---

# Of the short form those in SHORT
all_cases() { # short|long
        local v t
        if [ "$1" = short ] && [ -n "${SHORT:-}" ]; then
                tr ' ' '\n' <<< "$SHORT"
                return
        fi
        for v in $VERBS; do for t in $TARGETS; do echo "$v-$t"; done; done
}

run_faults() { # [--long] [--list | CASE [NUMBER]...]
        if [ "${1-}" = --inside ]; then
                shift
                inside_faults "$@"
                return
        fi
        local theme c bad=0 mode=short limit=3000
        theme=faults/$(basename "$0" .sh)
        if [ "${1-}" = --long ]; then mode=long limit=14400 && shift; fi
        VNET_TIMEOUT=${VNET_TIMEOUT:-$limit} # PATIENCE is for one fault
        if [ "${1-}" = --list ]; then
                all_cases $mode
                return
        fi
        [ "$(id -u)" = 0 ] || { echo "FAIL $theme: needs root"; exit 1; }
        [ -x "$UNDER_TEST" ] || { echo "FAIL $theme: no $UNDER_TEST: build it first (tools/check does)"; exit 1; }
        command -v strace > /dev/null || { echo "skip $theme: no strace"; exit 0; }
        if [ $# -gt 1 ]; then mode="only ${*:2}" && set -- "$1"; fi
        # shellcheck disable=SC2046 # words
        [ $# -gt 0 ] || set -- $(all_cases "$mode")
        for c; do one_case "$theme" "$c" "$mode" || bad=1; done
        exit $bad
}

# The numbers of a case, in machine after machine until all have been tried or too many were wrong
one_case() { # THEME CASE MODE
        local from=1 tried=0 total=0 number what n wrong=0 log progress
        log=$(mktemp) progress=$(mktemp)
        while :; do
                : > "$progress"
                if FAULTS_PROGRESS=$progress machine "$0" --inside "$2" $from "$3" > "$log" 2>&1; then
                        read -r number total n what < "$progress" || true
                        tried=$((tried + n))
                        break
                fi
                wrong=$((wrong + 1)) number=
                read -r number total n what < "$progress" || true
                echo "FAIL $1/$2 ${number:-before any fault}${what:+ ($what)}: $(tail -n 1 "$log")"
                [ -z "$number" ] || echo "    | tests/$1.sh $2 $number"
                tail -n "${VNET_TAIL:-25}" "$log" | sed 's/^/    | /'
                tried=$((tried + ${n:-0})) from=$((${number:-0} + 1))
                if [ -z "$number" ] || [ $wrong -ge "${FAULTS_MOST:-5}" ]; then break; fi
        done
        [ -z "${VNET_KEEP:-}" ] || cp "$log" "$VNET_KEEP/${1//\//-}-$2.log"
        rm -f "$log" "$progress"
        [ $wrong = 0 ] && echo "ok $1/$2 ($tried of $total faults)"
}

# --- inside ---

inside_faults() { # CASE FROM MODE
        local verb=${1%%-*} target=${1#*-} total i n=0 line
        enter
        NAME=${NAME_OF[$target]}
        case_begins "$verb" "$target"
        list_faults "$verb"
        total=$(wc -l < "$W/faults")
        [ "$total" -gt 0 ] || fail 'there is nothing that could fail'
        for i in $(numbers "$total" "$2" "$3"); do
                line=$(sed -n "${i}p" "$W/faults") LINE="$i $line"
                n=$((n + 1))
                echo "$i $total $n $line" > "$FAULTS_PROGRESS"
                one_fault "$verb" "$line"
        done
        [ $n -gt 0 ] || echo "0 $total 0 -" > "$FAULTS_PROGRESS"
}

# Which of TOTAL faults: all, the given ones, or every k-th. The sample begins where no date and no chance has a say.
numbers() { # TOTAL FROM MODE
        local step=1 first=1 i
        case $3 in
        only*)
                for i in ${3#only}; do [ "$i" -lt "$2" ] || echo "$i"; done
                return
                ;;
        short)
                step=$((($1 + ${FAULTS_SAMPLE:-$SAMPLE} - 1) / ${FAULTS_SAMPLE:-$SAMPLE}))
                first=$((7 % step + 1))
                ;;
        esac
        for ((i = first; i <= $1; i += step)); do [ "$i" -lt "$2" ] || echo "$i"; done
}

# The machine's pictures: "before" NAME, "whole" with it, "other" with its other file. Then the state that VERB finds.
case_begins() { # VERB TARGET
        # limits that can be changed later
        mount -n -t tmpfs -o mode=755,size=16m,nr_inodes=10000 tmpfs /run
        mount --make-shared /run
        TARGET=$2
        site_before "$2"
        snapshot "$W/before"
        up "$NAME"
        snapshot "$W/whole"
        if [ "$1" = reload ]; then
                other_file_of "$2"
                reload "$NAME"
                snapshot "$W/other"
                ! cmp -s "$W/whole" "$W/other" || fail 'a reload changes nothing'
        fi
        down "$NAME"
        looks before 'after up and down without a fault'
        case $1 in restore) up "$NAME" ;; reload | full) file_of "$2" ;; esac
}

# Brings about what VERB finds, run after run
ready() { # VERB
        case $1 in
        down) up "$NAME" ;;
        reload)
                file_of "$TARGET"
                up "$NAME"
                other_file_of "$TARGET"
                ;;
        restore) nft flush ruleset ;;
        esac
}

arguments() { if [ "$1" = restore ]; then echo restore; else echo "$1 $NAME"; fi; } # VERB

# A command with the helper in it: its status in RC, what it says in $W/err
faulty() { # CMD…
        RC=0
        # the subshell swallows bash's word about a killed process
        { timeout -k 2 $PATIENCE "$@" > "$W/out" 2> "$W/err"; } 2> /dev/null || RC=$?
        [ -z "${FAULTS_SHOW:-}" ] || echo "$LINE: $RC $(cat "$W/err")" >&2
        [ $RC -ne 124 ] || fail "no end after $PATIENCE s"
        [ ! -s "$W/out" ] || fail "it wrote to standard output: $(head -c 200 "$W/out")"
        if grep -E 'Sanitizer|runtime error|stack smashing|corrupt|free\(\)|Assertion' "$W/err"; then fail 'it broke'; fi
}
# The same without a fault; must go well
well() { # VERB
        local words
        read -ra words <<< "$(arguments "$1")"
        faulty "$HELPER_NOW" "${words[@]}"
        [ $RC = 0 ] || fail "a $1 after it: status $RC: $(cat "$W/err")"
}
LINE=
HELPER_NOW=$UNDER_TEST

# It failed, and said so: NAME first, then more than the bare error number's text. Where memory is short there may be nothing
# else to name (BARE_ENOMEM=' ' allows that).
said_why() {
        local lines bare="^($NAME: )?(${BARE_ENOMEM:-Cannot allocate memory|}Input/output error|No such file or directory|Interrupted system call|Operation not permitted|No space left on device|Permission denied|No buffer space available|Too many open files|Device or resource busy|Invalid argument|No such device|File exists|No locks available|Operation not supported)$"
        [ $RC = 1 ] || fail "status $RC: $(cat "$W/err")"
        lines=$(wc -l < "$W/err")
        [ "$lines" -gt 0 ] || fail 'it failed without a word'
        [ "$lines" -le 2 ] || fail "$lines lines for one fault: $(head -c 600 "$W/err")"
        if grep -qE "$bare" "$W/err"; then fail "no object named: $(cat "$W/err")"; fi
        [ -n "${BARE_ENOMEM:-}" ] || grep -qE "^($NAME|cannot)" "$W/err" || fail "no name in front: $(cat "$W/err")"
}

# Whatever happened to VERB: all or nothing, and a second try ends it. RC is its status.
after_error() { # VERB
        local rc=$RC
        [ $rc = 0 ] || said_why
        case $1 in
        up)
                if [ $rc != 0 ]; then
                        looks before 'after the failed up'
                        well down # ExecStopPost
                        return
                fi
                looks whole 'up succeeded'
                well down
                looks before 'after up and down'
                ;;
        down)
                [ $rc = 0 ] || well down
                looks before 'after down'
                ;;
        reload)
                if [ $rc = 0 ]; then
                        looks other 'reload succeeded'
                else
                        # a record that is whole again says that all of it was taken back
                        if grep -q '^stage complete' "/run/vnet/state/$NAME"; then looks whole 'after the failed reload'; fi
                        again_or_restart
                fi
                well down
                looks before 'after down'
                ;;
        restore)
                [ $rc = 0 ] || well restore
                looks whole 'after restore'
                ;;
        esac
}

# Killed, without a word: then down as systemd's ExecStopPost=, and then everything works again.
after_kill() { # VERB
        case $1 in
        up | down)
                well down
                looks before 'after down'
                well up
                looks whole 'after the next up'
                well down
                ;;
        reload)
                again_or_restart
                well down
                looks before 'after down'
                ;;
        restore)
                well restore
                looks whole 'after the next restore'
                ;;
        esac
}

# A reload once more: it ends in the other state, or says that only a restart helps.
again_or_restart() {
        faulty "$HELPER_NOW" reload "$NAME"
        if [ $RC = 0 ]; then
                looks other 'after reload once more'
        else
                grep -q "restart vnet@" "$W/err" || fail "reload once more: $(cat "$W/err")"
        fi
}

looks() { same "$W/$1" "$1: $2"; } # PICTURE WHAT

# --- strace ---

# The helper with strace's inject= in it. Not with --seccomp-bpf: it is faster, and strace 6.1 then misses most of the calls.
strained() { # INJECT VERB
        local words call=${1%%:*} n=${1##*=}
        read -ra words <<< "$(arguments "$2")"
        faulty strace -qq -o "$W/trace" -e "trace=$call" -e "inject=$1" "$UNDER_TEST" "${words[@]}"
        # a run may need a call less than the one that was counted, but what was reached must have been hit
        if [ "$(grep -c "^$call(" "$W/trace")" -ge "$n" ] && ! grep -qE 'INJECTED|killed by' "$W/trace"; then fail 'strace injected nothing'; fi
}

# "CALL N" for each system call of a run without fault, after main() began: geteuid() is its first, and nobody before calls it.
# N counts each call by itself and from the start of the process, as strace does. A write() to a sysctl starts again as long as
# somebody else has the kernel's lock for interfaces; that is one. Afterwards the machine is as before.
calls_of() { # VERB FILE
        local words
        read -ra words <<< "$(arguments "$1")"
        ready "$1"
        faulty strace -qq -o "$W/trace" "$UNDER_TEST" "${words[@]}"
        [ $RC = 0 ] || fail "without a fault: status $RC: $(cat "$W/err")"
        awk '/ERESTART/ { next }
                match($0, /^[a-z_0-9]+\(/) { c = substr($0, 1, RLENGTH - 1); n[c]++; if (on) print c, n[c]; on = on || c == "geteuid" }' "$W/trace" > "$2"
        after_error "$1"
}

# --- nlfault.c ---

spoilt() { # VERB WHAT K
        local words
        read -ra words <<< "$(arguments "$1")"
        rm -f "$W/nlfault.log"
        faulty env LD_PRELOAD="$SPOILER" NLFAULT="$2" NLFAULT_AT="$3" NLFAULT_LOG="$W/nlfault.log" "$UNDER_TEST" "${words[@]}"
}
spoilt_list() { # VERB WHAT
        ready "$1"
        spoilt "$1" "$2" 0
        [ $RC = 0 ] || fail "without a fault: status $RC: $(cat "$W/err")"
        awk '{ print NR, $0 }' "$W/nlfault.log" > "$W/faults"
        after_error "$1"
}
spoilt_one() { # VERB WHAT LINE
        ready "$1"
        spoilt "$1" "$2" "${3%% *}"
        [ $RC -lt 2 ] || fail "status $RC: $(cat "$W/err")"
        after_error "$1"
}
