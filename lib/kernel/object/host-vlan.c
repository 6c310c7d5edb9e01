/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Parent=eno1.10, Uplink=eno1.10: an interface of the host for the packets of a VLAN, which is made where it is not there, is there
 * while somebody uses it, and goes with its last user. One that was there before is somebody else's, and is used as it is.
 *
 * Ours is known by its mark. The kernel gives no name to what it makes but the one, so for a moment it has none: until then it is
 * known by its number, which is far above those that the kernel counts up to, and by users being noted. So whoever is killed
 * between leaves nothing that a stop does not find. */

#include <errno.h>
#include <linux/if_link.h>
#include <linux/if_vlan.h>
#include <sys/socket.h>

#include "netlink/question.h"
#include "object/operations.h"
#include "state/shared-users.h"
#include "system/sysctl.h"
#include "util.h"

enum { OWN_INDEX = 0x400000, OWN_TRIES = 64 }; /* above those of pass_free_index() too */

struct names {
        char users[sizeof HOST_VLAN_USERS + IFNAMSIZ], mark[sizeof HOST_VLAN_MARK + IFNAMSIZ];
};

static struct names names_of(const struct op *op) {
        struct names n;

        snprintf(n.users, sizeof n.users, HOST_VLAN_USERS "%s", op->host_vlan.device);
        snprintf(n.mark, sizeof n.mark, HOST_VLAN_MARK "%s", op->host_vlan.device);
        return n;
}

/* --- what is there --- */

/* By its name, and where somebody has renamed it by its mark. Index 0: there is none. */
static int find(const struct pass *r, const struct op *op, const struct names *n,
                struct link_info *ret) {
        int e = probe_link(pass_host(r), op->host_vlan.device, ret);

        if (e == -ENODEV)
                e = probe_link_marked(pass_host(r), n->mark, ret);
        if (e == -ENODEV)
                *ret = (struct link_info){ .index = 0 };
        return e == -ENODEV ? 0 : e;
}

static bool is_marked(const struct op *op, const struct link_info *v) {
        return streq(v->made, op->host_vlan.device);
}

/* Under the lock. 1, 0, or a negative errno. */
static int is_ours(const struct op *op, const struct names *n, const struct link_info *v) {
        if (is_marked(op, v) || !streq(v->kind, "vlan") || v->index < OWN_INDEX)
                return is_marked(op, v);
        return users_has(n->users, NULL);
}

/* --- there --- */

struct newcomer {
        const struct op *op;
        int parent;
};

/* Bound loosely it is up while its parent is down, as that may be early in a boot (lib/link/vlan.c). */
static void put_newcomer(struct nlmsghdr *h, const void *argument) {
        const struct ifla_vlan_flags flags = { VLAN_FLAG_LOOSE_BINDING, VLAN_FLAG_LOOSE_BINDING };
        const struct newcomer *n = argument;
        struct nlattr *info, *data;

        mnl_attr_put_strz(h, IFLA_IFNAME, n->op->host_vlan.device);
        mnl_attr_put_u32(h, IFLA_LINK, (uint32_t)n->parent);
        info = mnl_attr_nest_start(h, IFLA_LINKINFO);
        mnl_attr_put_strz(h, IFLA_INFO_KIND, "vlan");
        data = mnl_attr_nest_start(h, IFLA_INFO_DATA);
        mnl_attr_put_u16(h, IFLA_VLAN_ID, n->op->host_vlan.id);
        mnl_attr_put(h, IFLA_VLAN_FLAGS, sizeof flags, &flags);
        mnl_attr_nest_end(h, data);
        mnl_attr_nest_end(h, info);
}

static void put_alternative_name(struct nlmsghdr *h, const void *mark) {
        struct nlattr *list = mnl_attr_nest_start(h, IFLA_PROP_LIST);

        mnl_attr_put_strz(h, IFLA_ALT_IFNAME, mark);
        mnl_attr_nest_end(h, list);
}

/* The host itself has no part in that VLAN: no address of its own making, and none that a router there hands out. */
static int silence(struct pass *r, const struct op *op) {
        static const char *const settings[][2] = { { "addr_gen_mode", "1" }, { "accept_ra", "0" } };
        int e = pass_enter(r, PLACE_HOST);

        for (size_t i = 0; e == 0 && i < ARRAY_SIZE(settings); i++) {
                char key[sizeof "net/ipv6/conf//addr_gen_mode" + IFNAMSIZ];

                snprintf(key, sizeof key, "net/ipv6/conf/%s/%s", op->host_vlan.device,
                         settings[i][0]);
                e = sysctl_write(key, settings[i][1]);
                if (e == -ENOENT) /* a host without IPv6 */
                        e = 0;
        }
        return e;
}

/* What belongs to it, whoever was killed before. */
static int complete(struct pass *r, const struct op *op, const struct names *n,
                    const struct link_info *v) {
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC, .ifi_index = v->index },
                         up = { .ifi_family = AF_UNSPEC,
                                .ifi_index = v->index,
                                .ifi_change = IFF_UP,
                                .ifi_flags = IFF_UP };
        int e = is_marked(op, v) ? 0
                                 : nl_ask(pass_host(r), RTM_NEWLINKPROP,
                                          NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND, &m, sizeof m,
                                          put_alternative_name, n->mark, NULL, NULL);

        if (e == 0 && !v->up)
                e = silence(r, op);
        return e < 0 || v->up ? e
                              : nl_ask(pass_host(r), RTM_NEWLINK, 0, &up, sizeof up, NULL, NULL,
                                       NULL, NULL);
}

static int free_index(const struct pass *r, const char *device) {
        unsigned at = OWN_INDEX +
                      (unsigned)(hash_bytes(FNV_BASIS, device, strlen(device)) % OWN_INDEX);

        for (int i = 0; i < OWN_TRIES && nl_has_index(pass_host(r), at); i++)
                at++;
        return (int)at;
}

/* Noted first: whoever is killed behind that has it found. */
static int create(struct pass *r, const struct op *op, const struct names *n) {
        struct newcomer new = { op, nl_index(pass_host(r), op->host_vlan.parent) };
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC,
                               .ifi_index = free_index(r, op->host_vlan.device) };
        struct link_info v = { .index = m.ifi_index };
        int e;

        if (new.parent == -ENODEV && plan_has_uplink(r->plan, op->host_vlan.device))
                return 0; /* it joins when it appears */
        if (new.parent < 0)
                return new.parent == -ENODEV
                               ? pass_fail(r, op, -ENODEV, "there is no interface '%s'",
                                           op->host_vlan.parent)
                               : new.parent;
        e = users_add(n->users, r->plan->name);
        if (e == 0)
                e = nl_ask(pass_host(r), RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &m, sizeof m,
                           put_newcomer, &new, NULL, NULL);
        return e < 0 ? e : complete(r, op, n, &v);
}

static int make(struct pass *r, const struct op *op) {
        struct names n = names_of(op);
        struct link_info v;
        int e = find(r, op, &n, &v), ours = e < 0 ? e : v.index ? is_ours(op, &n, &v) : 0;

        if (e < 0 || ours < 0)
                return e < 0 ? e : ours;
        if (!v.index)
                return create(r, op, &n);
        if (!ours)
                return 0;
        e = users_add(n.users, r->plan->name);
        return e < 0 ? e : complete(r, op, &n, &v);
}

/* The lock is held for no more than this: what follows in a start may take its time. */
static int locked(struct pass *r, const struct op *op,
                  int (*act)(struct pass *r, const struct op *op)) {
        bool held = r->shared_lock >= 0;
        int e = pass_flush(r);

        if (e == 0)
                e = pass_lock(r);
        if (e < 0)
                return r->error = r->error ?: e;
        e = act(r, op);
        if (!held)
                pass_unlock(r);
        pass_forget(r);
        return e < 0 && !r->error ? pass_fail_errno(r, op, e, "") : e;
}

int do_host_vlan(struct pass *r, const struct op *op) {
        r->states[r->current] = OP_DONE; /* or some of it: to be undone */
        return locked(r, op, make);
}

/* --- and back --- */

static int remove_vlan(struct pass *r, const struct op *op, const struct names *n,
                       const struct link_info *v) {
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC, .ifi_index = v->index };
        char text[CIDR_MAX];
        struct prefix address;
        int e = probe_has_address(pass_host(r), v->index, &address);

        if (e < 0)
                return e;
        if (e == 0) {
                e = nl_ask(pass_host(r), RTM_DELLINK, 0, &m, sizeof m, NULL, NULL, NULL, NULL);
                return e == -ENODEV ? 0 : e;
        }
        diag_warn(r->d, &op->origin, NULL,
                  "somebody has given the address %s of the host to %s, which was made here; it is "
                  "left there",
                  prefix_print(&address, text), op->host_vlan.device);
        return is_marked(op, v) ? nl_ask(pass_host(r), RTM_DELLINKPROP, 0, &m, sizeof m,
                                         put_alternative_name, n->mark, NULL, NULL)
                                : 0;
}

/* Away first, and only then no user: who is killed between is found by the next. Where nobody is noted any more, what has the mark
 * is nobody's. */
static int give_up(struct pass *r, const struct op *op) {
        struct names n = names_of(op);
        struct link_info v = { .index = 0 };
        int any = users_has(n.users, NULL), own = users_has(n.users, r->plan->name),
            others = users_others(n.users, r->plan->name), ours = 0, e;
        bool last;

        if (any < 0 || own < 0 || others < 0)
                return any < 0 ? any : own < 0 ? own : others;
        if ((any && !own) || others > 0)
                return own ? users_remove(n.users, r->plan->name, &last) : 0;
        e = find(r, op, &n, &v);
        if (e == 0 && v.index)
                ours = is_ours(op, &n, &v);
        if (e == 0 && ours > 0)
                e = remove_vlan(r, op, &n, &v);
        if (e < 0 || ours < 0)
                return e < 0 ? e : ours;
        return own ? users_remove(n.users, r->plan->name, &last) : 0;
}

int undo_host_vlan(struct pass *r, const struct op *op) {
        int e = pass_flush(r);

        return e < 0 ? e : locked(r, op, give_up);
}

/* One of somebody else is as it should be, whatever it is. */
int look_host_vlan(struct pass *r, const struct op *op, struct op *ret) {
        struct names n = names_of(op);
        struct link_info v;
        int e = pass_flush(r), ours;

        if (e == 0)
                e = find(r, op, &n, &v);
        if (e < 0)
                return e;
        if (!v.index)
                return nl_index(pass_host(r), op->host_vlan.parent) == -ENODEV ? -ENODEV : -ENOENT;
        *ret = *op;
        ours = is_ours(op, &n, &v);
        if (ours <= 0)
                return ours;
        return !is_marked(op, &v) || !v.up || users_has(n.users, r->plan->name) == 0;
}
