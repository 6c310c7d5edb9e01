# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# units.sh: what the suites in a booted system (tests/boot, tests/vm) ask systemd.

# "return", as eventually() switches "set -e" off
active() { local u; for u; do is "$(systemctl is-active "$u")" active "$u" || return 1; done; }
inactive() { local u; for u; do is "$(systemctl is-active "$u")" inactive "$u" || return 1; done; }
# Of the networks that have a file, templates apart
units_of_files() { printf '%s\n' /etc/vnet/*.vnet | grep -v '@\.vnet$' | sed -E 's|.*/(.*)\.vnet|vnet@\1|'; }
# The target is gone before its units are: stop waits for what it was asked to stop.
stop_all() { systemctl stop vnet.target 'vnet@*.service'; }
# A unit's last words may come to the journal after systemd has told how it ended.
logged() { eventually journal_says "$2" -u "$1" || fail "the journal of $1 does not say /$2/"; } # UNIT PATTERN
journal_says() { journalctl -b --no-pager -q -o cat "${@:2}" | grep -E -e "$1" > /dev/null; } # PATTERN MATCH...
# A unit's process is in the namespace of this name. The manager may be quicker than the process, which enters only then.
lives_in() { # UNIT NAME
        eventually is_in "$(systemctl show -P MainPID "$1")" "$2" || fail "$1 is not in $2"
}
