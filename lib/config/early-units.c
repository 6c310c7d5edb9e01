/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The units of systemd and of others that everybody has, by when they start. The generator reads no
 * unit files, so this is all that it knows of them. */

#include "early-units.h"

#include "util.h"

/* These are before network-pre.target or sysinit.target, and so before any network. */
static const char *const before_us[] = {
        "firewalld.service",
        "ip6tables.service",
        "iptables.service",
        "netfilter-persistent.service",
        "nftables.service",
        "shorewall.service",
        "shorewall6.service",
        "systemd-journald.service",
        "systemd-modules-load.service",
        "systemd-network-generator.service",
        "systemd-sysctl.service",
        "systemd-sysusers.service",
        "systemd-tmpfiles-setup.service",
        "systemd-udev-settle.service",
        "systemd-udev-trigger.service",
        "systemd-udevd.service",
        "ufw.service",
};

/* Nor do these wait for network.target. */
static const char *const beside_us[] = {
        "NetworkManager.service",
        "NetworkManager-wait-online.service",
        "basic.target",
        "dbus.service",
        "local-fs-pre.target",
        "local-fs.target",
        "network-pre.target",
        "networking.service",
        "openvswitch-switch.service",
        "paths.target",
        "slices.target",
        "sockets.target",
        "swap.target",
        "sysinit.target",
        "systemd-networkd.service",
        "systemd-networkd-wait-online.service",
        "systemd-resolved.service",
        "timers.target",
        "wpa_supplicant.service",
};

static bool is_in(const char *const *names, size_t n, const char *unit) {
        for (size_t i = 0; i < n; i++)
                if (streq(names[i], unit))
                        return true;
        return false;
}

bool unit_is_before_networks(const char *unit) {
        return is_in(before_us, ARRAY_SIZE(before_us), unit);
}

/* Mounts, devices, sockets … are not after network.target by themselves. */
bool unit_may_be_late(const char *unit) {
        const char *type = strrchr(unit, '.');

        return type && (streq(type, ".service") || streq(type, ".target")) &&
               !startswith(unit, "vnet@") && !unit_is_before_networks(unit) &&
               !is_in(beside_us, ARRAY_SIZE(beside_us), unit);
}
