# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# package-rpm.sh: tools/package rpm and tools/package arch: packages of packaging/rpm and packaging/arch, for distributions that tests do not
# run on, with the tools of Debian 13: a root file system of it is kept, in which packaging/KIND/build.sh runs on a throw-away overlay, as an
# ordinary user without a network. tests/boot/scenarios/foreign.sh installs, upgrades and removes what is made.

# shellcheck source=tools/package-deb.sh
. "$TOP/tools/package-deb.sh"
FOREIGN=foreign-trixie
FOREIGN_PACKAGES=(gcc libc6-dev meson ninja-build pkg-config systemd-dev libmnl-dev libnftnl-dev libinih-dev libsystemd-dev libjson-c-dev
        libcmocka-dev udev xz-utils zstd bzip2 file rpm debugedit elfutils rpmlint makepkg pacman-package-manager fakeroot libarchive-tools)

# shellcheck disable=SC2154 # kind is that of tools/package
package() {
        local out=$OUT/$kind work rc=0
        [ $# = 0 ] || die "'$kind' takes no arguments"
        [ "$(id -u)" = 0 ] || die 'needs root: it makes a root file system; the build in it is that of an ordinary user'
        install_missing debootstrap xz-utils || { cat "$INSTALL_LOG"; exit 1; }
        mkdir -p "$ROOTS"
        exec 8> "$ROOTS/.$FOREIGN.lock"
        flock 8
        foreign_root || exit 1
        exec 8>&-
        work=$(mktemp -d)
        mount -t tmpfs tmpfs "$work"
        rm -rf "$out"
        mkdir -p "$out" "$work"/{up,wk,root}
        step "building for $kind"
        foreign_build "$work" "$out" > "$out/build.log" 2>&1 || rc=$?
        umount -l "$work"
        rmdir "$work"
        [ $rc = 0 ] || { tail -n 40 "$out/build.log"; die "no package: see $out/build.log"; }
        for f in "$out"/*.{rpm,pkg.tar.*}; do [ ! -e "$f" ] || echo "made ${f#"$TOP"/} ($(stat -c %s "$f") bytes)"; done
}

# $ROOTS/foreign-trixie: what boots a scenario, and on it what builds packages
foreign_root() {
        local root=$ROOTS/$FOREIGN wants="$BOOT_PACKAGES ${FOREIGN_PACKAGES[*]}"
        [ "$(cat "$root/.wants" 2> /dev/null)" != "$wants" ] || return 0
        step "a root file system of Debian 13 with rpm and makepkg, kept in $root (minutes)"
        make_root "$FOREIGN" trixie "$BOOT_PACKAGES" "$kind" || return 1
        cp /etc/resolv.conf /etc/hosts "$root/etc/"
        printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
        chmod +x "$root/usr/sbin/policy-rc.d"
        # shellcheck disable=SC2016 # for the shell inside
        within "$root" sh -ec '
                apt-get update -q
                apt-get install -y -q --no-install-recommends "$@"
                apt-get clean
                rm -rf /var/lib/apt/lists/*' sh "${FOREIGN_PACKAGES[@]}" > "$log/foreign" 2>&1 || { tail -n 20 "$log/foreign"; return 1; }
        echo "$wants" > "$root/.wants"
}

foreign_build() { # WORK OUT
        local root=$1/root b=$1/root$BUILD_DIR source check=''
        [[ ${DEB_BUILD_OPTIONS:-} != *nocheck* ]] || check=--nocheck
        mount -t overlay overlay -o "lowerdir=$ROOTS/$FOREIGN,upperdir=$1/up,workdir=$1/wk" "$root"
        mkdir -p "$b/out"
        source=$(source_tarball "$b")
        cp -a "packaging/$kind" "$b/"
        echo "$BUILD_USER:x:1000:1000::$BUILD_DIR:/bin/sh" >> "$root/etc/passwd"
        echo "$BUILD_USER:x:1000:" >> "$root/etc/group"
        chown -R 1000:1000 "$b"
        # shellcheck disable=SC2016 # for the shell inside
        within "$root" unshare --net setpriv --reuid 1000 --regid 1000 --clear-groups --no-new-privs env HOME="$BUILD_DIR" sh -ec '
                cd "$1"
                id
                "$2/build.sh" "$3" out $4' sh "$BUILD_DIR" "./$kind" "$(basename "$source")" "$check" || return
        find "$b/out" -maxdepth 1 -type f -exec cp -t "$2" {} +
}
