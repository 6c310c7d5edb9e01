#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# reboot.sh: the power goes while a network comes up. The machine that starts then has an empty /run and a new kernel, and the
# disk of the old one: everything comes up as it did the first time, addresses of interfaces included.
# shellcheck source=tests/faults/lib-faults.sh
. "$(dirname "$0")/lib-faults.sh"

# In the machine after the power came back
if [ "${1-}" = --again ]; then
        umount -l -R /run/netns 2> /dev/null # of the machine before, and no longer to be seen
        enter
        NAME=${NAME_OF[$2]}
        site_before "$2"
        up "$NAME"
        snapshot "$3"
        exit 0
fi

reboot_of() { # TARGET
        local place
        place=$(mktemp -d)
        NAME=${NAME_OF[$1]} LINE=
        site_before "$1"
        up "$NAME"
        snapshot "$W/whole"
        down "$NAME"
        strained sendto:signal=SIGKILL:when=9 up
        is "$RC" 137 'status of the killed one'
        well down
        machine "$0" --again "$1" "$place/again" || fail 'up on the machine that was started again'
        mv "$place/again" "$W/again"
        rmdir "$place"
        diff "$W/whole" "$W/again" | head -n 20 || true
        cmp "$W/whole" "$W/again" || fail 'not as before the reboot'
        host_after
}

case_namespace() { reboot_of namespace; }
case_bridge() { reboot_of bridge; }
case_second() { reboot_of second; }

run_cases "$@"
