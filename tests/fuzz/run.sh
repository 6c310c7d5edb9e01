#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Fuzzing: libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer, with clang.
# Use: run.sh BUILD [SECONDS | --long] [TARGET...]
#   BUILD    a directory for this alone; configured where it is new
#   SECONDS  for all targets together, on two processors (60); --long: an hour
# Begins with tests/fuzz/corpus and the seeds of seeds.sh; what it finds new is kept in BUILD/corpus and used the next time.
# Prints "ok NAME (N runs)" or "FAIL NAME: what; reproduce: ...". A failing input is in BUILD/found. Make it a regression case by
#   BUILD/tests/fuzz/fuzz-TARGET -minimize_crash=1 -max_total_time=30 FILE      and, once it is mended,
#   cp FILE tests/fuzz/corpus/TARGET/regression-WHAT
# --merge in place of SECONDS: writes what BUILD/corpus adds to the coverage into tests/fuzz/corpus, as small files.
set -uo pipefail
here=$(cd "$(dirname "$(realpath "$0")")" && pwd)
top=${VNET_SOURCE:-$here/../..}
build=$(realpath -m "${1:?usage: run.sh BUILD [SECONDS | --long | --merge] [TARGET...]}")
shift
seconds=60 merge=
case ${1:-} in
--long) seconds=3600; shift ;;
--merge) merge=yes; shift ;;
[0-9]*) seconds=$1; shift ;;
esac
targets=("$@")
jobs=2

fail() { echo "FAIL fuzz/build: $1"; tail -n 30 "$build.log" | sed 's/^/    | /'; exit 1; }
mkdir -p "$build"
if [ ! -e "$build/build.ninja" ]; then
        CC=${CC:-clang} meson setup "$build" "$top" -Dvnetctl=disabled -Doptimization=1 -Db_sanitize=address,undefined -Db_lundef=false \
                -Dc_args='-fsanitize=fuzzer-no-link -fno-sanitize-recover=undefined' > "$build.log" 2>&1 || fail 'cannot be configured'
fi
mapfile -t programs < <(ninja -C "$build" -t targets all | grep -oE '^(tests/fuzz/fuzz-[a-z]+|man/schema-dump)(: |$)' | cut -d: -f1)
ninja -C "$build" "${programs[@]}" > "$build.log" 2>&1 || fail 'does not compile'
if [ ${#targets[@]} -eq 0 ]; then
        mapfile -t targets < <(cd "$build/tests/fuzz" && find . -maxdepth 1 -type f -name 'fuzz-*' -perm -u+x -printf '%f\n' | sed 's/^fuzz-//' | sort)
fi
[ ${#targets[@]} -gt 0 ] || fail 'there are no targets'
"$here/seeds.sh" "$build/man/schema-dump" "$build/seeds" > "$build.log" 2>&1 || fail 'no seeds'

merge_one() { # TARGET
        mkdir -p "$build/merged/$1"
        rm -f "$build/merged/$1"/*
        "$build/tests/fuzz/fuzz-$1" -merge=1 -max_len=640 "$build/merged/$1" "$here/corpus/$1" "$build/seeds/$1" "$build/corpus/$1" > "$build/merge-$1.log" 2>&1 || return 1
        find "$here/corpus/$1" -type f ! -name 'regression-*' -delete
        cp "$build/merged/$1"/* "$here/corpus/$1/"
        echo "ok fuzz/$1 ($(find "$here/corpus/$1" -type f | wc -l) files, $(du -sb "$here/corpus/$1" | cut -f 1) bytes)"
}

# What is wrong, in one line, from libFuzzer's log.
reason() { # LOG
        grep -aE 'runtime error: |^SUMMARY: |fuzz[^ ]*\.c:[0-9]+: |unit-reader\.c:[0-9]+: |site\.c:[0-9]+: ' "$1" | head -n 1 | cut -c 1-300
}

run_one() { # TARGET SECONDS
        local log=$build/log-$1 program=$build/tests/fuzz/fuzz-$1 runs file
        mkdir -p "$build/corpus/$1" "$build/found"
        if UBSAN_OPTIONS=print_stacktrace=1 "$program" "$build/corpus/$1" "$here/corpus/$1" "$build/seeds/$1" -dict="$build/seeds/dictionary" \
                -max_total_time="$2" -max_len=4096 -timeout=20 -rss_limit_mb=1500 -artifact_prefix="$build/found/$1-" \
                -print_final_stats=1 > "$log" 2>&1; then
                runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
                echo "ok fuzz/$1 ($runs runs)"
                return
        fi
        file=$(sed -n 's/.*Test unit written to //p' "$log" | head -n 1)
        echo "FAIL fuzz/$1: $(reason "$log"); reproduce: $program ${file:-(no input: see $log)}"
        return 1
}

if [ -n "$merge" ]; then
        rc=0
        for t in "${targets[@]}"; do merge_one "$t" || { echo "FAIL fuzz/$t: $build/merge-$t.log"; rc=1; }; done
        exit $rc
fi
each=$((seconds * jobs / ${#targets[@]}))
[ "$each" -ge 1 ] || each=1
export -f run_one reason
export build here
printf '%s\n' "${targets[@]}" | xargs -P "$jobs" -I{} bash -c 'run_one "$1" "$2"' - {} "$each"
