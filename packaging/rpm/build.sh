#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# build.sh TARBALL DIRECTORY [OPTION...]: packages of vnet.spec from the source tarball, in DIRECTORY, as an ordinary user and without a network. Needs
# rpmbuild and what the spec file requires; where rpm has Fedora's macros those are used, elsewhere packaging/rpm/macros.other and the
# build dependencies are not looked at, as rpm knows none of them there. OPTION is one of rpmbuild, such as --nocheck.
set -euo pipefail
tarball=$(realpath "${1:?usage: build.sh TARBALL DIRECTORY}") out=$(realpath -m "${2:?usage: build.sh TARBALL DIRECTORY}")
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out" "$work/SOURCES"
cp "$tarball" "$work/SOURCES/"
shift 2
options=(--define "_topdir $work")
if [ "$(rpm --eval '%{?_unitdir}')" = '' ]; then
        options+=(--nodeps --load "$here/macros.other")
fi
rpmbuild -ba "${options[@]}" "$@" "$here/vnet.spec"
find "$work/RPMS" "$work/SRPMS" -name '*.rpm' -exec mv -t "$out" {} +
if command -v rpmlint > /dev/null; then
        rpmlint --config "$here/rpmlint.toml" "$out"/*.rpm
fi
