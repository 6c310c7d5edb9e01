# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# autopkgtest.sh: packaging/debian/tests as autopkgtest runs them on a machine that it takes for a container of its own, without a
# mirror of Debian. Long: the suites kernel and oracle are in it.
# AUTOPKGTEST_ONLY='TEST...': no others
# needs: autopkgtest
# package: tested

prepare() { # ROOT TOP
        local test
        mkdir "$1/vt/packages"
        cp "$VNET_PACKAGES"/{vnet_*.deb,*.dsc,*.tar.xz} "$1/vt/packages/"
        rm -f "$1/etc/apt/sources.list" "$1"/etc/apt/sources.list.d/*
        : > "$1/vt/capabilities"
        for test in ${AUTOPKGTEST_ONLY:-}; do echo "--test-name=$test"; done > "$1/vt/only-tests"
}

# shellcheck disable=SC2034,SC2154 # version and bad are those of inside.sh
scenario() {
        local name result
        cd /vt/packages || return 1
        # What the runner may say of a testbed; that of Debian 12 has no such word, and asks for none. That of Debian 13 has one, and
        # an assertion that a runner "null" with it never holds
        export PYTHONOPTIMIZE=1
        if autopkgtest-virt-null --help | grep fake-capability > /dev/null; then echo --fake-capability=isolation-container > /vt/capabilities; fi
        # shellcheck disable=SC2046 # several words
        autopkgtest --summary-file=/out/summary --output-dir=/out/autopkgtest -B ./vnet_*.deb ./*.dsc $(cat /vt/only-tests) -- \
                null $(cat /vt/capabilities) > /out/autopkgtest.log 2>&1
        while read -r name result; do
                case $result in
                PASS*) echo "ok boot/autopkgtest/$name (systemd $version)" ;;
                SKIP*) echo "skip boot/autopkgtest/$name (systemd $version): $result" ;;
                FAIL*)
                        bad=1
                        echo "FAIL boot/autopkgtest/$name (systemd $version): $result"
                        tail -n 40 "/out/autopkgtest/$name-stdout" "/out/autopkgtest/$name-stderr" 2> /dev/null | sed 's/^/    | /'
                        ;;
                *)
                        bad=1
                        echo "FAIL boot/autopkgtest (systemd $version): $name $result"
                        tail -n 40 /out/autopkgtest.log | sed 's/^/    | /'
                        return
                        ;;
                esac
        done < /out/summary
}
