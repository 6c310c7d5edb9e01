# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# package-autopkgtest.sh: tools/package autopkgtest: the tests of the packages in out/, by autopkgtest's runner "null" in booted
# throw-away systems in which all that they depend on is installed. It keeps the logs in out/.

# shellcheck source=tools/package-deb.sh
. "$TOP/tools/package-deb.sh"

package() { # [RELEASE...]
        local release bad=0
        [ $# -gt 0 ] || set -- bookworm trixie
        [ "$(id -u)" = 0 ] || die 'needs root: it boots systems'
        install_missing debootstrap systemd-container || { cat "$INSTALL_LOG"; exit 1; }
        for release; do
                compgen -G "$OUT/deb-$release/*.dsc" > /dev/null || die "no package for $release in $OUT: tools/package deb makes it"
                testbed "$release" || return 1
                rm -rf "$OUT/autopkgtest-$release" # or the logs would come to lie inside those of the last run
                mkdir -p "$OUT/autopkgtest-$release"
                step "autopkgtest on $release (many minutes), its logs in ${OUT#"$TOP"/}/autopkgtest-$release"
                NSPAWN_ARGS='--capability=all --system-call-filter=@keyring' VB_TIMEOUT=5000 VNET_OUT=$OUT VNET_KEEP=$OUT/autopkgtest-$release \
                        tests/boot/run.sh autopkgtest "$ROOTS/autopkgtest-$release" || bad=1
        done
        return $bad
}

# $ROOTS/autopkgtest-RELEASE: what a system must have to boot, and what the tests depend on
testbed() { # RELEASE
        local root=$ROOTS/autopkgtest-$1 depends wants
        depends=$(sed -n '/^Depends:/,/^Restrictions:/p' packaging/debian/tests/control | grep '^ [a-z]' | sort -u | tr -d '\n' | sed 's/, *$//')
        wants=$(sed -n '/^Build-Depends/,/^[A-Z].*: /p' packaging/debian/control | cat - <(echo "$depends") | sha256sum)
        [ "$(cat "$root/.wants" 2> /dev/null)" != "$wants" ] || return 0
        step "a root file system of $1 with autopkgtest, kept in $root (minutes)"
        make_root "autopkgtest-$1" "$1" "$BOOT_PACKAGES" "autopkgtest-$1" || return 1
        mkdir -p "$root/wants/debian"
        cp packaging/debian/{control,changelog} "$root/wants/debian/"
        cp /etc/resolv.conf /etc/hosts "$root/etc/"
        # shellcheck disable=SC2016 # for the shell inside
        within "$root" sh -ec '
                apt-get update -q
                apt-get install -y -q --no-install-recommends autopkgtest apt-utils dpkg-dev build-essential
                apt-get build-dep -y -q --no-install-recommends /wants
                apt-get satisfy -y -q --no-install-recommends "$1"
                apt-get clean
                rm -rf /wants' sh "$depends" > "$log/autopkgtest" 2>&1 || { tail -n 20 "$log/autopkgtest"; return 1; }
        echo "$wants" > "$root/.wants"
}
