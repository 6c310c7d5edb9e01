# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# package-deb.sh: tools/package deb: source and binary packages of packaging/debian for releases of Debian.
#
# Root makes a root file system of the release with the build dependencies of packaging/debian/control in it, and keeps it. The
# build itself runs on an overlay of that which is thrown away, as an ordinary user without a network.

# shellcheck source=tools/prepare.sh
. "$TOP/tools/prepare.sh"
# shellcheck source=tools/roots.sh
. "$TOP/tools/roots.sh"
trap 'rm -rf "$log" "$INSTALL_LOG" "$BUILD_LOG"' EXIT
# shellcheck disable=SC2034 # make_root() reads both
log=$(mktemp -d) quick=''
skip() { echo "tools/package: $*" >&2; }

# What is built as (other paths, users and time zones make the same packages)
BUILD_USER=${VNET_BUILD_USER:-builder} BUILD_DIR=${VNET_BUILD_DIR:-/build}

package() { # [--cross ARCHITECTURE] [RELEASE...]
        local cross='' release
        if [ "${1-}" = --cross ]; then
                cross=${2:?--cross ARCHITECTURE}
                shift 2
        fi
        [ $# -gt 0 ] || set -- bookworm trixie
        mkdir -p "$ROOTS"
        [ "$(id -u)" = 0 ] || die 'needs root: it makes root file systems; the build in them is that of an ordinary user'
        install_missing debootstrap xz-utils || { cat "$INSTALL_LOG"; exit 1; }
        for release; do
                [[ $release =~ ^[a-z]+$ ]] || die "'$release' is no release of Debian, such as bookworm"
                package_for "$release" "$cross" || exit
        done
}

# In a mount namespace of its own, with /proc and the devices that a program needs: COMMAND in ROOT
within() { # ROOT COMMAND...
        # shellcheck disable=SC2016 # for the shell inside
        unshare --mount --pid --fork --kill-child --propagation private bash -c '
                set -e
                root=$1
                shift
                mount --bind "$root" "$root"
                mount -t proc proc "$root/proc"
                mount -t tmpfs -o mode=755 dev "$root/dev"
                mkdir -m 1777 "$root/dev/shm"
                for d in null zero full random urandom; do : > "$root/dev/$d"; mount --bind "/dev/$d" "$root/dev/$d"; done
                ln -s /proc/self/fd "$root/dev/fd"
                ln -s fd/0 "$root/dev/stdin"
                ln -s fd/1 "$root/dev/stdout"
                ln -s fd/2 "$root/dev/stderr"
                exec env -i HOME=/root LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive \
                        ${DEB_BUILD_OPTIONS:+DEB_BUILD_OPTIONS="$DEB_BUILD_OPTIONS"} ${DEB_BUILD_PROFILES:+DEB_BUILD_PROFILES="$DEB_BUILD_PROFILES"} \
                        ${TZ:+TZ="$TZ"} chroot "$root" "$@"' within "$@"
}

# $ROOTS/deb-RELEASE[-ARCHITECTURE]: a bare system and what debian/control wants
build_root() { # RELEASE CROSS
        local root=$ROOTS/deb-$1${2:+-$2} wants
        wants="$(sed -n '/^Build-Depends/,/^[A-Z].*: /p' packaging/debian/control | sha256sum) build-essential"
        [ "$(cat "$root/.wants" 2> /dev/null)" != "$wants" ] || return 0
        step "a root file system of $1 with the build dependencies, kept in $root (minutes)"
        make_root "deb-$1${2:+-$2}" "$1" build-essential,fakeroot "deb-$1" || return 1
        cp /etc/resolv.conf /etc/hosts "$root/etc/"
        printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
        chmod +x "$root/usr/sbin/policy-rc.d"
        rm -rf "$root/wants"
        mkdir -p "$root/wants/debian"
        cp packaging/debian/{control,changelog} "$root/wants/debian/"
        # shellcheck disable=SC2016 # for the shell inside
        within "$root" sh -ec '
                [ -z "$1" ] || dpkg --add-architecture "$1"
                apt-get update -q
                [ -z "$1" ] || apt-get install -y -q --no-install-recommends "crossbuild-essential-$1"
                apt-get build-dep -y -q --no-install-recommends ${1:+--host-architecture "$1"} ${1:+-P nocheck} /wants
                apt-get clean
                rm -rf /var/lib/apt/lists/*' sh "$2" > "$log/build-dep" 2>&1 || { tail -n 20 "$log/build-dep"; return 1; }
        echo "$wants" > "$root/.wants"
}

package_for() { # RELEASE CROSS
        local release=$1 cross=$2 out=$OUT/deb-$1${2:+-$2} work rc=0
        # one at a time makes a root file system
        exec 8> "$ROOTS/.deb.lock"
        flock 8
        build_root "$release" "$cross" || return 1
        exec 8>&-
        work=$(mktemp -d)
        mount -t tmpfs tmpfs "$work"
        rm -rf "$out"
        mkdir -p "$out" "$work"/{up,wk,root}
        step "building for $release${cross:+, $cross}"
        build_in "$release" "$cross" "$work" "$out" > "$out/build.log" 2>&1 || rc=$?
        umount -l "$work"
        rmdir "$work"
        if [ $rc != 0 ]; then
                tail -n 40 "$out/build.log"
                echo "tools/package: no package for $release: see $out/build.log" >&2
                return 1
        fi
        for f in "$out"/*.deb; do echo "made ${f#"$TOP"/} ($(stat -c %s "$f") bytes)"; done
}

build_in() { # RELEASE CROSS WORK OUT
        local root=$3/root b=$3/root$BUILD_DIR source
        mount -t overlay overlay -o "lowerdir=$ROOTS/deb-$1${2:+-$2},upperdir=$3/up,workdir=$3/wk" "$root"
        rm -rf "$root"/{wants,.wants,.complete}
        mkdir -p "$b"
        source=$(source_tarball "$b")
        mv "$source" "$b/vnet_$VERSION.orig.tar.xz"
        tar -C "$b" -xf "$b/vnet_$VERSION.orig.tar.xz"
        cp -a packaging/debian "$b/vnet-$VERSION/debian"
        [ -z "${VNET_DEB_VERSION:-}" ] || sed -i "1s/([^)]*)/($VNET_DEB_VERSION)/" "$b/vnet-$VERSION/debian/changelog"
        echo "$BUILD_USER:x:1000:1000::$BUILD_DIR:/bin/sh" >> "$root/etc/passwd"
        echo "$BUILD_USER:x:1000:" >> "$root/etc/group"
        chown -R 1000:1000 "$b"
        # shellcheck disable=SC2016 # for the shell inside
        within "$root" unshare --net setpriv --reuid 1000 --regid 1000 --clear-groups --no-new-privs env HOME="$BUILD_DIR" sh -ec '
                umask '"${VNET_BUILD_UMASK:-022}"'
                cd "$1"
                id
                dpkg-buildpackage -us -uc ${2:+--host-arch "$2" -P"nocheck cross"}' sh "$BUILD_DIR/vnet-$VERSION" "$2" || return
        find "$b" -maxdepth 1 -type f ! -name '.*' -exec cp -t "$4" {} +
}
