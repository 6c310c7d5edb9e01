/* SPDX-License-Identifier: GPL-2.0-or-later */

/* up does a plan, and down undoes what the record says. The record is written before the first
 * operation and marked as complete after the last, so that down finds what may have been done
 * whenever this process is killed. */

#include "verb/verbs.h"

#include <errno.h>

#include "netlink/listener.h"
#include "netlink/question.h"
#include "object/outer-end.h"
#include "state/lock.h"
#include "state/record.h"
#include "system/netns.h"
#include "system/sysctl.h"
#include "util.h"
#include "verb/cables.h"
#include "verb/other-firewalls.h"
#include "verb/reload.h"
#include "verb/repair.h"
#include "verb/walk.h"

static int down(const char *name, struct diags *d) {
        _cleanup_plan_ struct plan *p = NULL;
        enum stage stage;
        int e = record_read(name, &p, &stage, d);

        if (e == -ENOENT)
                return record_remove(name, d);
        return e < 0 ? e : undo_record(p, d);
}

int apply_down(const char *name, struct diags *d) {
        int lock, e;

        if (!record_exists(name) && !record_is_torn_off(name))
                return 0; /* whoever is just making it holds the lock and has its record */
        e = lock_take(LOCK_NAME, name, &lock, d);
        if (e < 0)
                return e;
        e = down(name, d);
        lock_release(lock);
        run_dir_remove();
        return e;
}

/* --- up --- */

/* On its wire is what the bridge has a part of. */
static bool is_proxied(const struct plan *p, const char *device) {
        const struct op *op = plan_find(p, OP_PROXY_NDP);

        return op && streq(op->proxy_ndp.device, device);
}

/* A subnet that is somewhere else already would take that place's traffic. */
static int check_subnets(struct pass *r) {
        char subnet_text[CIDR_MAX], route_text[CIDR_MAX], device[IFNAMSIZ];

        list_foreach (op, &r->plan->ops) {
                struct prefix subnet, route;
                int e;

                if (op->kind != OP_ADDRESS || op->place != PLACE_HOST)
                        continue;
                subnet = prefix_network(&op->address.prefix);
                e = probe_overlap(pass_host(r), &subnet, op->address.device, &route, device);
                if (e == 1 && is_proxied(r->plan, device) && route.length < subnet.length)
                        continue;
                if (e == 1)
                        return pass_fail(r, op, -EADDRINUSE,
                                         "its subnet %s overlaps the route to %s through "
                                         "interface %s",
                                         prefix_print(&subnet, subnet_text),
                                         prefix_print(&route, route_text), device);
                if (e < 0)
                        return pass_fail_errno(r, op, e, "");
        }
        return 0;
}

/* vnet(5) says why. */
static void tell_isolated(struct pass *r) {
        const struct op *port = NULL, *published = NULL;

        list_foreach (op, &r->plan->ops) {
                if (op->kind == OP_PORT && op->port.settings.isolated == YES)
                        port = op;
                if (op_publishes(op))
                        published = op;
        }
        if (port && published &&
            (sysctl_is("net/bridge/bridge-nf-call-iptables", "1") == 1 ||
             sysctl_is("net/bridge/bridge-nf-call-ip6tables", "1") == 1))
                diag_warn(r->d, &published->origin, "PublishPort",
                          "with Isolated=yes, and br_netfilter active on this host, neither the "
                          "namespace itself nor other isolated ones reach its published ports");
}

static int check_free(struct pass *r) {
        const struct op *op = plan_find(r->plan, OP_NETNS);

        if (op && netns_look(op->netns.name) == NETNS_THERE)
                return pass_fail(r, op, -EEXIST,
                                 NETNS_DIR "/%s already exists and was not made by vnet",
                                 op->netns.name);
        tell_isolated(r);
        return check_subnets(r) ?: listener_check(r->plan, NULL, NULL, r->d);
}

static int up_new(struct plan *p, struct diags *d) {
        bool recorded = false, learned;
        struct pass r;
        int e = pass_open(&r, p, d);

        if (e == 0)
                e = check_free(&r);
        if (e == 0)
                (void)netns_cookie_of(nl_fd(pass_host(&r)), &p->host);
        if (e == 0)
                e = pass_learn(&r, NULL, &learned);
        if (e == 0 && plan_find(p, OP_NETNS))
                e = pass_unshare(&r);
        if (e == 0) {
                e = record_write(p, d);
                recorded = e == 0;
        }
        if (recorded) {
                e = pass_forward(&r, NULL);
                if (e == 0)
                        e = record_mark(p->name, STAGE_COMPLETE, d);
                if (e < 0 && pass_backward(&r, true) == 0)
                        record_remove(p->name, d);
                pass_unlock(&r);
                if (e == 0)
                        warn_of_other_firewalls(&r);
        }
        pass_close(&r);
        if (e < 0)
                run_dir_remove();
        return e;
}

static int up(struct plan *p, struct diags *d) {
        _cleanup_plan_ struct plan *old = NULL;
        enum stage stage;
        int e = record_read(p->name, &old, &stage, d);

        if (e == -ENOENT)
                return up_new(p, d);
        if (e < 0)
                return e;
        e = stage == STAGE_COMPLETE ? apply_is_alive(old, d) : 0;
        if (e < 0)
                return e;
        if (e == 0) {
                e = undo_record(old, d);
                return e < 0 ? e : up_new(p, d);
        }
        return apply_difference(old, p, d);
}

int apply_up(struct plan *p, struct diags *d) {
        int lock, e = netns_check_mounts(d);

        if (e == 0)
                e = lock_take(LOCK_NAME, p->name, &lock, d);
        if (e < 0)
                return e;
        e = up(p, d);
        lock_release(lock);
        if (e == 0)
                cables_lay(p, d);
        else
                run_dir_remove();
        return e;
}
