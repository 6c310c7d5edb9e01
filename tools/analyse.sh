#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# analyse.sh: checks of the source that are slower than those of static.sh. Either sourced by tools/check, which calls the functions,
# or run: tools/analyse.sh [NAME...]. Without NAME: all of them. Each prints "ok NAME", "FAIL NAME: why" or "skip NAME: reason".
#
#   gcc        gcc -fanalyzer
#   tidy       clang-tidy with the checks of .clang-tidy
#   cppcheck
#   valgrind   unit tests, golden suite and fuzz corpora under valgrind
#   bits32     everything but vnetctl compiled for 32 bits; unit tests and fuzz corpora run
#   coverage   lines of lib/ that the tests of $ANALYSE_RUN reached, a build with b_coverage whose suites have run (tools/check has
#              one); without it, what unit, golden and fuzz tests reach in a build of its own
#
# Builds in $ANALYSE_BUILD (build-analyse), packages of the other architecture are kept in /var/cache/vnet-test/i386.

# shellcheck disable=SC2034 # for tools/prepare.sh
ANALYSE_PACKAGES=(gcc clang clang-tidy cppcheck valgrind gcovr gcc-multilib qemu-user musl-tools)
analyse_top=$(cd "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/.." && pwd)
ANALYSE_BUILD=${ANALYSE_BUILD:-$analyse_top/build-analyse}
ANALYSE_SOURCE=${ANALYSE_SOURCE:-$analyse_top}
ANALYSE_ALL=(gcc tidy cppcheck valgrind bits32 coverage)
analyse_jobs=2

# tools/check brings its own
declare -F ok > /dev/null || ok() { echo "ok $*"; }
declare -F skip > /dev/null || skip() { echo "skip $*"; }
declare -F failed > /dev/null || failed() { # LINE [FILE]
        echo "FAIL $1"
        [ -z "${2:-}" ] || tail -n 60 "$2" | sed 's/^/    | /'
}

# Each version of some programs sees other things; theirs are looked at for one.
analyse_version() { # PROGRAM VERSION NAME
        "$1" --version | grep -w "$2" > /dev/null || { skip "analyse/$3: $1 is not of version $2, and each has warnings of its own"; return 1; }
}

analyse_has() { command -v "$1" > /dev/null || { skip "analyse/$2: there is no $1 here"; return 1; }; }

# A build of its own below $ANALYSE_BUILD; where it fails, the log is the reason.
analyse_compile() { # NAME MESON-ARGUMENT...
        local name=$1 dir=$ANALYSE_BUILD/$1
        shift
        mkdir -p "$ANALYSE_BUILD"
        {
                if [ -e "$dir/build.ninja" ]; then meson configure "$dir" "$@"; else meson setup "$dir" "$ANALYSE_SOURCE" "$@"; fi &&
                        ninja -C "$dir" -j "$analyse_jobs"
        } > "$ANALYSE_BUILD/$name.log" 2>&1 || { failed "analyse/$name: does not compile" "$ANALYSE_BUILD/$name.log"; return 1; }
}

# FILE KIND of warnings that are wrong, each looked at: the analyzers of gcc 12 and 14 neither follows an owner into *ret or a list of
# pointers nor knows that functions of ours return a negative number or fill what they are given; that of clang 14 takes a
# comparison with what may be NULL for a sign that the other side may be, too.
analyse_accepted() {
        cat << 'END'
lib/config/load-site.c malloc-leak
lib/config/load-site.c clang-analyzer-core.NullDereference
lib/config/load.c clang-analyzer-core.NullDereference
lib/config/search.c bugprone-not-null-terminated-result
lib/config/search.c clang-analyzer-core.NullDereference
lib/config/verify.c clang-analyzer-core.NullDereference
lib/kernel/object/device.c clang-analyzer-core.NullDereference
lib/kernel/pass/open.c clang-analyzer-core.NullDereference
lib/kernel/pass/open.c fd-leak
lib/kernel/pass/pass.c clang-analyzer-core.NullDereference
lib/plan/build-nft.c bugprone-too-small-loop-variable
lib/plan/field.c bugprone-too-small-loop-variable
tools/ctl/list.c clang-analyzer-core.NullDereference
lib/config/search.c null-argument
lib/config/util.h use-of-uninitialized-value
lib/config/value-route.c use-of-uninitialized-value
lib/kernel/nft/query.c use-of-uninitialized-value
lib/kernel/state/record.c malloc-leak
lib/kernel/verb/gc.c malloc-leak
lib/kernel/object/sysctl.c malloc-leak
lib/kernel/object/device.c null-dereference
lib/kernel/pass/seen.c null-dereference
lib/config/util.h double-free
lib/config/util.h malloc-leak
lib/config/salvage.c use-of-uninitialized-value
tools/ctl/list.c malloc-leak
tools/ctl/diff.c clang-analyzer-deadcode.DeadStores
tools/endpoint/vnet-endpoint.c use-of-uninitialized-value
END
}

analyse_unknown() { sort -u | awk 'NR == FNR { known[$1 " " $2] = 1; next } !(($1 " " $2) in known)' <(analyse_accepted) -; }

analyse_gcc() {
        local dir=$ANALYSE_BUILD/gcc found=$ANALYSE_BUILD/gcc.found
        analyse_has gcc gcc || return 0
        rm -rf "$dir" # warnings come when a file is compiled, and only then
        CC=gcc analyse_compile gcc -Dc_args=-fanalyzer -Dtests=false || return 0
        sed -nE 's,^(\.\./)*([^ ]*/)?((lib|generator|tools)/[^:]*):([0-9]+):.*warning: (.*) \[.*-Wanalyzer-([a-z-]+)\]$,\3 \7 \5 \6,p' "$ANALYSE_BUILD/gcc.log" |
                analyse_unknown > "$found"
        if [ -s "$found" ]; then failed "analyse/gcc: $(head -n 1 "$found")" "$found"; else ok analyse/gcc; fi
}

# What clang-tidy says of a file depends on how it is compiled.
analyse_tidy() {
        local found=$ANALYSE_BUILD/tidy.found
        analyse_has clang-tidy tidy && analyse_version clang-tidy 14 tidy || return 0
        [ -e "$ANALYSE_BUILD/tidy/build.ninja" ] || CC=clang meson setup "$ANALYSE_BUILD/tidy" "$ANALYSE_SOURCE" > "$ANALYSE_BUILD.log" 2>&1 ||
                { failed 'analyse/tidy: cannot be configured' "$ANALYSE_BUILD.log"; return 0; }
        (cd "$analyse_top" && find lib generator tools man completions -name '*.c' -print0 |
                xargs -0 -P "$analyse_jobs" -n 4 clang-tidy -p "$ANALYSE_BUILD/tidy" --config-file=.clang-tidy --quiet 2> /dev/null) > "$found.all"
        sed -nE 's,^(.*/)?((lib|generator|tools|man|completions)/[^:]*):([0-9]+):[0-9]+: (warning|error): (.*) \[([a-zA-Z0-9.,-]+)\]$,\2 \7 \4 \6,p' "$found.all" | analyse_unknown > "$found"
        if [ -s "$found" ]; then failed "analyse/tidy: $(head -n 1 "$found")" "$found"; else ok analyse/tidy; fi
}

# Without what cppcheck cannot know: memory and files that _cleanup_ frees, "a ?: b", and statement expressions.
analyse_cppcheck() {
        local found=$ANALYSE_BUILD/cppcheck.found
        analyse_has cppcheck cppcheck && analyse_version cppcheck 2.10 cppcheck || return 0
        mkdir -p "$ANALYSE_BUILD"
        (cd "$analyse_top" && cppcheck --enable=warning,portability,performance --std=c11 --quiet --inline-suppr -j "$analyse_jobs" -D_GNU_SOURCE \
                --suppress=memleak --suppress=resourceLeak --suppress=selfAssignment --suppress=internalAstError \
                --template='{file}:{line}: {id}: {message}' -Ilib/config -Ilib/plan -Ilib/kernel -Igenerator -Itools \
                -Itools/ctl lib generator tools man completions) > "$found" 2>&1
        if [ -s "$found" ]; then failed "analyse/cppcheck: $(head -n 1 "$found")" "$found"; else ok analyse/cppcheck; fi
}

# Tests that meson knows, with a command in front of each; one result for all of a suite.
analyse_suite() { # NAME BUILD SUITE [WRAPPER]
        local log=$ANALYSE_BUILD/$1-$3.log
        if ! meson test -C "$2" --list --suite "$3" 2> /dev/null | grep . > /dev/null; then
                skip "analyse/$1-$3: meson has no such tests"
        # a script under valgrind would be a test of bash
        elif meson test -C "$2" --no-rebuild --suite "$3" ${4:+--no-suite script} --num-processes "$analyse_jobs" --timeout-multiplier 20 ${4:+--wrap "$4"} > "$log" 2>&1; then
                ok "analyse/$1-$3"
        else
                failed "analyse/$1-$3: $(grep -m 1 -E ' FAIL | TIMEOUT ' "$log")" "$2/meson-logs/testlog${4:+-${4%% *}}.txt"
        fi
}

analyse_valgrind() {
        local dir=${VNET_PLAIN:-$ANALYSE_BUILD/valgrind} log=$ANALYSE_BUILD/valgrind-golden.log
        local command='valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,indirect --errors-for-leak-kinds=definite'
        analyse_has valgrind valgrind || return 0
        [ -n "${VNET_PLAIN:-}" ] || analyse_compile valgrind || return 0
        analyse_suite valgrind "$dir" unit "$command"
        analyse_suite valgrind "$dir" fuzz "$command"
        # The script runs the generator, so the generator it is given is one that runs it under valgrind.
        mkdir -p "$ANALYSE_BUILD"
        printf '#!/bin/sh\nexec %s %s "$@"\n' "$command" "$dir/generator/vnet-generator" > "$ANALYSE_BUILD/generator-valgrind"
        chmod +x "$ANALYSE_BUILD/generator-valgrind"
        if "$analyse_top/tests/golden/run.sh" "$ANALYSE_BUILD/generator-valgrind" > "$log" 2>&1; then
                ok analyse/valgrind-golden
        else
                failed "analyse/valgrind-golden: $(grep -m 1 '^FAIL ' "$log")" "$log"
        fi
}

# The libraries for 32 bits, unpacked beside the machine's own packages: adding an architecture to a machine is not ours to do.
analyse_i386() { # DIRECTORY
        local options=(-q -o APT::Architectures::=amd64 -o APT::Architectures::=i386 -o "Dir::State::lists=$1/lists" -o "Dir::Cache=$1/cache" -o Debug::NoLocking=1)
        [ ! -e "$1/.complete" ] || return 0
        command -v apt-get > /dev/null && [ "$(dpkg --print-architecture)" = amd64 ] || return 1
        rm -rf "$1"
        mkdir -p "$1/lists/partial" "$1/cache/archives/partial" "$1/root"
        (
                cd "$1" && { apt-get "${options[@]}" update || true; } &&
                        apt-get "${options[@]}" download libinih1:i386 libinih-dev:i386 libmnl0:i386 libmnl-dev:i386 libnftnl11:i386 \
                                libnftnl-dev:i386 libcmocka0:i386 libcmocka-dev:i386 &&
                        for package in *.deb; do dpkg-deb -x "$package" root || exit 1; done
        ) > "$1.log" 2>&1 || return 1
        rm -rf "$1/lists" "$1/cache" "$1"/*.deb
        : > "$1/.complete"
}

analyse_bits32() {
        local cache=/var/cache/vnet-test/i386 dir=$ANALYSE_BUILD/bits32 lib wrapper='' cross=()
        mkdir -p "$(dirname "$cache")" "$ANALYSE_BUILD"
        echo 'int main(void) { return sizeof(long) == 4 ? 0 : 1; }' > "$ANALYSE_BUILD/bits32.c"
        if ! gcc -m32 -o "$ANALYSE_BUILD/bits32.test" "$ANALYSE_BUILD/bits32.c" 2> /dev/null; then
                skip 'analyse/bits32: gcc cannot make 32-bit programs here (gcc-multilib)'
                return 0
        fi
        # a kernel may be one without IA32 emulation
        "$ANALYSE_BUILD/bits32.test" 2> /dev/null || wrapper=qemu-i386
        analyse_i386 "$cache" || { skip "analyse/bits32: no libraries for i386: $(tail -n 1 "$cache.log" 2> /dev/null)"; return 0; }
        lib=$cache/root/usr/lib/i386-linux-gnu
        cat > "$ANALYSE_BUILD/i386.ini" << END
[binaries]
c = 'gcc'
pkg-config = 'pkg-config'
pkgconfig = 'pkg-config'
${wrapper:+exe_wrapper = '$wrapper'}
[built-in options]
c_args = ['-m32', '-I$cache/root/usr/include']
c_link_args = ['-m32', '-L$lib', '-Wl,-rpath,$lib', '-Wl,-rpath-link,$lib']
[properties]
needs_exe_wrapper = $([ -n "$wrapper" ] && echo true || echo false)
pkg_config_libdir = ['$lib/pkgconfig', '/usr/share/pkgconfig']
[host_machine]
system = 'linux'
cpu_family = 'x86'
cpu = 'i686'
endian = 'little'
END
        [ -e "$dir/build.ninja" ] || cross=(--cross-file "$ANALYSE_BUILD/i386.ini")
        analyse_compile bits32 "${cross[@]}" -Dvnetctl=disabled -Dwerror=true || return 0
        # a cross build, whose manual is made by what runs here
        if [ ! -s "$dir/man/vnet.5" ] || { [ -n "${VNET_PLAIN:-}" ] && ! cmp "$dir/man/vnet.5" "$VNET_PLAIN/man/vnet.5"; }; then
                failed 'analyse/bits32-build: vnet.5 is not that of other builds'
        else
                ok analyse/bits32-build
        fi
        if [ -n "$wrapper" ] && ! command -v "$wrapper" > /dev/null; then
                skip 'analyse/bits32: the kernel runs no 32-bit programs, and there is no qemu-i386 (qemu-user)'
                return 0
        fi
        analyse_suite bits32 "$dir" unit
        analyse_suite bits32 "$dir" fuzz
}

analyse_coverage() {
        local dir=${ANALYSE_RUN:-$ANALYSE_BUILD/coverage} percent
        analyse_has gcovr coverage || return 0
        mkdir -p "$ANALYSE_BUILD"
        if [ -z "${ANALYSE_RUN:-}" ]; then
                analyse_compile coverage -Db_coverage=true -Dbuildtype=debug || return 0
                find "$dir" -name '*.gcda' -delete
                meson test -C "$dir" --no-rebuild --suite unit --suite golden --suite fuzz --num-processes "$analyse_jobs" \
                        --timeout-multiplier 4 > "$ANALYSE_BUILD/coverage-tests.log" 2>&1
        fi
        (cd "$dir" && gcovr --root "$(realpath "$ANALYSE_SOURCE")" --filter '.*lib/(config|plan|kernel)/' --exclude '.*\.inc$' --gcov-ignore-parse-errors \
                --sort-percentage . ) > "$ANALYSE_BUILD/coverage.txt" 2> "$ANALYSE_BUILD/coverage.err"
        percent=$(sed -nE 's/^TOTAL +[0-9]+ +[0-9]+ +([0-9]+)%.*/\1/p' "$ANALYSE_BUILD/coverage.txt")
        if [ -z "$percent" ]; then
                failed 'analyse/coverage: gcovr says nothing' "$ANALYSE_BUILD/coverage.err"
                return 0
        fi
        grep -E '^([^ ]*/)?lib/|^(config|plan|kernel)/|^TOTAL' "$ANALYSE_BUILD/coverage.txt" | cut -c 1-78
        if [ -n "${ANALYSE_LEAST:-}" ] && [ "$percent" -lt "$ANALYSE_LEAST" ]; then
                failed "analyse/coverage: $percent % of the lines of lib/, less than $ANALYSE_LEAST %"
        else
                ok "analyse/coverage ($percent % of the lines of lib/, all in $ANALYSE_BUILD/coverage.txt)"
        fi
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
        set -uo pipefail
        [ $# -gt 0 ] || set -- "${ANALYSE_ALL[@]}"
        for name; do
                declare -F "analyse_$name" > /dev/null || { sed -n '3,14s/^# \{0,1\}//p' "$0" >&2; exit 2; }
        done
        results=$(for name; do "analyse_$name"; done | tee /dev/stderr)
        ! grep -q '^FAIL ' <<< "$results"
fi
