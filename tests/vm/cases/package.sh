# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# boot: package
# package.sh: the test of the Debian package that wants a machine of its own (packaging/debian/tests/boot), as autopkgtest runs it once
# it has booted the machine with what the test left there.

prepare() { # ROOT TOP
        mkdir -p "$1/vt/source/debian" "$1/srv/vnet-test"
        cp -r "$2/packaging/debian/tests" "$1/vt/source/debian/"
        cp "$2"/conf.d/examples/*.vnet "$1/etc/vnet/"
        echo 'a page' > "$1/srv/vnet-test/index.html"
        sed 's,-h [^ ]*$,-h /srv/vnet-test,' "$2/tests/boot/nginx.service" > "$1/etc/systemd/system/nginx.service"
        ln -s ../nginx.service "$1/etc/systemd/system/multi-user.target.wants/"
}

booted_package() {
        cd /vt/source || return
        # who waits for this test will be waited for by nobody
        sed -i '/is-system-running/d' debian/tests/boot
        AUTOPKGTEST_REBOOT_MARK=up bash debian/tests/boot
}
