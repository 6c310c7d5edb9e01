# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# closed.sh: what Services= names never starts on the host's network because of what is wrong with a file: at boot, by hand, after
# a daemon-reload, with vnet=no. Each service writes down the network it started on.

lost=(cr bracket both nul large dangling directory loop named off-site)

prepare() { # ROOT TOP
        local R=$1 name d=$1/etc/vnet
        cp "$2/conf.d/examples/br0.vnet" "$d/"
        # %p-%i without a hyphen where there is no instance
        cat > "$R/etc/systemd/system/on@.service" <<'U'
[Service]
ExecStart=/bin/sh -c 'readlink /proc/self/ns/net >> /run/on-%i; exec sleep infinity'
U
        cp "$R/etc/systemd/system/on@.service" "$R/etc/systemd/system/all@.service"
        sed -i 's/on-%i/all-%i/' "$R/etc/systemd/system/all@.service"
        for name in "${lost[@]}" good up; do
                mkdir -p "$R/etc/systemd/system/vtest.target.wants"
                ln -s ../on@.service "$R/etc/systemd/system/vtest.target.wants/on@$name.service"
        done
        printf '[Namespace]\r\nServices=on@cr.service\r\n' > "$d/cr.vnet"
        printf '[Namespace\nServices=on@bracket.service\n' > "$d/bracket.vnet"
        printf '[Namespace]\n[Bridge]\n[X]\nServices=on@both.service\n' > "$d/both.vnet"
        printf '[Namespace]\nName=a\0\nServices=on@nul.service\n' > "$d/nul.vnet"
        { printf '[Namespace]\n'; head -c 300000 /dev/zero | tr '\0' '\n'; printf 'Services=on@large.service\n'; } > "$d/large.vnet"
        mkdir -p "$R/usr/lib/vnet"
        printf '[Namespace]\nServices=on@dangling.service\n' > "$R/usr/lib/vnet/dangling.vnet"
        ln -s nowhere "$d/dangling.vnet"
        mkdir "$d/directory.vnet"
        printf '[Namespace]\nServices=on@directory.service\n' > "$R/usr/lib/vnet/directory.vnet"
        ln -s loop.vnet.d "$d/loop.vnet.d"
        printf '[Namespace]\nServices=on@loop.service\n' > "$d/loop.vnet"
        printf '[Namespace]\nServices=on@named.service\n' > "$d/net 0 100%.vnet"
        printf '[Namespace]\nServices=on@off-site.service\n[Link]\nBridge=br0\nAddress=172.18.0.1/16\n' > "$d/off-site.vnet"
        printf '[Namespace]\nServices=on@good.service\n' > "$d/good.vnet"
        printf '[Namespace]\nName=inside\nServices=on@up.service all@.service\n[Link]\nBridge=br0\nAddress=172.18.0.30/16\n' > "$d/up.vnet"
}

scenario() {
        check at-boot at_boot
        check by-hand by_hand
        check bad-name bad_name
        check mended mended
        check broken-while-up broken_while_up
        check whole-template whole_template
        check template-of-two template_of_two
        check switched-off switched_off
}

# Never started, or only ever in the namespace
never_on_host() { # FILE…
        local f
        for f; do
                [ ! -e "/run/$f" ] || ! grep -qF "$(readlink /proc/1/ns/net)" "/run/$f" || fail "$f ran on the host's network"
        done
}
started_in() { # FILE NETNS: its last start
        eventually test -s "/run/$1"
        is "$(tail -n 1 "/run/$1")" "$(at "$2" readlink /proc/self/ns/net)" "where $1 started"
}
starts() { systemctl reset-failed; systemctl start "$1"; } # UNIT
fails() { # UNIT
        systemctl reset-failed
        if systemctl start "$1" 2> /dev/null; then fail "$1 started"; fi
}

at_boot() {
        local name
        eventually active on@good.service on@up.service
        started_in on-good good
        started_in on-up inside
        for name in "${lost[@]}"; do
                [ ! -e "/run/on-$name" ] || fail "on@$name started: $(cat "/run/on-$name")"
        done
}

by_hand() {
        local name
        for name in "${lost[@]}"; do
                fails "on@$name.service"
                [ ! -e "/run/on-$name" ] || fail "on@$name started"
        done
        logged vnet@cr.service '/etc/vnet/cr.vnet:1: .*carriage return'
        logged vnet@bracket.service '/etc/vnet/bracket.vnet:1: '
        logged vnet@large.service '/etc/vnet/large.vnet: is larger than 256 KiB'
        logged vnet@dangling.service '/etc/vnet/dangling.vnet: cannot be opened'
        logged vnet@loop.service '/etc/vnet/loop.vnet.d/: cannot be listed'
        logged vnet@off-site.service '/etc/vnet/off-site.vnet:5: Address: 172.18.0.1 is the address of the bridge'
}

# Its unit has the name that systemctl makes of it, says why, and has nothing to stop
bad_name() {
        fails 'vnet@net 0 100%.service'
        logged 'vnet@net\x200\x20100\x25.service' 'net 0 100%.vnet: the file name is not a valid name'
        if journalctl -b -q --no-pager -o cat -u 'vnet@net\x200\x20100\x25.service' | grep "' is not a valid name"; then fail 'the stop complains'; fi
        is "$(systemctl show -P Result 'vnet@net\x200\x20100\x25.service')" exit-code
        fails on@named.service
        [ ! -e /run/on-named ]
        [ ! -e /run/vnet/refused ]
}

mended() {
        printf '[Namespace]\nServices=on@cr.service\n' > /etc/vnet/cr.vnet
        mv '/etc/vnet/net 0 100%.vnet' /etc/vnet/named.vnet
        systemctl daemon-reload
        starts on@cr.service
        started_in on-cr cr
        starts on@named.service
        started_in on-named named
}

# The file of a network that is up: the service goes on inside and restarts there
broken_while_up() {
        local how
        cp /etc/vnet/up.vnet "$W/up.vnet"
        for how in 's/^Name=/ Name=/' 's/$/\r/' 's/^Services=/\0\xff /' 's/\[Namespace\]/[Namespace/' '$aAddress=172.18.0.1/16'; do
                sed "$how" "$W/up.vnet" > /etc/vnet/up.vnet
                systemctl daemon-reload
                active on@up.service vnet@up
                rm /run/on-up
                systemctl restart on@up.service
                started_in on-up inside
                is "$(systemctl show -P BindsTo on@up.service)" vnet@up.service BindsTo
                systemctl reload vnet@up 2> /dev/null && fail 'a refused file was loaded'
                active on@up.service vnet@up
        done
        # it goes with the network, and not without
        systemctl stop vnet@up
        eventually inactive on@up.service
        rm /run/on-up
        fails on@up.service
        [ ! -e /run/on-up ]
        cp "$W/up.vnet" /etc/vnet/up.vnet
        systemctl daemon-reload
        starts on@up.service
        started_in on-up inside
}

whole_template() {
        starts all@1.service
        started_in all-1 inside
        systemctl stop vnet@up
        eventually inactive all@1.service
        starts all@2.service
        started_in all-2 inside
        active vnet@up
}

# A refused file wants the template, a good one an instance of it
template_of_two() {
        sed -i 's/all@.service/all@.service x/' /etc/vnet/up.vnet
        printf '[Namespace]\nServices=all@1.service\n' > /etc/vnet/z.vnet
        systemctl stop vnet@up all@1.service all@2.service
        systemctl daemon-reload
        rm -f /run/all-*
        fails all@2.service
        [ ! -e /run/all-2 ]
        starts all@1.service
        started_in all-1 z
        inactive vnet@up
        rm /etc/vnet/z.vnet
        cp "$W/up.vnet" /etc/vnet/up.vnet
        systemctl daemon-reload
}

# vnet=no, as the generator sees it
switched_off() {
        local generator
        generator=$(ls /usr/lib/systemd/system-generators/vnet-generator)
        mkdir -p /etc/systemd/system-generators
        printf '#!/bin/sh\nSYSTEMD_PROC_CMDLINE="quiet vnet=no" exec %s "$@"\n' "$generator" > /etc/systemd/system-generators/vnet-generator
        chmod +x /etc/systemd/system-generators/vnet-generator
        starts on@up.service
        systemctl daemon-reload
        # what is up stays, and restarts where it was
        rm /run/on-up
        systemctl restart on@up.service
        started_in on-up inside
        systemctl stop vnet@up vnet@good
        rm -f /run/on-up /run/on-good
        fails on@up.service
        fails on@good.service
        [ ! -e /run/on-up ] && [ ! -e /run/on-good ]
        fails vnet@up.service
        logged vnet@up.service 'switched off by vnet=no on the kernel command line'
        if journalctl -b -q --no-pager -o cat -u vnet@up.service | tail -n 8 | grep -q 'daemon-reload'; then fail 'it asks for a daemon-reload'; fi
        rm /etc/systemd/system-generators/vnet-generator
        systemctl daemon-reload
        starts on@up.service
        started_in on-up inside
        # of all that ran
        cd /run || return
        never_on_host on-* all-*
}
