/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Says of interfaces that a bridge is to take as uplinks what would keep the start from doing it, and whose they are: a
 * manager of the host would give them addresses, or take them off the bridge again. Each of them tells in a file of
 * its own what it manages, and what cannot be read is not told. */

#include <ctype.h>
#include <errno.h>

#include "advice.h"
#include "alternative.h"
#include "netlink/question.h"
#include "util.h"
#include "vlan-set.h"

enum { LINE = 512 };

/* The value of "KEY=…" in a file. */
static bool value_of(const char *path, const char *key, char ret[static LINE]) {
        _cleanup_fclose_ FILE *f = fopen(path, "re");
        char line[LINE];

        while (f && fgets(line, sizeof line, f)) {
                const char *value = startswith(line, key);

                if (value && *value == '=') {
                        strcpy(ret, value + 1);
                        ret[strcspn(ret, "\n")] = '\0';
                        return true;
                }
        }
        return false;
}

static bool is_networkds(int index) {
        char path[64], state[LINE];

        snprintf(path, sizeof path, "/run/systemd/netif/links/%d", index);
        return value_of(path, "ADMIN_STATE", state) && !streq(state, "unmanaged");
}

static bool is_network_managers(int index) {
        char path[64], state[LINE];

        snprintf(path, sizeof path, "/run/NetworkManager/devices/%d", index);
        return value_of(path, "managed", state) && streq(state, "true");
}

/* "iface eno1 inet dhcp"; what "source" names is looked at where Debian has it alone. */
static bool has_iface_line(const char *path, const char *name) {
        _cleanup_fclose_ FILE *f = fopen(path, "re");
        char line[LINE];

        while (f && fgets(line, sizeof line, f)) {
                const char *p = line + strspn(line, " \t");
                const char *rest = startswith(p, "iface");
                size_t n = strlen(name);

                if (!rest || !isspace((unsigned char)*rest))
                        continue;
                rest += strspn(rest, " \t");
                if (strncmp(rest, name, n) == 0 && isspace((unsigned char)rest[n]) &&
                    !strstr(rest + n, "manual"))
                        return true;
        }
        return false;
}

static bool is_ifupdowns(const char *name) {
        static const char directory[] = "/etc/network/interfaces.d";
        _cleanup_closedir_ DIR *dir = opendir(directory);
        const struct dirent *e;
        int left = 0;

        if (has_iface_line("/etc/network/interfaces", name))
                return true;
        while (dir && (e = next_entry(dir, &left))) {
                char path[sizeof directory + 256 + 1];

                snprintf(path, sizeof path, "%s/%s", directory, e->d_name);
                if (e->d_name[0] != '.' && has_iface_line(path, name))
                        return true;
        }
        return false;
}

static void advise_managers(const struct text *u, int index, struct diags *d) {
        if (is_networkds(index))
                diag_warn(
                        d, &u->origin, "Uplink",
                        "systemd-networkd manages '%s'; let it be, by Unmanaged=yes in [Link] of a "
                        "file in /etc/systemd/network",
                        u->text);
        if (is_network_managers(index))
                diag_warn(
                        d, &u->origin, "Uplink",
                        "NetworkManager manages '%s'; let it be, by unmanaged-devices=interface-name:%s "
                        "in [keyfile] of a file in /etc/NetworkManager/conf.d",
                        u->text, u->text);
        if (is_ifupdowns(u->text))
                diag_warn(d, &u->origin, "Uplink",
                          "/etc/network/interfaces configures '%s'; take its lines out, or ifup(8) "
                          "gives it an address",
                          u->text);
}

static void advise_uplink(struct nl *nl, const struct vnet *v, const struct text *u,
                          struct diags *d) {
        char text[CIDR_MAX], master[IFNAMSIZ];
        struct link_info info;
        struct prefix address;

        if (probe_link(nl, u->text, &info) < 0)
                return;
        if (info.master && nl_name(nl, (unsigned)info.master, master) == 0 &&
            !streq(master, v->bridge.name))
                diag_warn(d, &u->origin, "Uplink",
                          "'%s' belongs to '%s' already; unless it leaves that, the start fails",
                          u->text, master);
        if (probe_has_address(nl, info.index, &address) == 1)
                diag_warn(
                        d, &u->origin, "Uplink",
                        "the host has the address %s on '%s', which belongs on the bridge: by Address= "
                        "here, or by a DHCP client that runs on %s",
                        prefix_print(&address, text), u->text, v->bridge.name);
        advise_managers(u, info.index, d);
}

void advise_uplinks(const struct vnet *v, struct diags *d) {
        struct nl *nl = NULL;

        if (v->bridge.uplinks.n == 0 || nl_open(&nl) < 0)
                return;
        list_foreach (u, &v->bridge.uplinks) {
                char parent[IFNAMSIZ];
                uint16_t id;

                if (probe_host_has(u->text))
                        advise_uplink(nl, v, u, d);
                else if (!advise_alternative(u->text, &u->origin, "Uplink", d) &&
                         (!vlan_of_name(u->text, parent, &id) || !probe_host_has(parent)))
                        diag_warn(d, &u->origin, "Uplink",
                                  "the host has no interface '%s'; it joins when it appears",
                                  u->text);
        }
        nl_close(nl);
}
