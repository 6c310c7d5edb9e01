#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# build.sh TARBALL DIRECTORY [OPTION...]: a package of PKGBUILD from the source tarball, in DIRECTORY, as an ordinary user and without a network. Needs
# makepkg and what PKGBUILD names; where there is no pacman (Debian) the dependencies are not looked at, and arch-meson is made up. OPTION is
# one of makepkg, such as --nocheck.
set -euo pipefail
tarball=$(realpath "${1:?usage: build.sh TARBALL DIRECTORY}") out=$(realpath -m "${2:?usage: build.sh TARBALL DIRECTORY}")
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out" "$work/bin"
cp "$tarball" "$here/PKGBUILD" "$here/vnet.install" "$work/"
shift 2
options=()
if ! command -v arch-meson > /dev/null; then
        cat > "$work/bin/arch-meson" << 'END'
#!/bin/sh
exec meson setup --prefix /usr --libexecdir lib --sbindir bin --buildtype plain --auto-features enabled --wrap-mode nodownload \
        -D b_lto=true -D b_pie=true "$@"
END
        chmod +x "$work/bin/arch-meson"
        PATH=$work/bin:$PATH
fi
if ! pacman -Q glibc > /dev/null 2>&1; then
        options+=(--nodeps)
        export PACMAN=true
fi
cd "$work"
PKGDEST=$out PKGEXT=.pkg.tar.zst makepkg --force "${options[@]}" "$@"
if command -v namcap > /dev/null; then namcap PKGBUILD "$out"/*.pkg.tar.zst; fi
