/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Says the same work in the words that an administrator knows, for "vnetctl plan --format=shell"
 * and for the test that holds the helper against ip(8) and nft(8). The script stops at the first
 * error and does not undo anything; that is what the helper is for. */

#include "shell.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "inbound.h"
#include "util.h"
#include "vlan-set.h"

/* "ip", or "ip -n NAME" for what is inside; -6 where the object alone does not say so. */
static void ip(FILE *f, const struct plan *p, const struct op *op, uint8_t family) {
        fputs("ip", f);
        if (family == AF_INET6)
                fputs(" -6", f);
        if (op->place != PLACE_HOST)
                fprintf(f, " -n %s", op_netns(p, op));
}

static void in_netns(FILE *f, const struct plan *p, const struct op *op) {
        if (op->place != PLACE_HOST)
                fprintf(f, "ip netns exec %s ", op_netns(p, op));
}

void shell_quoted(FILE *f, const char *text) {
        fputc('\'', f);
        for (; *text; text++)
                if (*text == '\'')
                        fputs("'\\''", f);
                else
                        fputc(*text, f);
        fputc('\'', f);
}

static void put_address(FILE *f, const char *word, const struct address *a) {
        char text[ADDRESS_MAX];

        if (a->family)
                fprintf(f, " %s %s", word, address_print(a, text));
}

static void put_number(FILE *f, const char *word, uint32_t n) {
        if (n)
                fprintf(f, " %s %u", word, n);
}

void shell_netns(FILE *f, const struct plan *p _unused_, const struct op *op) {
        fprintf(f, "ip netns add %s\nip netns exec %s sysctl -qw", op->netns.name, op->netns.name);
        for (size_t i = 0; i < NETNS_SETTINGS; i++)
                if (!netns_settings[i].inet6)
                        fprintf(f, " net/ipv4/conf/%s=%c", netns_settings[i].key,
                                netns_settings[i].value);
        fputc('\n', f);
}

/* What its kind alone has, in the words of ip-link(8). */
static void put_own(FILE *f, const struct op *op) {
        const struct link_kind_info *kind = link_kinds[op->device.kind];
        const struct field *fields = kind->fields;

        for (size_t i = 0; i < kind->n_fields; i++) {
                const void *value = (const char *)op_data(op) + fields[i].offset;

                if (fields[i].nest != NEST_INFO)
                        continue;
                if (fields[i].type == FIELD_ADDRESS)
                        put_address(f, fields[i].ip, value);
                else if (fields[i].type == FIELD_IFNAME && *(const char *)value)
                        fprintf(f, " %s %s", fields[i].ip, (const char *)value);
                else if (fields[i].type == FIELD_WORD8 && *(const uint8_t *)value)
                        fprintf(f, " %s %s", fields[i].ip,
                                fields[i].words[*(const uint8_t *)value]);
                else if (fields[i].type != FIELD_WORD8 && fields[i].type != FIELD_IFNAME)
                        put_number(f, fields[i].ip, setting_value(op, &fields[i]));
        }
        if (kind->flags.attribute)
                fprintf(f, " %s", kind->flags.ip);
}

void shell_peer(FILE *f, const struct plan *p _unused_, const struct op *op) {
        fprintf(f, "# network namespace %s is that of %s.vnet, which has to be up\n", op->peer.name,
                op->peer.network);
}

/* ip-tuntap(8) cannot say what an interface has that ip-link(8) can. */
static void shell_tun(FILE *f, const struct plan *p, const struct op *op) {
        const struct device *d = &op->device;
        char mac[MAC_MAX];

        ip(f, p, op, 0);
        fprintf(f, " tuntap add dev %s mode %s", d->name, link_kinds[d->kind]->name);
        if (d->user.set)
                fprintf(f, " user %u", d->user.id);
        if (d->user_group.set)
                fprintf(f, " group %u", d->user_group.id);
        fputs(d->multi_queue ? " multi_queue\n" : "\n", f);
        if (!d->mac.set && !d->mtu)
                return;
        ip(f, p, op, 0);
        fprintf(f, " link set dev %s", d->name);
        if (d->mac.set)
                fprintf(f, " address %s", mac_print(&d->mac, mac));
        put_number(f, "mtu", d->mtu);
        fputc('\n', f);
}

/* By its hardware address it is found where the kernel shows that it has it now. */
static void shell_lent(FILE *f, const struct plan *p, const struct op *op) {
        const struct device *d = &op->device;
        char mac[MAC_MAX];

        if (d->card.device[0])
                fprintf(f, "device=%s", d->card.device);
        else
                fprintf(f,
                        "device=$(grep -lix %s /sys/class/net/*/address | head -n 1 | cut -d/ -f5)",
                        mac_print(&d->card.address, mac));
        fprintf(f, "\nip link set dev \"$device\" netns %s name %s\n", p->netns, d->name);
        if (d->mac.set)
                fprintf(f, "ip -n %s link set dev %s address %s\n", p->netns, d->name,
                        mac_print(&d->mac, mac));
        fprintf(f,
                "[ \"$device\" = %s ] || ip -n %s link property add dev %s altname \"$device\"\n",
                d->name, p->netns, d->name);
}

void shell_device(FILE *f, const struct plan *p, const struct op *op) {
        const struct device *d = &op->device;
        char mac[MAC_MAX];

        if (link_kinds[d->kind]->tun || link_kinds[d->kind]->birth == BORN_ON_HOST) {
                (link_kinds[d->kind]->tun ? shell_tun : shell_lent)(f, p, op);
                return;
        }
        ip(f, p, op, 0);
        fprintf(f, " link add");
        if (d->parent[0] && !link_has_own_parent(d->kind))
                fprintf(f, " link %s", d->parent);
        fprintf(f, " name %s", d->name);
        if (d->mac.set)
                fprintf(f, " address %s", mac_print(&d->mac, mac));
        put_number(f, "mtu", d->mtu);
        if (d->master[0])
                fprintf(f, " master %s", d->master);
        if (op_home(op) != op->place)
                fprintf(f, " netns %s", p->netns);
        fprintf(f, " type %s", link_kinds[d->kind]->name);
        put_own(f, op);
        if (d->peer[0]) {
                fprintf(f, " peer name %s address %s", d->peer, mac_print(&d->peer_mac, mac));
                put_number(f, "mtu", d->mtu);
                fprintf(f, " netns %s", p->netns);
        }
        fputc('\n', f);
}

void shell_master(FILE *f, const struct plan *p, const struct op *op) {
        ip(f, p, op, 0);
        fprintf(f, " link set dev %s master %s\n", op->master.device, op->master.master);
}

void shell_vxlan_set(FILE *f, const struct plan *p, const struct op *op) {
        const struct op_vxlan_set *v = &op->vxlan_set;

        ip(f, p, op, 0);
        fprintf(f, " link set dev %s type vxlan %slearning\n", v->device,
                v->settings.learning == NO ? "no" : "");
}

void shell_fdb(FILE *f, const struct plan *p, const struct op *op) {
        char remote[ADDRESS_MAX];

        fputs("bridge", f);
        if (op->place != PLACE_HOST)
                fprintf(f, " -n %s", p->netns);
        fprintf(f, " fdb append 00:00:00:00:00:00 dst %s dev %s self permanent\n",
                address_print(&op->fdb.remote, remote), op->fdb.device);
}

/* One that is there is somebody else's. */
void shell_host_vlan(FILE *f, const struct plan *p _unused_, const struct op *op) {
        const struct op_host_vlan *v = &op->host_vlan;

        fprintf(f, "if ! ip link show dev %s > /dev/null 2>&1; then\n", v->device);
        fprintf(f, "ip link add link %s name %s type vlan id %u loose_binding on\n", v->parent,
                v->device, v->id);
        fprintf(f, "ip link property add dev %s altname " HOST_VLAN_MARK "%s\n", v->device,
                v->device);
        fprintf(f, "ip link set dev %s addrgenmode none\n", v->device);
        fprintf(f, "sysctl -qw net/ipv6/conf/%s/accept_ra=0\n", v->device);
        fprintf(f, "ip link set dev %s up\nfi\n", v->device);
}

void shell_altname(FILE *f, const struct plan *p, const struct op *op) {
        ip(f, p, op, 0);
        fprintf(f, " link property add dev %s altname %s\n", op->altname.device, op->altname.name);
}

void shell_inet6(FILE *f, const struct plan *p, const struct op *op) {
        const struct op_inet6 *i = &op->inet6;

        if (i->mode == INET6_PORT || i->mode == INET6_NONE) {
                ip(f, p, op, 0);
                fprintf(f, " link set dev %s addrgenmode none\n", i->device);
        }
        for (const struct inet6_setting *s = inet6_settings; s->name; s++)
                if (inet6_sets(op, s)) {
                        in_netns(f, p, op);
                        fprintf(f, "sysctl -qw net/ipv6/conf/%s/%s=%s\n", i->device, s->name,
                                s->value);
                }
        if (op->place != PLACE_HOST) {
                in_netns(f, p, op);
                fprintf(f, "sysctl -qw net/ipv4/conf/%s/" INET4_NOTIFY "=1\n", i->device);
        }
}

/* Those of /proc/sys alone. */
static void put_sysctls(FILE *f, const struct plan *p, const struct op *op,
                        const struct op_info *info, const char *device) {
        for (size_t i = 0; i < info->n_fields; i++) {
                const struct field *s = &info->fields[i];

                if (s->nest != NEST_INET || !setting_is_given(op, s))
                        continue;
                in_netns(f, p, op);
                fprintf(f, "sysctl -qw net/ipv4/conf/%s/%s=%u\n", device, s->ip,
                        setting_value(op, s));
        }
}

void shell_settings(FILE *f, const struct plan *p, const struct op *op,
                    const struct op_info *info) {
        const char *device = (const char *)op_data(op) + info->fields[0].offset;
        bool begun = false;

        put_sysctls(f, p, op, info, device);
        for (size_t i = 0; i < info->n_fields; i++) {
                const struct field *s = &info->fields[i];
                bool inner = s->nest == NEST_INFO || s->nest == NEST_SLAVE;

                if (s->nest == NEST_NONE || s->nest == NEST_INET || !setting_is_given(op, s))
                        continue;
                if (!begun) {
                        ip(f, p, op, 0);
                        fprintf(f, " link set dev %s", device);
                        if (inner)
                                fprintf(f, " type %s%s", info->kind,
                                        s->nest == NEST_SLAVE ? "_slave" : "");
                }
                begun = true;
                if (s->type == FIELD_TRISTATE && s->nest != NEST_INFO)
                        fprintf(f, " %s %s", s->ip, setting_value(op, s) ? "on" : "off");
                else
                        fprintf(f, " %s %u", s->ip, setting_value(op, s));
        }
        fputs(begun ? "\n" : "", f);
}

static void print_vlans(FILE *f, const char *device, const char *verb, const struct vlan_set *set,
                        bool member) {
        for (uint16_t first = VLAN_MIN, last; vlan_set_run(set, member, &first, &last);
             first = last + 1)
                fprintf(f,
                        last > first ? "bridge vlan %s dev %s vid %u-%u\n"
                                     : "bridge vlan %s dev %s vid %u\n",
                        verb, device, first, last);
}

static void set_vlans(FILE *f, const char *device, uint16_t pvid, const char *tagged) {
        struct vlan_set set;

        if (vlan_set_parse(tagged, &set) < 0)
                return;
        if (pvid)
                fprintf(f, "bridge vlan add dev %s vid %u pvid untagged\n", device, pvid);
        print_vlans(f, device, "add", &set, true);
        if (pvid)
                vlan_set_add(&set, pvid, pvid);
        print_vlans(f, device, "del", &set, false);
}

void shell_port_vlan(FILE *f, const struct plan *p _unused_, const struct op *op) {
        const struct op_port_vlan *v = &op->port_vlan;

        set_vlans(f, v->device, v->pvid, v->tagged);
}

void shell_uplink(FILE *f, const struct plan *p _unused_, const struct op *op) {
        const struct op_uplink *u = &op->uplink;

        if (!u->tagged) {
                fprintf(f, "ip link set dev %s master %s up\n", u->device, u->master);
                return;
        }
        fprintf(f, "ip link set dev %s master %s\n", u->device, u->master);
        set_vlans(f, u->device, u->pvid, u->tagged);
        fprintf(f, "ip link set dev %s up\n", u->device);
}

void shell_sysctl(FILE *f, const struct plan *p, const struct op *op) {
        in_netns(f, p, op);
        fprintf(f, "sysctl -qw %s=", op->sysctl.key);
        shell_quoted(f, op->sysctl.value);
        fputc('\n', f);
}

void shell_up(FILE *f, const struct plan *p, const struct op *op) {
        ip(f, p, op, 0);
        fprintf(f, " link set dev %s up\n", op->up.device);
}

void shell_address(FILE *f, const struct plan *p, const struct op *op) {
        const struct op_address *a = &op->address;
        uint8_t family = a->prefix.address.family;
        char text[CIDR_MAX], address[ADDRESS_MAX];

        ip(f, p, op, 0);
        if (a->peer.family)
                fprintf(f, " addr add %s peer %s/%u", address_print(&a->prefix.address, address),
                        address_print(&a->peer, text), a->prefix.length);
        else
                fprintf(f, " addr add %s%s", prefix_print(&a->prefix, text),
                        family == AF_INET && a->prefix.length <= 30 ? " brd +" : "");
        fprintf(f, " dev %s%s\n", a->device, family == AF_INET6 && !a->dad ? " nodad" : "");
}

/* A bridge has the host's settings again behind it. */
static void shell_notify(FILE *f, const char *device, char value) {
        fprintf(f, "sysctl -qw net/ipv4/conf/%s/" INET4_NOTIFY "=%c\n", device, value);
        fprintf(f, "sysctl -qw net/ipv6/conf/%s/ndisc_notify=%c\n", device, value);
}

void shell_announce(FILE *f, const struct plan *p, const struct op *op) {
        bool on_host = op->place == PLACE_HOST;
        char mac[MAC_MAX];

        if (on_host && !plan_find(p, OP_UPLINK)) /* nobody is there to hear it */
                return;
        if (on_host)
                shell_notify(f, op->announce.device, '1');
        ip(f, p, op, 0);
        fprintf(f, " link set dev %s address %s\n", op->announce.device,
                mac_print(&op->announce.mac, mac));
        if (on_host)
                shell_notify(f, op->announce.device, '0');
}

void shell_neighbor(FILE *f, const struct plan *p, const struct op *op) {
        char address[ADDRESS_MAX], mac[MAC_MAX];

        ip(f, p, op, 0);
        fprintf(f, " neigh add %s lladdr %s dev %s nud permanent\n",
                address_print(&op->neighbor.address, address), mac_print(&op->neighbor.mac, mac),
                op->neighbor.device);
}

void shell_proxy_ndp(FILE *f, const struct plan *p _unused_, const struct op *op) {
        fprintf(f, "sysctl -qw net/ipv6/conf/%s/proxy_ndp=1\n", op->proxy_ndp.device);
}

void shell_proxy(FILE *f, const struct plan *p _unused_, const struct op *op) {
        char address[ADDRESS_MAX];

        fprintf(f, "ip neigh add proxy %s dev %s\n", address_print(&op->proxy.address, address),
                op->proxy.device);
}

static void put_hop(FILE *f, const struct op_route *r, const struct nexthop *h) {
        put_address(f, "via", &h->via);
        fprintf(f, " dev %s", h->device[0] ? h->device : r->device);
}

void shell_route(FILE *f, const struct plan *p, const struct op *op) {
        static const char *const types[] = { "", "blackhole ", "unreachable ", "prohibit " };
        const struct op_route *r = &op->route;
        char text[CIDR_MAX];

        ip(f, p, op, r->destination.address.family);
        fprintf(f, " route add %s%s", types[r->type], prefix_print(&r->destination, text));
        if (r->hops.n == 1)
                put_hop(f, r, &r->hops.items[0]);
        else if (r->hops.n == 0 && r->type == ROUTE_UNICAST)
                fprintf(f, " dev %s", r->device);
        put_address(f, "src", &r->source);
        put_number(f, "metric", r->metric);
        put_number(f, "table", r->table);
        put_number(f, "mtu", r->mtu);
        fputs(" proto static", f);
        if (r->hops.n == 1 && r->hops.items[0].onlink)
                fputs(" onlink", f);
        for (size_t i = 0; r->hops.n > 1 && i < r->hops.n; i++) {
                fputs(" nexthop", f);
                put_hop(f, r, &r->hops.items[i]);
                put_number(f, "weight", r->hops.items[i].weight);
                fputs(r->hops.items[i].onlink ? " onlink" : "", f);
        }
        fputc('\n', f);
}

static void shell_ports(FILE *f, const char *word, const struct port_range *ports) {
        if (ports->first)
                fprintf(f, " %s %u", word, ports->first);
        if (ports->last)
                fprintf(f, "-%u", ports->last);
}

void shell_rule(FILE *f, const struct plan *p, const struct op *op) {
        const struct routing_rule *r = &op->rule;
        char text[CIDR_MAX];

        ip(f, p, op, r->family);
        fprintf(f, " rule add%s from %s", r->invert ? " not" : "",
                r->from.address.family ? prefix_print(&r->from, text) : "all");
        if (r->to.address.family)
                fprintf(f, " to %s", prefix_print(&r->to, text));
        if (r->has_mark)
                fprintf(f, " fwmark 0x%x", r->mark);
        /* ip(8) takes 0 alone for any mark */
        if (r->has_mark && r->mask && (r->mask != UINT32_MAX || r->mark == 0))
                fprintf(f, "/0x%x", r->mask);
        if (r->iif[0])
                fprintf(f, " iif %s", r->iif);
        if (r->oif[0])
                fprintf(f, " oif %s", r->oif);
        if (r->protocol)
                fprintf(f, " ipproto %u", r->protocol); /* a name would need /etc/protocols */
        shell_ports(f, "sport", &r->sport);
        shell_ports(f, "dport", &r->dport);
        if (r->has_uids)
                fprintf(f, " uidrange %u-%u", r->first_uid, r->last_uid);
        fprintf(f, " table %u", r->table);
        if (r->has_suppress)
                fprintf(f, " suppress_prefixlength %u", r->suppress);
        if (r->has_priority)
                fprintf(f, " priority %u", r->priority);
        fputs(" protocol static\n", f);
}

void shell_sysctl_file(FILE *f, const struct plan *p, const struct op *op) {
        const struct op_sysctl_file *s = &op->sysctl_file;

        fprintf(f, "mkdir -p /run/sysctl.d && printf '%%s\\n' '" SYSCTL_FILE_MARK "%s'", p->name);
        if (s->forwarding & FAMILY_IPV4)
                fprintf(f, " net/ipv4/conf/%s/forwarding=1", s->device);
        if (s->forwarding & FAMILY_IPV6)
                fprintf(f, " net/ipv6/conf/%s/forwarding=1", s->device);
        if (s->rp_filter)
                fprintf(f, " net/ipv4/conf/%s/rp_filter=%u", s->device, s->rp_filter);
        fprintf(f, " > /run/sysctl.d/10-vnet-%s.conf\n", s->device);
}

static void make_table(FILE *f, const struct plan *p, const struct op *op, enum nft_table table) {
        in_netns(f, p, op);
        fprintf(f, "nft list table %s " NFT_TABLE " > /dev/null 2>&1 || ",
                nft_tables[table].family);
        in_netns(f, p, op);
        fputs("nft -f - << 'END'\n", f);
        table_print(f, table);
        fputs("END\n", f);
}

void shell_table(FILE *f, const struct plan *p, const struct op *op) {
        make_table(f, p, op, (enum nft_table)op->table.which);
}

static void print_element(FILE *f, const struct plan *p, const struct op *op,
                          const struct op_element *e) {
        const struct nft_set_info *s = &nft_sets[e->set];

        in_netns(f, p, op);
        fprintf(f, "nft add element %s " NFT_TABLE " %s '{ ", nft_tables[s->table].family, s->name);
        element_print_key(f, e);
        fprintf(f, " comment \"%s\"", p->name);
        element_print_data(f, e);
        fputs(" }'\n", f);
}

void shell_element(FILE *f, const struct plan *p, const struct op *op) {
        print_element(f, p, op, &op->element);
}

void shell_inbound(FILE *f, const struct plan *p, const struct op *op) {
        struct op_element e = { .set = SET_FACING };
        const char *text = op->inbound.ports;
        struct inbound port;

        make_table(f, p, op, TABLE_INSIDE);
        memcpy(e.iif, op->inbound.device, sizeof e.iif);
        print_element(f, p, op, &e);
        e.set = SET_OPEN;
        while (inbound_next(&text, &port) > 0) {
                e.protocol = port.protocol;
                e.port = port.first;
                e.last = port.last;
                print_element(f, p, op, &e);
        }
}

/* Where the host does not forward so far, its interfaces shall not begin to between each other: they
 * are listed in the sets of the guard. */
static void switch_on(FILE *f, const char *key, enum nft_set guarded, enum nft_set bridged,
                      const char *family, const char *before) {
#define ADD_GUARD "nft add element inet " NFT_TABLE " %s \"{ %s comment \\\"" GUARD_OWNER "\\\" }\""
        fprintf(f,
                "if [ \"$(cat /proc/sys/%s)\" = 0 ]; then\n"
                "  ip -o link show | while IFS=': ' read -r index name _; do\n"
                "    [ \"$name\" != lo ] || continue\n"
                "    name=${name%%%%@*}\n"
                "    nft get element inet " NFT_TABLE
                " inside \"{ \\\"$name\\\" }\" > /dev/null 2>&1 && continue\n"
                "    " ADD_GUARD "\n"
                "    [ -z \"$(ip -o link show dev \"$name\" type bridge)\" ] ||\n"
                "      " ADD_GUARD "\n"
                "  done\n"
                "  " ADD_GUARD "\n"
                "%s"
                "  sysctl -qw %s=1\n"
                "fi\n",
                key, nft_sets[guarded].name, "$index", nft_sets[bridged].name, "$index . $index",
                nft_sets[SET_GUARDING].name, family, before, key);
}

void shell_forwarding(FILE *f, const struct plan *p _unused_, const struct op *op) {
        if (op->forwarding.families & FAMILY_IPV4)
                switch_on(f, "net/ipv4/ip_forward", SET_GUARDED4, SET_BRIDGED4, "ipv4", "");
        if (op->forwarding.families & FAMILY_IPV6)
                switch_on(f, "net/ipv6/conf/all/forwarding", SET_GUARDED6, SET_BRIDGED6, "ipv6",
                          "  for ra in /proc/sys/net/ipv6/conf/*/accept_ra; do\n"
                          "    case $ra in */all/*) continue ;; esac\n"
                          "    [ \"$(cat $ra)\" != 1 ] || echo 2 > $ra\n"
                          "  done\n");
}
