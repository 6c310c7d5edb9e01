#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# privilege.sh: root's helper trusts nobody: whom its files belong to, and which way it goes to them.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

traced() { ASAN_OPTIONS=detect_leaks=0 strace -f -qq -e trace=%file -o "$W/trace" "$PLAIN/tools/vnet-helper" "$@"; }
site_with_everything() { site 'IPMasquerade=both' 'PublishPort=8080:80'; }

# Whatever the umask of who calls it
case_modes() {
        local mask
        site_with_everything
        for mask in 0000 0077; do
                (
                        umask $mask
                        ups br0 net0
                )
                is "$(find /run/vnet /run/netns /run/sysctl.d ! -type l -perm /o+w)" '' 'what others may write'
                is "$(find /run/vnet /run/netns /run/sysctl.d ! -user root)" '' 'what is not root'\''s'
                is "$(stat -c %a /run/vnet /run/vnet/state /run/vnet/state/net0 /run/sysctl.d /run/netns | tr '\n' ' ')" '755 755 644 755 755 ' modes
                is "$(find /run/vnet/state /run/sysctl.d -type f ! -perm 644)" '' 'files of another mode'
                setpriv --reuid 65534 --regid 65534 --clear-groups cat /run/vnet/state/net0 > /dev/null
                downs net0 br0
        done
}

# Each directory on the way to each file that is opened, made or removed: nobody but root can put something there. Reading
# through /proc, whose files the kernel makes, is fine.
case_no_way_through_what_others_write() {
        command -v strace > /dev/null || skip 'no strace'
        local verb path d bad=''
        site_with_everything
        up br0
        for verb in 'up net0' 'up net0' 'reload net0' restore 'down net0'; do
                # shellcheck disable=SC2086 # words
                traced $verb
                sed -nE 's/^[0-9]+ +[a-z0-9_]+\((AT_FDCWD, )?"(\/[^"]*)".*/\2/p' "$W/trace" | sort -u > "$W/paths"
                [ "$(grep -c /run/vnet "$W/paths")" -gt 0 ] || fail 'the trace shows no paths'
                while read -r path; do
                        case $path in /proc/*) continue ;; esac
                        d=$path
                        while [ "$d" != / ]; do
                                d=$(dirname "$d")
                                [ -e "$d" ] || continue
                                # with the sticky bit others may still add
                                [ -z "$(find -L "$d" -maxdepth 0 \( -perm /o+w -o ! -user root \))" ] || bad+=" $path ($d)"
                        done
                done < <(grep -v "^$(realpath "$W")\|^$PLAIN" "$W/paths")
        done
        is "$bad" '' 'ways through directories that others write'
}

# Somebody put a link where a file of ours will be: root's directories are root's, but a mistake must not become a hole.
case_links_are_not_followed() {
        site_with_everything
        mkdir -p /run/vnet/state /run/sysctl.d
        echo precious > "$W/precious"
        ln -s "$W/precious" /run/vnet/state/net0~
        ln -s "$W/precious" /run/sysctl.d/10-vnet-br0.conf
        ups br0 net0 2> "$W/err" || true
        is "$(cat "$W/precious")" precious 'the file behind the links'
        rm -f /run/sysctl.d/10-vnet-br0.conf /run/vnet/state/*~
        downs net0 br0
        is "$(cat "$W/precious")" precious 'the file behind the links'
        rm -rf /run/sysctl.d
}

# What everybody may know, everybody gets from the reading verbs; what needs root is refused with 3 and not tried.
case_reading_verbs_as_anybody() {
        local verb rc
        site_with_everything
        ups br0 net0
        for verb in list 'list --json=short' check 'plan net0' 'plan --format=shell net0' 'cat net0'; do
                # shellcheck disable=SC2086 # words
                "$PLAIN/tools/vnetctl" $verb > "$W/root"
                # shellcheck disable=SC2086
                setpriv --reuid 65534 --regid 65534 --clear-groups "$PLAIN/tools/vnetctl" $verb > "$W/nobody"
                diff "$W/root" "$W/nobody" || fail "vnetctl $verb tells another user something else"
        done
        for verb in gc 'exec net0 true'; do
                rc=0
                # shellcheck disable=SC2086
                setpriv --reuid 65534 --regid 65534 --clear-groups "$PLAIN/tools/vnetctl" $verb > "$W/out" 2> "$W/err" || rc=$?
                is $rc 3 "status of vnetctl $verb"
        done
}

# Nor when a record is read: what it says is undone by root.
case_records_behind_links_are_not_read() {
        site_with_everything
        ups br0 net0
        mv /run/vnet/state/net0 "$W/record"
        ln -s "$W/record" /run/vnet/state/net0
        refused down net0 'cannot read /run/vnet/state/net0'
        refused reload net0 'cannot read /run/vnet/state/net0'
        mv "$W/record" /run/vnet/state/net0
        downs net0 br0
}

run_cases "$@"
