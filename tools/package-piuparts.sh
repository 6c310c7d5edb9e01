# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# package-piuparts.sh: tools/package piuparts: what installing, upgrading, removing and purging the packages in out/ leaves on a bare
# system in which nothing runs. It keeps the logs in out/.
#
# piuparts is that of Debian 13 for all releases. It gets no lists of packages but the mirror's, and one of ours with an older version,
# without which it could try no upgrade.

# shellcheck source=tools/package-deb.sh
. "$TOP/tools/package-deb.sh"
PIUPARTS_ROOT=piuparts-trixie
MIRROR='http://deb.debian.org/debian main'

package() { # [RELEASE...]
        local release bad=0
        [ $# -gt 0 ] || set -- bookworm trixie
        [ "$(id -u)" = 0 ] || die 'needs root: piuparts makes a system and deletes it'
        install_missing debootstrap || { cat "$INSTALL_LOG"; exit 1; }
        for release; do compgen -G "$OUT/deb-$release/vnet_*.deb" > /dev/null || die "no package for $release in $OUT: tools/package deb makes it"; done
        piuparts_root || exit
        for release; do
                # --install-remove-install: also where the purge comes after another installation and removal
                try_package "$release" "$release" "$release" --install-remove-install --warn-on-usr-move fail || bad=1
                # As the next release finds it on the machines of the one before. systemd stays there; that all moves from /lib to /usr/lib
                # is what this release is about.
                if [ "$release" = trixie ] && compgen -G "$OUT/deb-bookworm/vnet_*.deb" > /dev/null; then
                        try_package bookworm-trixie trixie bookworm -d trixie --fake-essential-packages systemd || bad=1
                fi
        done
        return $bad
}

piuparts_root() {
        local root=$ROOTS/$PIUPARTS_ROOT
        make_root "$PIUPARTS_ROOT" trixie ca-certificates piuparts || return 1
        [ ! -e "$root/usr/bin/adequate" ] || return 0
        step "piuparts, kept in $root (minutes)"
        cp /etc/resolv.conf /etc/hosts "$root/etc/"
        # adequate comes last, and tells that the others are there
        within "$root" sh -ec 'apt-get update -q; apt-get install -y -q --no-install-recommends piuparts apt-utils
                apt-get install -y -q --no-install-recommends adequate; apt-get clean' > "$log/piuparts" 2>&1 || { tail -n 20 "$log/piuparts"; return 1; }
}

# The package of RELEASE in a system that begins as one of FROM, where the older version is that of FROM
try_package() { # NAME RELEASE FROM OPTION...
        local name=$1 release=$2 from=$3 work rc=0 says=$OUT/piuparts-$1.log
        shift 3
        make_root "bare-$from" "$from" apt "piuparts on $from" || return 1
        step "piuparts on $name (minutes), its log in ${says#"$TOP"/}"
        work=$(mktemp -d)
        mount -t tmpfs tmpfs "$work"
        mkdir "$work"/{up,wk,root}
        mount -t overlay overlay -o "lowerdir=$ROOTS/$PIUPARTS_ROOT,upperdir=$work/up,workdir=$work/wk" "$work/root"
        mkdir "$work/root/"{packages,older,try}
        cp "$OUT/deb-$release"/vnet_*.deb "$work/root/packages/"
        older_package "$OUT/deb-$from"/vnet_*.deb "$work/root/older"
        # without the directories that make_root() has emptied: whoever removes systemd removes them too
        tar -C "$ROOTS/bare-$from" --exclude=./.complete --exclude='./etc/systemd/system/*.wants' -cf "$work/root/base.tar" .
        # What systemd leaves of itself is not ours to judge (--warn-on-others); what is in /tmp is.
        # shellcheck disable=SC2016 # for the shell inside
        within "$work/root" sh -ec '
                from=$1 mirror=$2
                shift 2
                (cd /older && apt-ftparchive packages . > Packages)
                piuparts --tmpdir /try --basetgz /base.tar --no-eatmydata --mirror "$mirror" --bindmount /older --extra-repo "deb [trusted=yes] file:/older ./" \
                        --warn-on-others --pedantic-purge-test --fail-if-inadequate --fail-on-broken-symlinks \
                        -d "$from" "$@" /packages/vnet_*.deb' sh "$from" "$MIRROR" "$@" > "$says" 2>&1 || rc=1
        umount -l "$work/root" "$work"
        rmdir "$work"
        if [ $rc = 0 ]; then grep -hoE '(PASS|WARN): .*' "$says"; else grep -A 20 ' ERROR: ' "$says" | tail -n 60; fi
        return $rc
}

# The same with a number that any version follows
older_package() { # DEB DIRECTORY
        dpkg-deb -R "$1" "$2/older"
        sed -i 's/^Version: .*/Version: 0.0.1-1/' "$2/older/DEBIAN/control"
        dpkg-deb --root-owner-group -b "$2/older" "$2/vnet_0.0.1-1.deb" > /dev/null
        rm -r "$2/older"
}
