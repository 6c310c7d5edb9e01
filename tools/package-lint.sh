# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# package-lint.sh: tools/package lint: what lintian and blhc say of the packages in out/.

# shellcheck source=tools/package-deb.sh
. "$TOP/tools/package-deb.sh"

package() { # [RELEASE...]
        local release bad=0
        [ $# -gt 0 ] || set -- bookworm trixie
        [ "$(id -u)" = 0 ] || die 'needs root: lintian runs in a root file system of its release'
        for release; do lint "$release" || bad=1; done
        return $bad
}

lint() { # RELEASE
        local root=$ROOTS/lint-$1 rc=0
        compgen -G "$OUT/deb-$1/*.changes" > /dev/null || die "no package for $1 in $OUT: tools/package deb makes it"
        make_root "lint-$1" "$1" ca-certificates "lint-$1" || return 1
        if [ ! -e "$root/usr/bin/blhc" ]; then
                step "lintian and blhc of $1, kept in $root (minutes)"
                cp /etc/resolv.conf /etc/hosts "$root/etc/"
                within "$root" sh -ec 'apt-get update -q; apt-get install -y -q --no-install-recommends lintian blhc; apt-get clean' > "$log/lint" 2>&1 ||
                        { tail -n 20 "$log/lint"; return 1; }
        fi
        rm -rf "$root/packages"
        cp -r "$OUT/deb-$1" "$root/packages"
        step "lintian on $1"
        # shellcheck disable=SC2016 # for the shell inside
        within "$root" sh -c 'cd /packages && lintian --allow-root -EviIL +pedantic --fail-on error,warning ${1:+--suppress-tags "$1"} *.changes' sh "$(suppressed "$1")" || rc=1
        step "blhc on $1"
        # meson links with -pie, and leaves -fPIE to the compiler's own default; the fuzzers, which nobody installs, do without _FORTIFY_SOURCE
        within "$root" blhc --bindnow --ignore-flag -fPIE --ignore-line '.* tests/fuzz/.*|.* -U_FORTIFY_SOURCE .*' /packages/build.log || rc=1
        rm -rf "$root/packages"
        return $rc
}

# Overrides are for Debian 13. That of Debian 12 knows no later policy, asks for init scripts, and lacks tags that are overridden.
suppressed() { # RELEASE
        [ "$1" != bookworm ] || echo newer-standards-version,package-supports-alternative-init-but-no-init.d-script,unused-override,alien-tag
}
