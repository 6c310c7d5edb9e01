#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# variants.sh [NAME...]: builds as distributions make them, with the tests that need no root. tools/check runs the last three, with --long all.
#
#   lto_gcc, lto_clang   link time optimization
#   fortify              -D_FORTIFY_SOURCE=3, with -O3
#   musl                 what needs no other library than musl and the headers of libmnl, libnftnl and inih compiles
#   prefix               another prefix: each file where its reader looks, and the manual names it
#   missing              without some library or systemd.pc the build says what is missing, all in one go
#
# Builds in $VARIANTS (build-variants).
set -uo pipefail
variants_top=$(cd "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/.." && pwd)
VARIANTS=${VARIANTS:-$variants_top/build-variants}
# shellcheck disable=SC2034 # for tools/check
VARIANTS_RUN=(musl prefix missing) # a matter of seconds
VARIANTS_ALL=(lto_gcc lto_clang fortify musl prefix missing)

# tools/check brings its own
declare -F ok > /dev/null || ok() { echo "ok $*"; }
declare -F skip > /dev/null || skip() { echo "skip $*"; }
declare -F failed > /dev/null || failed() { # LINE [FILE]
        echo "FAIL $1"
        [ -z "${2:-}" ] || tail -n 40 "$2" | sed 's/^/    | /'
}

variant() { # NAME CC MESON-ARGUMENT...
        local name=$1 cc=$2 dir=$VARIANTS/$1 log=$VARIANTS/$1.log
        shift 2
        command -v "$cc" > /dev/null || { skip "variants/$name: there is no $cc here"; return; }
        {
                if [ -e "$dir/build.ninja" ]; then CC=$cc meson configure "$dir" "$@"; else CC=$cc meson setup "$dir" "$variants_top" "$@"; fi &&
                        ninja -C "$dir"
        } > "$log" 2>&1 || { failed "variants/$name: does not compile" "$log"; return; }
        if meson test -C "$dir" --no-rebuild --suite unit --suite fuzz --suite golden --timeout-multiplier 4 > "$log" 2>&1; then
                ok "variants/$name"
        else
                failed "variants/$name: $(grep -m 1 -E ' FAIL | TIMEOUT ' "$log")" "$dir/meson-logs/testlog.txt"
        fi
}
variant_lto_gcc() { variant lto_gcc gcc -Dwerror=true -Db_lto=true; }
variant_lto_clang() { variant lto_clang clang -Dwerror=true -Db_lto=true; }
variant_fortify() { variant fortify gcc -Dwerror=true -Doptimization=3 -Dc_args='-D_FORTIFY_SOURCE=3'; }

# No distribution that tests run on has the libraries for musl, so nothing is linked.
variant_musl() {
        local name f dir=$VARIANTS/musl log=$VARIANTS/musl.log
        command -v musl-gcc > /dev/null || { skip 'variants/musl: there is no musl-gcc here (musl-tools)'; return; }
        mkdir -p "$dir"
        for name in linux asm-generic libmnl libnftnl ini.h; do ln -sfn "/usr/include/$name" "$dir/$name"; done
        ln -sfn "/usr/include/$(gcc -print-multiarch)/asm" "$dir/asm"
        printf '#define %s\n' 'UNITDIR ""' 'HELPER_PATH ""' 'VNET_VERSION ""' > "$dir/config.h"
        (cd "$variants_top" && find lib generator tools/helper tools/endpoint tools/*.c man -name '*.c' -print0 |
                xargs -0 -P "$(nproc)" -n 8 sh -c 'dir=$1; shift
                        for f; do
                                musl-gcc -std=gnu11 -D_GNU_SOURCE -O1 -Wall -Wextra -Werror -Wno-missing-field-initializers -I"$dir" -Ilib/config \
                                        -Ilib/link -Ilib/plan -Ilib/kernel -Igenerator -Itools -isystem "$dir" -c -o /dev/null "$f" || bad=1
                        done
                        [ -z "${bad-}" ]' sh "$dir") > "$log" 2>&1 && { ok variants/musl; return; }
        failed "variants/musl: $(grep -m 1 -E 'error' "$log")" "$log"
}

# Whatever the prefix: the files that others read, and the paths that the manual names.
variant_prefix() {
        local dir=$VARIANTS/prefix dest=$VARIANTS/prefix-dest log=$VARIANTS/prefix.log f
        rm -rf "$dir" "$dest"
        {
                meson setup "$dir" "$variants_top" --prefix=/opt/vnet -Dtests=false -Dlibexecdir=lib -Ddocdir=/srv/doc-of/vnet && ninja -C "$dir" &&
                        meson install -C "$dir" --no-rebuild --destdir "$dest"
        } > "$log" 2>&1 || { failed 'variants/prefix: does not build' "$log"; return; }
        for f in "$(pkg-config --variable=systemdsystemgeneratordir systemd)/vnet-generator" \
                "$(pkg-config --variable=systemdsystemunitdir systemd)/vnet@.service" "$(pkg-config --variable=udevdir udev)/rules.d/71-vnet.rules" \
                "$(pkg-config --variable=systemdutildir systemd)/network/00-vnet.network" /usr/lib/NetworkManager/conf.d/10-vnet.conf \
                "$(pkg-config --variable=tmpfilesdir systemd)/vnet.conf" /etc/vnet /opt/vnet/lib/vnet/vnet-helper /srv/doc-of/vnet/examples/net0.vnet \
                /opt/vnet/share/man/man5/vnet.5; do
                [ -e "$dest$f" ] || { failed "variants/prefix: no $f" "$log"; return; }
        done
        (cd "$dest/opt/vnet/share/man" && grep -qF '.Pa /opt/vnet/lib/vnet/vnet\-helper' man8/vnet@.service.8 &&
                grep -qF '/system\-generators/vnet\-generator' man8/vnet-generator.8 && grep -qF ' Pa /srv/doc\-of/vnet/examples/' man7/vnet.7) ||
                { failed 'variants/prefix: the manual names other paths'; return; }
        grep -qF 'ExecStart=/opt/vnet/lib/vnet/vnet-helper' "$dest$(pkg-config --variable=systemdsystemunitdir systemd)/vnet@.service" ||
                { failed 'variants/prefix: the unit names another helper'; return; }
        ok variants/prefix
}

variant_missing() {
        local dir=$VARIANTS/missing log=$VARIANTS/missing.log pc=$VARIANTS/missing-pc word
        rm -rf "$dir" "$pc"
        mkdir -p "$pc"
        if PKG_CONFIG_LIBDIR=$pc meson setup "$dir" "$variants_top" > "$log" 2>&1; then failed 'variants/missing: it builds without anything' "$log"; return; fi
        for word in inih libmnl libnftnl libsystemd-dev systemd.pc; do
                grep -q "^  missing: .*$word" "$log" || { failed "variants/missing: nothing is said of $word" "$log"; return; }
        done
        ok variants/missing
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
        [ $# -gt 0 ] || set -- "${VARIANTS_ALL[@]}"
        mkdir -p "$VARIANTS"
        for name; do
                declare -F "variant_$name" > /dev/null || { sed -nE '3,/^[^#]/s/^# ?//p' "$0" >&2; exit 2; }
        done
        results=$(for name; do "variant_$name"; done | tee /dev/stderr)
        ! grep -q '^FAIL ' <<< "$results"
fi
