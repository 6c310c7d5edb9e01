#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# records.sh: state records that are torn, garbled, of another version or no files at all; /run full, /run/vnet missing or not
# a directory. down does what can be done, says what it could not know, neither breaks nor hangs, and touches nothing of
# others; with the record back it ends what is left.
# shellcheck source=tests/faults/lib-faults.sh
# shellcheck disable=SC2086,SC2015,SC2020,SC2034 # words made here; TARGETS is read by who sources this
. "$(dirname "$0")/lib-faults.sh"
SAMPLE=12
SHORT='torn-bridge torn-second garbled-second odd-namespace full-second'
HELPER_NOW=$HELPER # with sanitizers, if there are
VERBS='torn garbled odd full'

# The name in the pictures is the target's; the verb is the kind of damage
list_faults() { # DAMAGE
        local size lines
        up "$NAME"
        cp "/run/vnet/state/$NAME" "$W/record"
        size=$(wc -c < "$W/record")
        case $1 in
        torn) seq 0 $((size - 1)) ;;
        # each seed: some bytes get other values; and lines get lost, or come twice
        garbled) seq 1 300 ;;
        odd)
                printf '%s\n' version directory link empty zeros no-newline huge
                # these take the records of all away
                [ "$TARGET" = second ] || printf '%s\n' missing-run missing-state symlink dangling run-is-file
                ;;
        full) printf '%s\n' up-{0,1,2,3,4,5,6,7,8,10,12,14,16,20} down-{0,1,2,4} reload-{0,1,2,4} inodes-{0,1,2,3,4,5,6} ;;
        esac > "$W/faults"
        well down
}

one_fault() { # DAMAGE LINE
        case $1 in
        torn) torn "$2" ;;
        garbled) garbled "$2" ;;
        odd) "odd_${2//-/_}" ;;
        full) full "${2%%-*}" "${2##*-}" ;;
        esac
        looks before 'at the end'
}

record() { echo "/run/vnet/state/$NAME"; }
# down with the damaged record, which must not break; then with the right one: nothing is left
down_anyhow() {
        faulty "$HELPER_NOW" down "$NAME"
        [ $RC -lt 2 ] || fail "status $RC: $(cat "$W/err")"
        [ $RC = 0 ] || [ -s "$W/err" ] || fail 'it failed without a word'
        cp "$W/err" "$W/said"
        snapshot "$W/after"
}
# What is left must have been told, and the right record finds it.
and_with_the_right_one() {
        local left=no
        cmp -s "$W/before" "$W/after" || left=yes
        [ $left = no ] || [ -s "$W/said" ] || fail "something is left, and nothing was said: $(diff "$W/before" "$W/after" | grep '^[<>]' | grep -E '[a-z]' | cut -c1-150 | head -n 5 || true)"
        mkdir -p /run/vnet/state
        rm -rf "$(record)"
        cp "$W/real" "$(record)"
        well down
}
up_for_real() {
        up "$NAME"
        cp "$(record)" "$W/real"
}

torn() { # POSITION
        up_for_real
        truncate -s "$1" "$(record)"
        down_anyhow
        and_with_the_right_one
}

# Always the same damage for the same seed. RANDOM of bash is a generator with a known start.
garbled() { # SEED
        up_for_real
        RANDOM=$1
        local size i at
        size=$(wc -c < "$W/real")
        cp "$W/real" "$W/garbled"
        for ((i = 0; i < 1 + $1 % 9; i++)); do
                at=$((RANDOM % size))
                printf '%b' "\\x$(printf %x $((RANDOM % 256)))" | dd of="$W/garbled" bs=1 seek=$at conv=notrunc status=none
        done
        case $(($1 % 5)) in
        1) sed -i "$((1 + RANDOM % 20))d" "$W/garbled" ;;
        2) sed -i "$((1 + RANDOM % 20))p" "$W/garbled" ;;
        3) shuf --random-source="$W/real" "$W/garbled" -o "$W/garbled" ;;
        esac
        cp "$W/garbled" "$(record)"
        down_anyhow
        and_with_the_right_one
}

odd_version() {
        up_for_real
        sed -i '1s/.*/vnet 9999/' "$(record)"
        down_anyhow
        [ $RC = 1 ] && grep -q 'newer' "$W/said" || fail "not refused: $(cat "$W/said")"
        sed 's/^\(.*:\)vnet 1$/\1vnet 9999/' "$W/whole" | sed "/state.$NAME:/!s/:vnet 9999$/:vnet 1/" | LC_ALL=C sort > "$W/newer"
        looks newer 'nothing may be touched'
        and_with_the_right_one
}
damaged_to() { # CMD…: damages the record at $R
        up_for_real
        R=$(record)
        rm -f "$R"
        "$@"
        down_anyhow
        [ -s "$W/said" ] || fail 'not a word about it'
        and_with_the_right_one
}
odd_directory() { damaged_to eval 'mkdir "$R"'; }
odd_link() { damaged_to eval 'ln -s /etc/passwd "$R"'; }
odd_empty() { damaged_to eval ': > "$R"'; }
odd_zeros() { damaged_to eval 'head -c 5000 /dev/zero > "$R"'; }
odd_no_newline() { damaged_to eval 'head -c 300 "$W/real" | tr "\n" " " > "$R"'; }
odd_huge() { damaged_to eval 'truncate -s 17M "$R"'; }
# Nothing is known of NAME then; the same as never started
odd_missing_state() {
        up_for_real
        rm -rf /run/vnet/state
        down_anyhow
        mkdir -p /run/vnet/state
        cp "$W/real" "$(record)"
        well down
}
odd_missing_run() {
        up_for_real
        cp -a /run/vnet "$W/run"
        rm -rf /run/vnet
        down_anyhow
        [ ! -s "$W/said" ] || fail "it says: $(cat "$W/said")"
        # up finds what is there and not ours
        faulty "$HELPER_NOW" up "$NAME"
        [ $RC = 1 ] || fail "up over the remains: status $RC"
        said_why
        rm -rf /run/vnet && mv "$W/run" /run/vnet
        well down
}
odd_symlink() {
        mkdir "$W/elsewhere"
        ln -s "$W/elsewhere" /run/vnet
        faulty "$HELPER_NOW" up "$NAME"
        [ $RC = 0 ] || said_why
        faulty "$HELPER_NOW" down "$NAME"
        [ $RC = 0 ] || said_why
        [ -z "$(find "$W/elsewhere" -mindepth 1 ! -name state ! -name lock ! -name users)" ] || fail "left: $(find "$W/elsewhere")"
        rm -rf /run/vnet "$W/elsewhere"
}
odd_dangling() {
        ln -s /nowhere/at/all /run/vnet
        faulty "$HELPER_NOW" up "$NAME"
        [ $RC = 1 ] || fail "status $RC"
        said_why
        well down
        rm /run/vnet
}
odd_run_is_file() {
        : > /run/vnet
        faulty "$HELPER_NOW" up "$NAME"
        [ $RC = 1 ] || fail "status $RC"
        said_why
        well down
        rm /run/vnet
}

# A /run with room for so many pages or inodes
full() { # VERB ROOM
        local verb=$1
        case $verb in
        up | inodes)
                verb=up
                tight "$1" "$2"
                ;;
        *)
                up "$NAME"
                tight up "$2"
                if [ "$verb" = reload ]; then other_file_of "$TARGET"; fi
                ;;
        esac
        faulty "$HELPER_NOW" $verb "$NAME"
        [ $RC -lt 2 ] || fail "status $RC: $(cat "$W/err")"
        [ $RC = 0 ] || said_why
        # the room is still missing
        if [ $verb = up ] && [ $RC = 1 ]; then
                mv /run/full "$W/full"
                looks before 'after the failed up'
        fi
        well down
        rm -f /run/full
        mount -n -o remount,size=16m,nr_inodes=10000 /run
        file_of "$TARGET"
}
tight() { # up|inodes N: N more of them, no more
        if [ "$1" = inodes ]; then
                : > /run/full
                mount -n -o "remount,nr_inodes=$(($(df --output=iused /run | tail -n 1) + $2))" /run
                return
        fi
        local used
        head -c 4096 /dev/zero > /run/full # size=0 would be no limit, for ever
        used=$(df --output=used -B 4096 /run | tail -n 1)
        mount -n -o "remount,size=$(((used + $2) * 4096))" /run
}

run_faults "$@"
