/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* One pass over a plan: the sockets, where this thread stands, what became of each operation. The
 * files that know a kernel object get it handed in; a verb owns it.
 *
 * A do or undo function either acts at once, or queues messages and returns; what is queued is
 * settled by the next flush, which finds the operation again by its tag, the number in the plan. */

#include <errno.h>

#include "netlink/socket.h"
#include "netlink/wireguard.h"
#include "nft/nft.h"
#include "pass/replace.h"
#include "pass/seen.h"
#include "plan.h"

enum op_state {
        OP_UNTOUCHED,
        OP_QUEUED, /* messages wait, or are sent and not answered */
        OP_DONE,
        OP_FAILED,    /* refused by the kernel: nothing of it is there */
        OP_WITHDRAWN, /* an element that is gone, while connections through it may live on */
};

/* A namespace in which operations act, with what is queued for it. */
struct place_state {
        int ns;            /* -1: not open */
        struct nl *nl;     /* NULL: the same */
        bool creating;     /* interfaces are being created by what is queued */
        const char *netns; /* from PLACE_PEER on: its name below /run/netns; owned by the plan */
};

struct pass {
        struct plan *plan;
        struct diags *d;
        uint8_t *states; /* enum op_state, one for each operation of the plan */
        size_t current;  /* the operation being done or undone */
        int error;       /* the first failure; its reason is in d */

        const struct change *change; /* of which this is a part, or NULL */

        bool undoing;   /* what is gone counts as done */
        bool repairing; /* what is there counts as done */
        bool fresh;     /* the namespace was made by this run: it is empty, indexes are preset */
        enum tristate inet6;       /* does the kernel run with IPv6? UNSET: nobody has looked */
        enum families unannounced; /* of which an address came since the last announcement */
        bool announced; /* ... which made the kernel forget that interface's neighbours */

        struct place_state
                *places; /* by enum place; from PLACE_PEER on one for each OP_PEER of the plan */
        size_t n_places;
        bool *waits; /* one for each operation, see pass_waits(); NULL: none does */
        size_t at;   /* the place that this thread is in */

        struct nl *listener;
        struct nft *nft;
        struct wg *wg;     /* in PLACE_OWN; NULL: not open */
        struct seen *seen; /* NULL: nothing yet */
        unsigned first_peer,
                first_other; /* numbers of the interfaces inside, when fresh; 0: not known */

        int shared_lock;     /* held when >= 0 */
        bool leave_changed;  /* an element that decides what leaves a subnet has come or gone */
        bool filter_changed; /* or one that decides what may be opened */

        unsigned *vanishing; /* indexes of outer ends that go with the namespace */
        size_t n_vanishing;
        int peer_nsid; /* of the namespace their other ends are in; -1: not known */
};

int pass_open(struct pass *r, struct plan *p, struct diags *d);
void pass_close(struct pass *r);
/* Makes the new namespace: this thread stands in it then. */
int pass_unshare(struct pass *r);
/* Opens the plan's existing namespace. -ENOENT: it is gone or another one has its name, or the plan, from a damaged record,
 * knows of none. */
int pass_open_inner(struct pass *r);
/* The same of one that is open already, which becomes the pass's. */
int pass_go_inside(struct pass *r, int ns);
/* This thread goes to a place that is open. */
int pass_enter(struct pass *r, size_t place);
/* Closes the plan's namespace: nothing of this process holds it any more. */
int pass_leave(struct pass *r);

/* The number of the place where the operation acts. */
size_t pass_place(const struct pass *r, const struct op *op);
/* Finds out which operations wait, once the other networks' namespaces are open. 0 or -ENOMEM. */
int pass_mark_waiting(struct pass *r);
/* Does it act in a namespace that is not up, or need an interface that was to be made by what
 * does? */
bool pass_waits(const struct pass *r, const struct op *op);
/* The socket there; NULL: not open. */
struct nl *pass_socket(const struct pass *r, const struct op *op);
static inline struct nl *pass_host(const struct pass *r) {
        return r->places[PLACE_HOST].nl;
}
static inline struct nl *pass_inner(const struct pass *r) {
        return r->places[PLACE_OWN].nl;
}

/* Begins a message on the side that the operation is on; attributes follow, then pass_end(). The
 * other side's queue is flushed first, so that the order of the plan holds. So is one that creates
 * interfaces: what follows goes by name, and the name may turn out to be somebody else's. NULL: an
 * earlier message failed, or no memory; r->error is set. */
struct nlmsghdr *pass_begin(struct pass *r, const struct op *op, uint16_t type, uint16_t flags,
                            const void *header, size_t size);
/* nl_end() with the current operation's tag and the tolerance that fits the pass. */
void pass_end(struct pass *r, const struct op *op, struct nlmsghdr *h);
/* An answer that did not come says nothing of what was done. */
static inline bool pass_is_unknown(int error) {
        return error == -ETIMEDOUT || error == -ENOBUFS || error == -ENOMEM;
}
/* Forgets what is queued and was not sent. */
void pass_drop(struct pass *r);
/* Settles what is queued on the host, or everywhere. 0 or the first error. */
int pass_flush_host(struct pass *r);
int pass_flush(struct pass *r);
/* What has to be settled before a new interface can be found by its name. */
int pass_flush_new(struct pass *r);

/* The interfaces of a fresh namespace have their indexes before they are there: in the order of the
 * plan, from first_peer or first_other. -ENODEV: none of this name. */
int pass_preset_index(const struct pass *r, const char *device);
/* Once the namespace is made. */
void pass_choose_indexes(struct pass *r);
/* One that is free in all places. */
int pass_free_index(const struct pass *r);
/* The index of an interface that this run made or has seen, or that may have gone since. Nothing
 * may be queued in a pass that repairs. */
int pass_index_now(const struct pass *r, struct nl *nl, const char *device);
/* The index of an interface on the operation's side, or a negative errno with the reason told. */
int pass_index(struct pass *r, const struct op *op, const char *device);

/* What the kernel has on the operation's side, once what is queued is settled: see seen_each() and
 * seen_link(). A question is asked once in a pass, unless a message went out since that may have
 * changed the answer for another operation than its own. */
int pass_each(struct pass *r, const struct op *op, enum seen_what what, uint8_t family,
              const void *name, size_t size, nl_object *object, void *user);
int pass_link(struct pass *r, const struct op *op, const char *device, const struct nlmsghdr **ret);
/* The index of an interface as pass_link() sees it: nothing is told. */
int pass_seen_index(struct pass *r, const struct op *op, const char *device);
/* Where what is made of answers may live; NULL without memory. */
struct pool *pass_pool(struct pass *r);
/* Something else has changed what may have been seen. */
void pass_forget(struct pass *r);

/* Tells why the operation failed, at its line; remembers the first error; returns it. */
int pass_fail(struct pass *r, const struct op *op, int error, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
/* The same with the reason the number says, and the kernel's words where it had some. */
int pass_fail_errno(struct pass *r, const struct op *op, int error, const char *why);

/* The lock of shared objects, bounded. Taken once, kept until pass_unlock(). */
int pass_lock(struct pass *r);
void pass_unlock(struct pass *r);

/* Nothing where there is no address. */
static inline void put_address(struct nlmsghdr *h, uint16_t type, const struct address *a) {
        if (a->family)
                mnl_attr_put(h, type, address_bytes(a->family), a->bytes);
}

static inline struct op *pass_op(const struct pass *r, size_t i) {
        return &r->plan->ops.items[i];
}
