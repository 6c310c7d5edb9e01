/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Carries a plan through the kernel: opens the sockets and the namespace that its operations need,
 * collects their messages, and finds out of the answers what became of each operation, so that
 * whatever was done before a failure can be undone, and so that the failure is told with its line
 * in the file. */

#include "pass/pass.h"

#include <errno.h>
#include <stdarg.h>

#include "state/lock.h"
#include "util.h"

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

        if (info && info->explain && info->explain(r->plan, op, -error, why, text))
                return pass_fail(r, op, error, "%s", text);
        return why[0] ? pass_fail(r, op, error, "%s (%s)", meaning(info, error), why)
                      : pass_fail(r, op, error, "%s", meaning(info, error));
}

/* --- queues --- */

static void settle_failed(void *user, size_t tag, int error, const char *why) {
        struct pass *r = user;
        const struct op *op = pass_op(r, tag);

        r->states[tag] = pass_is_unknown(error) ? OP_DONE : OP_FAILED;
        /* what fails behind the first failure of an up is its consequence */
        if ((r->undoing && why) || !r->error)
                pass_fail_errno(r, op, error, why ?: "");
}

static int flush(struct pass *r, size_t place) {
        struct place_state *at = &r->places[place];

        if (!nl_pending(at->nl))
                return 0;
        nl_flush(at->nl, settle_failed, r);
        at->creating = false;
        for (size_t i = 0; i < r->plan->ops.n; i++)
                if (r->states[i] == OP_QUEUED && !op_infos[pass_op(r, i)->kind].nftables &&
                    pass_place(r, pass_op(r, i)) == place)
                        r->states[i] = r->undoing ? OP_UNTOUCHED : OP_DONE;
        return r->undoing ? 0 : r->error;
}

void pass_drop(struct pass *r) {
        for (size_t place = 0; place < r->n_places; place++)
                nl_drop(r->places[place].nl);
        for (size_t i = 0; i < r->plan->ops.n; i++)
                if (r->states[i] == OP_QUEUED)
                        r->states[i] = OP_UNTOUCHED;
}

int pass_flush_host(struct pass *r) {
        return flush(r, PLACE_HOST);
}

int pass_flush_new(struct pass *r) {
        return r->places[PLACE_OWN].creating ? pass_flush(r) : pass_flush_host(r);
}

int pass_flush(struct pass *r) {
        int e = 0;

        /* in this order: a failure on the host leaves nothing inside to send to */
        for (size_t place = 0; e == 0 && place < r->n_places; place++)
                e = flush(r, place);
        return e;
}

struct nlmsghdr *pass_begin(struct pass *r, const struct op *op, uint16_t type, uint16_t flags,
                            const void *header, size_t size) {
        size_t place = pass_place(r, op);
        struct place_state *here = &r->places[place];
        bool creates = op_infos[op->kind].creates;
        struct nlmsghdr *h;

        for (size_t other = 0; other < r->n_places; other++)
                if (other != place && flush(r, other) < 0)
                        return NULL;
        if ((place != PLACE_OWN && here->creating && !creates && flush(r, place) < 0) ||
            (nl_full(here->nl) && flush(r, place) < 0))
                return NULL;
        here->creating |= creates;
        h = nl_begin(here->nl, type, flags, header, size);
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
        if (r->repairing && info->spare && op->place != PLACE_HOST)
                t |= NL_ALL_IS_DONE;
        if (takes_along(h->nlmsg_type))
                pass_forget(r);
        nl_end(pass_socket(r, op), h, r->current, t);
        r->states[r->current] = OP_QUEUED;
}

/* --- what is there --- */

void pass_forget(struct pass *r) {
        seen_forget(r->seen);
}

/* asked: the kernel has been. */
static int prepare(struct pass *r, const struct op *op, bool asked, struct nl **ret) {
        *ret = pass_socket(r, op);
        if (!*ret)
                return -EPERM; /* nobody has gone inside */
        return asked ? 0 : pass_flush(r);
}

static int seen_of(struct pass *r) {
        if (!r->seen)
                r->seen = seen_new(r->n_places);
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
                e = prepare(r, op, seen_has(r->seen, pass_place(r, op), what, family), &nl);
        return e < 0 ? e
                     : seen_each(r->seen, nl, pass_place(r, op), what, family, name, size, object,
                                 user);
}

int pass_link(struct pass *r, const struct op *op, const char *device,
              const struct nlmsghdr **ret) {
        struct nl *nl = NULL;
        int e = seen_of(r);

        if (e == 0)
                e = prepare(r, op, seen_has_link(r->seen, pass_place(r, op), device), &nl);
        return e < 0 ? e : seen_link(r->seen, nl, pass_place(r, op), device, ret);
}

int pass_seen_index(struct pass *r, const struct op *op, const char *device) {
        const struct nlmsghdr *h;
        int e;

        if (op->place != PLACE_HOST && streq(device, "lo"))
                return 1;
        e = pass_link(r, op, device, &h);
        return e < 0 ? e : ((const struct ifinfomsg *)mnl_nlmsg_get_payload(h))->ifi_index;
}

/* --- indexes --- */

int pass_preset_index(const struct pass *r, const char *device) {
        unsigned peers = r->first_peer, others = r->first_other;

        list_foreach (op, &r->plan->ops) {
                const char *name = op_inner_name(op);
                unsigned *next = op->device.peer[0] ? &peers : &others;

                if (!name || pass_waits(r, op))
                        continue;
                if (streq(name, device))
                        return *next ? (int)*next : -ENODEV;
                *next += *next != 0;
        }
        return -ENODEV;
}

/* Wherever it might be looked for. */
static bool is_free(const struct pass *r, unsigned index) {
        for (size_t i = 0; i < r->n_places; i++)
                if (r->places[i].nl && nl_has_index(r->places[i].nl, index))
                        return false;
        return true;
}

enum { FREE_INDEX = 0x100000, FREE_TRIES = 64 }; /* far above what hosts count up to */

int pass_free_index(const struct pass *r) {
        unsigned at = FREE_INDEX +
                      (unsigned)hash_bytes(FNV_BASIS, r->plan->name, strlen(r->plan->name)) %
                              FREE_INDEX;

        for (int i = 0; i < FREE_TRIES && !is_free(r, at); i++)
                at++;
        return (int)at;
}

/* The kernel numbers the inner ends of pairs in turn, from 2 on in an empty namespace; what is asked for it takes only
 * where the outer end's number is asked for too (veth_newlink()). Tunnel modules put interfaces of their own into each
 * new namespace: then the numbers are looked up. The other interfaces are told theirs, and one that is made by a
 * message from another place needs one that is free there too. */
void pass_choose_indexes(struct pass *r) {
        unsigned peers = 0, others = 0;
        bool over = false;

        list_foreach (op, &r->plan->ops) {
                if (!op_inner_name(op) || pass_waits(r, op))
                        continue;
                peers += op->device.peer[0] != '\0';
                others += !op->device.peer[0];
                over |= op_home(op) != op->place ||
                        link_comes_from_host(link_kinds[op->device.kind]);
        }
        r->first_peer = nl_has_index(pass_inner(r), 2) ? 0 : 2;
        r->first_other = over || !r->first_peer ? (unsigned)pass_free_index(r) : 2 + peers;
        for (unsigned i = 0; over && i < others; i++)
                if (!is_free(r, r->first_other + i)) {
                        r->first_other += i + 1;
                        i = (unsigned)-1;
                }
        list_foreach (op, &r->plan->ops)
                if (op->kind == OP_DEVICE && link_kinds[op->device.kind]->birth == BORN_ON_HOST)
                        op->device.card.index = (uint32_t)pass_preset_index(r, op->device.name);
}

int pass_index_now(const struct pass *r, struct nl *nl, const char *device) {
        bool present = !r->repairing && !r->undoing && !r->change;

        return present ? nl_index_of_present(nl, device) : nl_index(nl, device);
}

int pass_index(struct pass *r, const struct op *op, const char *device) {
        int index = -ENODEV;

        if (op->place != PLACE_HOST && streq(device, "lo"))
                return 1; /* the first interface of every namespace */
        if (op->place == PLACE_OWN && r->fresh)
                index = pass_preset_index(r, device);
        if (index < 0 && r->repairing) {
                index = pass_seen_index(r, op, device);
                if (r->error)
                        return r->error;
        } else if (index < 0) {
                if (pass_flush(r) < 0)
                        return r->error;
                index = pass_index_now(r, pass_socket(r, op), device);
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
