/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Brings together what a plan is built from: the file of a NAME, its bridges (by their files, or by
 * the kernel where no file defines them) and the machine id. lib/plan asks nobody, so that a plan
 * depends on nothing but what it is given. */

#include "gather.h"

#include <errno.h>
#include <fcntl.h>

#include "accounts.h"
#include "alternative.h"
#include "build.h"
#include "load.h"
#include "netlink/question.h"
#include "netlink/socket.h"
#include "util.h"
#include "verify.h"
#include "vlan-set.h"

enum { MACHINE_ID_SIZE = 33 };

/* No file, no id: addresses are derived from the names alone. Another error must not pass for that,
 * or interfaces would come up with other addresses than ever before. */
static int read_machine_id(const char *root, char ret[MACHINE_ID_SIZE], struct diags *d) {
        _cleanup_close_ int fd = -1;
        char path[4096];
        ssize_t n;

        snprintf(path, sizeof path, "%s/etc/machine-id", root);
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        n = fd < 0 ? -1 : read(fd, ret, MACHINE_ID_SIZE - 1);
        if (n < 0 && errno != ENOENT)
                return diag_error(d, -errno, NULL, NULL, "cannot read %s: %s", path,
                                  strerror(errno));
        ret[n < 0 ? 0 : n] = '\0';
        ret[strcspn(ret, "\n")] = '\0';
        return 0;
}

/* A bridge that nobody's file defines is asked of the kernel; without waiting it may be absent. */
static int foreign_bridge(const struct link *l, bool wait, struct pool *pool,
                          struct bridge_facts *ret, struct diags *d) {
        struct nl *nl;
        int e = nl_open(&nl);

        if (e < 0)
                return diag_error(d, e, NULL, NULL, "cannot open a netlink socket: %s",
                                  strerror(-e));
        if (wait || nl_index(nl, l->bridge) > 0)
                e = probe_bridge(nl, l->bridge, pool, &l->bridge_origin, ret, d);
        nl_close(nl);
        return e;
}

/* Or for that on which it is made. */
static int wait_for_parent(const struct link *l, struct diags *d) {
        char parent[IFNAMSIZ];
        struct nl *nl;
        uint16_t id;
        int e = nl_open(&nl);

        if (e < 0)
                return diag_error(d, e, NULL, NULL, "cannot open a netlink socket: %s",
                                  strerror(-e));
        if (probe_host_has(l->parent) || !vlan_of_name(l->parent, parent, &id))
                snprintf(parent, sizeof parent, "%s", l->parent);
        e = probe_parent(nl, parent, &l->parent_origin, d);
        nl_close(nl);
        return e;
}

/* The models of the bridges must outlive the facts: the plan's builder borrows from them. */
static int bridge_facts(const char *root, struct vnet *v, bool wait, struct bridge_facts *facts,
                        struct vnet **bridges, struct diags *d) {
        struct given_default given = given_default(v, 0);
        size_t i = 0;

        list_foreach (l, &v->ns.links) {
                int e;

                if (l->bridge[0]) {
                        e = load_bridge(root, l->bridge, &bridges[i], d);
                        if (e == 0 && bridges[i])
                                e = verify_pair(v, l, bridges[i], d);
                        if (e == 0 && bridges[i]) {
                                warn_pair(l, bridges[i], d);
                                facts[i] = facts_of_bridge(bridges[i]);
                        } else if (e == 0)
                                e = foreign_bridge(l, wait, &v->pool, &facts[i], d);
                        if (e < 0)
                                return e;
                }
                if (link_faces_host(l) && !l->bridge[0])
                        warn_cable(v, l, d);
                warn_lost_default(l, bridges[i], &given, d);
                if (!l->bridge[0] && *link_base(l) && wait) {
                        e = wait_for_parent(l, d);
                        if (e < 0)
                                return e;
                }
                i++;
        }
        return 0;
}

/* The other network's file says what its namespace is called, and whether it has the other end of a cable. */
static int partner_facts(const char *root, struct vnet *v, struct partner_facts *facts,
                         struct vnet **partners, struct diags *d) {
        int e = 0;

        list_foreach (l, &v->ns.links) {
                size_t i = (size_t)(l - v->ns.links.items);

                if (e < 0 || !link_partner(l))
                        continue;
                e = load_name(root, link_partner(l), &partners[i], NULL);
                if (e == -ENOMEM)
                        return e;
                e = verify_partner(v, l, partners[i], d);
                if (e == 0)
                        facts[i] = facts_of_partner(v, l, partners[i]);
        }
        return e;
}

int gather_plan(const char *root, const char *name, bool wait, struct plan **ret,
                struct vnet **ret_model, struct diags *d) {
        _cleanup_free_ struct bridge_facts *facts = NULL;
        _cleanup_free_ struct partner_facts *partners = NULL;
        _cleanup_free_ struct vnet **others = NULL; /* bridges, and partners */
        _cleanup_vnet_ struct vnet *v = NULL;
        char machine_id[MACHINE_ID_SIZE];
        int e = load_name(root, name, &v, d);

        if (e == 0)
                e = read_machine_id(root, machine_id, d);
        if (e == 0)
                e = accounts_resolve(root, v, d);
        if (e == 0 && !root[0])
                e = refuse_alternatives(v, d);
        if (e < 0)
                return e;
        facts = calloc(v->ns.links.n + 1, sizeof *facts);
        partners = calloc(v->ns.links.n + 1, sizeof *partners);
        others = calloc(2 * v->ns.links.n + 1, sizeof *others);
        if (!facts || !partners || !others)
                return -ENOMEM;
        e = bridge_facts(root, v, wait, facts, others, d);
        if (e == 0)
                e = partner_facts(root, v, partners, others + v->ns.links.n, d);
        if (e == 0)
                e = plan_build(v, &(struct facts){ machine_id, facts, partners }, ret, d);
        for (size_t i = 0; i < 2 * v->ns.links.n; i++)
                vnet_free(others[i]);
        if (e == 0 && ret_model)
                *ret_model = TAKE_PTR(v);
        return e;
}
