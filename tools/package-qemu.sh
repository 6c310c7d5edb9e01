# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# package-qemu.sh: tools/package qemu: the suites unit and golden as another architecture has them: other sizes, another order of bytes.
#
# A build for that architecture in the root file system of "tools/package deb --cross", with the programs run by qemu-user. Nothing
# is registered with the kernel (binfmt_misc), as that is the machine's own: what the scripts of the tests start by its name is a script that
# starts qemu.

# shellcheck source=tools/package-deb.sh
. "$TOP/tools/package-deb.sh"

package() { # ARCHITECTURE[@RELEASE]...
        local arch release bad=0
        [ $# -gt 0 ] || die 'which architecture? Such as arm64, armhf, i386, ppc64el, s390x'
        [ "$(id -u)" = 0 ] || die 'needs root: it makes root file systems'
        mkdir -p "$ROOTS"
        install_missing debootstrap xz-utils || { cat "$INSTALL_LOG"; exit 1; }
        for arch; do
                [[ $arch =~ ^[a-z0-9]+(@[a-z]+)?$ ]] || die "'$arch' is no architecture of Debian, such as arm64 or s390x@bookworm"
                release=trixie
                [ "${arch#*@}" = "$arch" ] || release=${arch#*@}
                test_on "${arch%@*}" "$release" || bad=1
        done
        return $bad
}

test_on() { # ARCHITECTURE RELEASE
        local work root rc=0 says=$OUT/qemu-$2-$1.log
        mkdir -p "$OUT"
        exec 8> "$ROOTS/.deb.lock"
        flock 8
        build_root "$2" "$1" || return 1
        exec 8>&-
        step "unit and golden on $1 with $2 (minutes), their log in ${says#"$TOP"/}"
        work=$(mktemp -d)
        root=$work/root
        mount -t tmpfs tmpfs "$work"
        mkdir -p "$work"/{up,wk,root,source}
        mount -t overlay overlay -o "lowerdir=$ROOTS/deb-$2-$1,upperdir=$work/up,workdir=$work/wk" "$root"
        mkdir "$root$BUILD_DIR"
        tar -C "$root$BUILD_DIR" --strip-components=1 -xf "$(source_tarball "$work/source")"
        cp /etc/resolv.conf /etc/hosts "$root/etc/"
        within "$root" sh -ec "$(declare -f qemu_name on_the_other); on_the_other $1 $BUILD_DIR" > "$says" 2>&1 || rc=1
        umount -l "$root" "$work"
        rmdir "$work"
        if [ $rc = 0 ]; then grep -E '^(Ok|Fail|Skipped):' "$says"; else tail -n 40 "$says"; fi
        return $rc
}

qemu_name() { # ARCHITECTURE
        case $1 in
        amd64) echo x86_64 ;;
        arm64) echo aarch64 ;;
        armel | armhf) echo arm ;;
        mips64el) echo mips64el ;;
        ppc64el) echo ppc64le ;;
        *) echo "$1" ;;
        esac
}

# Run by the shell of that system
on_the_other() { # ARCHITECTURE DIRECTORY
        qemu=/usr/bin/qemu-$(qemu_name "$1")
        apt-get update -q
        apt-get install -y -q --no-install-recommends "libcmocka-dev:$1" qemu-user jq file
        cd "$2" || return
        /usr/share/meson/debcrossgen --arch "$1" -o cross.ini
        printf "[binaries]\nexe_wrapper = '%s'\n" "$qemu" > wrapper.ini
        meson setup build --cross-file cross.ini --cross-file wrapper.ini --prefix=/usr -Dwerror=true
        ninja -C build
        file build/generator/vnet-generator
        for program in generator/vnet-generator tools/vnetctl tools/vnet-helper tests/lib/tables; do
                mv "build/$program" "build/$program.other"
                printf '#!/bin/sh\nexec %s %s/build/%s.other "$@"\n' "$qemu" "$2" "$program" > "build/$program"
                chmod +x "build/$program"
        done
        meson test -C build --no-rebuild --print-errorlogs --suite unit --suite golden --timeout-multiplier 20
        # a program of the build has written it, which runs on this machine
        test -s build/man/vnet.5
}
