/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Carries a plan through the kernel: opens the sockets and the namespace that its operations need,
 * collects their messages, and finds out of the answers what became of each operation, so that
 * whatever was done before a failure can be undone, and so that the failure is told with its line
 * in the file. */

#include "pass/pass.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <sys/stat.h>

#include "state/lock.h"
#include "system/netns.h"
#include "util.h"

int pass_open(struct pass *r, struct plan *p, struct diags *d) {
        bool nft = false;
        int e;

        *r = (struct pass){
                .plan = p,
                .d = d,
                .host_ns = -1,
                .inner_ns = -1,
                .shared_lock = -1,
                .peer_nsid = -1,
        };
        /* of any kind: a torn record may have lost the table and kept its elements */
        list_foreach (op, &p->ops)
                nft |= op_infos[op->kind].nftables;
        r->states = calloc(p->ops.n + 1, sizeof *r->states);
        if (!r->states)
                return -ENOMEM;
        e = nl_open(&r->host);
        if (e < 0)
                return diag_error(d, e, NULL, NULL, "cannot open a netlink socket: %s",
                                  strerror(-e));
        return nft ? nft_open(&r->nft, d) : 0;
}

void pass_close(struct pass *r) {
        pass_unlock(r);
        r->inner = nl_close(r->inner);
        r->host = nl_close(r->host);
        r->listener = nl_close(r->listener);
        if (r->inside)
                pass_enter(r, false);
        closep(&r->inner_ns);
        closep(&r->host_ns);
        /* last: after a deletion this waits for the kernel's grace period */
        r->nft = nft_close(r->nft);
        seen_free(r->seen);
        free(r->states);
        free(r->vanishing);
        *r = (struct pass){ .host_ns = -1, .inner_ns = -1, .shared_lock = -1 };
}

static int open_own(int *ret) {
        int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

        if (fd < 0)
                return -errno;
        *ret = fd;
        return 0;
}

static int open_inner_socket(struct pass *r) {
        int e = nl_open(&r->inner);

        return e < 0 ? diag_error(r->d, e, NULL, NULL, "cannot open a netlink socket in %s: %s",
                                  r->plan->netns, strerror(-e))
                     : 0;
}

static void choose_indexes(struct pass *r);

int pass_unshare(struct pass *r) {
        struct netns_copy copy = { 0 };
        struct op *op = NULL;
        struct stat st;
        int e;

        list_foreach (o, &r->plan->ops)
                if (o->kind == OP_NETNS)
                        op = o;
        e = netns_inherits(&copy);
        if (e == 0)
                e = open_own(&r->host_ns);
        if (e == 0 && unshare(CLONE_NEWNET) < 0)
                e = -errno;
        if (e == 0) {
                r->inside = r->fresh = true;
                e = open_own(&r->inner_ns);
        }
        if (e == 0 && fstat(r->inner_ns, &st) < 0)
                e = -errno;
        if (e < 0)
                return pass_fail_errno(r, op, e, "");
        op->netns.inode = st.st_ino;
        e = open_inner_socket(r);
        if (e < 0)
                return r->error = e;
        e = netns_cookie_of(nl_fd(r->inner), &op->netns.cookie);
        if (e == 0)
                e = netns_make_normal(&copy, r->inner);
        if (e < 0)
                return pass_fail_errno(r, op, e, "");
        choose_indexes(r);
        return 0;
}

int pass_open_inner(struct pass *r) {
        const struct op *op = plan_find(r->plan, OP_NETNS);
        int e;

        e = netns_open(r->plan->netns, op->netns.inode, op->netns.cookie, &r->inner_ns);
        if (e == -ENOENT)
                return e;
        if (e < 0)
                return pass_fail(r, op, e, "cannot open it: %s", strerror(-e));
        e = open_own(&r->host_ns);
        if (e == 0)
                e = pass_enter(r, true);
        if (e < 0)
                return pass_fail_errno(r, op, e, "");
        return open_inner_socket(r);
}

int pass_enter(struct pass *r, bool inside) {
        if (r->inside == inside || r->host_ns < 0)
                return 0;
        if (!inside)
                netns_return(r->host_ns);
        else if (setns(r->inner_ns, CLONE_NEWNET) < 0)
                return -errno;
        r->inside = inside;
        return 0;
}

/* --- failures --- */

int pass_fail(struct pass *r, const struct op *op, int error, const char *format, ...) {
        _cleanup_free_ char *what = op ? op_describe(op) : NULL, *why = NULL;
        va_list args;

        va_start(args, format);
        if (vasprintf(&why, format, args) < 0)
                why = NULL;
        va_end(args);
        diag_error(r->d, error, op ? &op->origin : NULL, NULL, "%s%s%s", what ?: "",
                   what ? ": " : "", why ?: strerror(-error));
        if (!r->error)
                r->error = error;
        return r->error;
}

/* What an error number means for this kind of object, where the number alone misleads. */
static const char *meaning(const struct op_info *info, int error) {
        for (const struct meaning *m = info ? info->meanings : NULL; m && m->error; m++)
                if (m->error == -error)
                        return m->text;
        return strerror(-error);
}

int pass_fail_errno(struct pass *r, const struct op *op, int error, const char *why) {
        const struct op_info *info = op ? &op_infos[op->kind] : NULL;
        char text[MEANING_MAX];

        if (info && info->explain && info->explain(op, -error, why, text))
                return pass_fail(r, op, error, "%s", text);
        return why[0] ? pass_fail(r, op, error, "%s (%s)", meaning(info, error), why)
                      : pass_fail(r, op, error, "%s", meaning(info, error));
}

/* --- queues --- */

static struct nl *queue_of(const struct pass *r, const struct op *op) {
        return op->inside ? r->inner : r->host;
}

static void settle_failed(void *user, size_t tag, int error, const char *why) {
        struct pass *r = user;
        const struct op *op = pass_op(r, tag);

        r->states[tag] = pass_is_unknown(error) ? OP_DONE : OP_FAILED;
        /* what fails behind the first failure of an up is its consequence */
        if ((r->undoing && why) || !r->error)
                pass_fail_errno(r, op, error, why ?: "");
}

static int flush(struct pass *r, struct nl *nl) {
        if (!nl_pending(nl))
                return 0;
        nl_flush(nl, settle_failed, r);
        if (nl == r->host)
                r->creating = false;
        else
                r->creating_inside = false;
        for (size_t i = 0; i < r->plan->ops.n; i++)
                if (r->states[i] == OP_QUEUED && !op_infos[pass_op(r, i)->kind].nftables &&
                    queue_of(r, pass_op(r, i)) == nl)
                        r->states[i] = r->undoing ? OP_UNTOUCHED : OP_DONE;
        return r->undoing ? 0 : r->error;
}

void pass_drop(struct pass *r) {
        nl_drop(r->host);
        nl_drop(r->inner);
        for (size_t i = 0; i < r->plan->ops.n; i++)
                if (r->states[i] == OP_QUEUED)
                        r->states[i] = OP_UNTOUCHED;
}

int pass_flush_host(struct pass *r) {
        return flush(r, r->host);
}

int pass_flush_new(struct pass *r) {
        return r->creating_inside ? pass_flush(r) : pass_flush_host(r);
}

int pass_flush(struct pass *r) {
        int e = flush(r, r->host);

        /* a failure on the host leaves nothing inside to send to */
        return e < 0 ? e : flush(r, r->inner);
}

struct nlmsghdr *pass_begin(struct pass *r, const struct op *op, uint16_t type, uint16_t flags,
                            const void *header, size_t size) {
        struct nl *nl = queue_of(r, op), *other = op->inside ? r->host : r->inner;
        bool creates = op_infos[op->kind].creates;
        struct nlmsghdr *h;

        if (flush(r, other) < 0 || (r->creating && !creates && flush(r, r->host) < 0) ||
            (nl_full(nl) && flush(r, nl) < 0))
                return NULL;
        if (op->inside)
                r->creating_inside |= creates;
        else
                r->creating |= creates;
        h = nl_begin(nl, type, flags, header, size);
        if (!h)
                pass_fail_errno(r, op, -ENOMEM, "");
        return h;
}

/* What an operation adds or overwrites is its own, and no other looks for it. But an interface takes along what
 * is on it, and so does what leaves. */
static bool takes_along(uint16_t type) {
        switch (type) {
        case RTM_NEWADDR:
        case RTM_NEWROUTE:
        case RTM_NEWNEIGH:
        case RTM_NEWRULE: return false;
        default: return true;
        }
}

void pass_end(struct pass *r, const struct op *op, struct nlmsghdr *h) {
        const struct op_info *info = &op_infos[op->kind];
        enum nl_tolerance t = NL_STRICT;

        if (r->undoing)
                t |= NL_GONE_IS_DONE;
        /* what was found to be ours is not made; another one of that name is none that will do */
        if (r->repairing && !info->creates)
                t |= h->nlmsg_type == RTM_DELRULE ? NL_GONE_IS_DONE : NL_EXISTS_IS_DONE;
        /* whoever is inside may leave no room for the mark: the record knows the namespace better */
        if (r->repairing && info->spare && op->inside)
                t |= NL_ALL_IS_DONE;
        if (takes_along(h->nlmsg_type))
                pass_forget(r);
        nl_end(queue_of(r, op), h, r->current, t);
        r->states[r->current] = OP_QUEUED;
}

/* --- what is there --- */

void pass_forget(struct pass *r) {
        seen_forget(r->seen);
}

/* asked: the kernel has been. */
static int prepare(struct pass *r, const struct op *op, bool asked, struct nl **ret) {
        *ret = queue_of(r, op);
        if (!*ret)
                return -EPERM; /* nobody has gone inside */
        return asked ? 0 : pass_flush(r);
}

static int seen_of(struct pass *r) {
        if (!r->seen)
                r->seen = seen_new();
        return r->seen ? 0 : -ENOMEM;
}

struct pool *pass_pool(struct pass *r) {
        return seen_of(r) == 0 ? seen_pool(r->seen) : NULL;
}

int pass_each(struct pass *r, const struct op *op, enum seen_what what, uint8_t family,
              const void *name, size_t size, nl_object *object, void *user) {
        struct nl *nl = NULL;
        int e = seen_of(r);

        if (e == 0)
                e = prepare(r, op, seen_has(r->seen, op->inside, what, family), &nl);
        return e < 0 ? e
                     : seen_each(r->seen, nl, op->inside, what, family, name, size, object, user);
}

int pass_link(struct pass *r, const struct op *op, const char *device,
              const struct nlmsghdr **ret) {
        struct nl *nl = NULL;
        int e = seen_of(r);

        if (e == 0)
                e = prepare(r, op, seen_has_link(r->seen, op->inside, device), &nl);
        return e < 0 ? e : seen_link(r->seen, nl, op->inside, device, ret);
}

int pass_seen_index(struct pass *r, const struct op *op, const char *device) {
        const struct nlmsghdr *h;
        int e;

        if (op->inside && streq(device, "lo"))
                return 1;
        e = pass_link(r, op, device, &h);
        return e < 0 ? e : ((const struct ifinfomsg *)mnl_nlmsg_get_payload(h))->ifi_index;
}

/* --- indexes --- */

/* The name that a device has inside; NULL: it is none of those. */
static const char *inner_name(const struct op *op) {
        if (op->kind != OP_DEVICE)
                return NULL;
        if (op->device.peer[0])
                return op->device.peer;
        return op_is_inside(op) ? op->device.name : NULL;
}

int pass_preset_index(const struct pass *r, const char *device) {
        unsigned peers = r->first_peer, others = r->first_other;

        list_foreach (op, &r->plan->ops) {
                const char *name = inner_name(op);
                unsigned *next = op->device.peer[0] ? &peers : &others;

                if (!name)
                        continue;
                if (streq(name, device))
                        return *next ? (int)*next : -ENODEV;
                *next += *next != 0;
        }
        return -ENODEV;
}

enum { FREE_INDEX = 0x100000, FREE_TRIES = 64 }; /* far above what hosts count up to */

int pass_free_index(const struct pass *r) {
        unsigned at = FREE_INDEX +
                      (unsigned)hash_bytes(FNV_BASIS, r->plan->name, strlen(r->plan->name)) %
                              FREE_INDEX;

        for (int i = 0; i < FREE_TRIES; i++, at++)
                if (!nl_has_index(r->host, at) && !(r->inner && nl_has_index(r->inner, at)))
                        break;
        return (int)at;
}

/* The kernel numbers the inner ends of pairs in turn, from 2 on in an empty namespace; what is asked for it takes only
 * where the outer end's number is asked for too (veth_newlink()). Tunnel modules put interfaces of their own into each
 * new namespace: then the numbers are looked up. The other interfaces are told theirs, and one that is made by a
 * message on the host needs one that is free there too. */
static void choose_indexes(struct pass *r) {
        unsigned peers = 0, others = 0;
        bool over = false;

        list_foreach (op, &r->plan->ops) {
                peers += inner_name(op) && op->device.peer[0];
                others += inner_name(op) && !op->device.peer[0];
                over |= op->kind == OP_DEVICE && link_kinds[op->device.kind]->birth == BORN_OVER;
        }
        r->first_peer = nl_has_index(r->inner, 2) ? 0 : 2;
        r->first_other = over || !r->first_peer ? (unsigned)pass_free_index(r) : 2 + peers;
        for (unsigned i = 0; over && i < others; i++)
                if (nl_has_index(r->host, r->first_other + i)) {
                        r->first_other += i + 1;
                        i = (unsigned)-1;
                }
}

int pass_index_now(const struct pass *r, struct nl *nl, const char *device) {
        bool present = !r->repairing && !r->undoing && !r->change;

        return present ? nl_index_of_present(nl, device) : nl_index(nl, device);
}

int pass_index(struct pass *r, const struct op *op, const char *device) {
        int index = -ENODEV;

        if (op->inside && streq(device, "lo"))
                return 1; /* the first interface of every namespace */
        if (op->inside && r->fresh)
                index = pass_preset_index(r, device);
        if (index < 0 && r->repairing) {
                index = pass_seen_index(r, op, device);
                if (r->error)
                        return r->error;
        } else if (index < 0) {
                if (pass_flush(r) < 0)
                        return r->error;
                index = pass_index_now(r, queue_of(r, op), device);
        }
        if (index == -ENODEV && !r->undoing)
                return pass_fail(r, op, index, "there is no interface '%s'", device);
        if (index < 0 && index != -ENODEV)
                return pass_fail(r, op, index, "cannot find interface '%s': %s", device,
                                 strerror(-index));
        return index;
}

/* --- the lock --- */

int pass_lock(struct pass *r) {
        if (r->shared_lock >= 0)
                return 0;
        return lock_take(LOCK_SHARED, NULL, &r->shared_lock, r->d);
}

void pass_unlock(struct pass *r) {
        r->shared_lock = lock_release(r->shared_lock);
}
