/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* One pass over a plan: the sockets, where this thread stands, what became of each operation. The
 * files that know a kernel object get it handed in; apply.c owns it.
 *
 * A do or undo function either acts at once, or queues messages and returns; what is queued is
 * settled by the next flush, which finds the operation again by its tag, the number in the plan. */

#include <errno.h>

#include "nft.h"
#include "nl.h"
#include "plan.h"

enum op_state {
        OP_UNTOUCHED,
        OP_QUEUED, /* messages wait, or are sent and not answered */
        OP_DONE,
        OP_FAILED,    /* refused by the kernel: nothing of it is there */
        OP_WITHDRAWN, /* an element that is gone, while connections through it may live on */
};

/* When what goes does so. */
enum change_part {
        CHANGE_BEFORE, /* in the way of what comes */
        CHANGE_WITHIN, /* overwritten by what comes, or an element that leaves as others come */
        CHANGE_AFTER,
};

/* A reload: which operations of one plan go and which of another come. The first four are the
 * caller's, the next three are from change_match(). All arrays have one entry for each operation of
 * from, or of to. */
struct change {
        struct plan *from, *to;
        bool *goes, *comes;
        uint8_t *parts;   /* of from: enum change_part */
        size_t *replaced; /* of to: 1 + the operation of from whose place it takes; 0: none */
        char **saved;     /* of to: what sysctls had */
        char **before; /* of from, borrowed: the same, in a change that takes another back; or NULL */
};

struct run {
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
        bool creating;             /* interfaces of the host are being created by what is queued */
        enum families unannounced; /* of which an address came inside since the last announcement */
        bool announced; /* ... which made the kernel forget that interface's neighbours */

        struct nl *host, *inner, *listener;
        struct nft *nft;
        int host_ns, inner_ns; /* -1: not open */
        bool inside;           /* this thread is in inner_ns */
        unsigned first_index;  /* of the inner ends, when fresh */

        int shared_lock;    /* held when >= 0 */
        bool leave_changed; /* an element that decides what leaves a subnet has come or gone */

        unsigned *vanishing; /* indexes of outer ends that go with the namespace */
        size_t n_vanishing;
        int peer_nsid; /* of the namespace their other ends are in; -1: not known */
};

/* --- run.c --- */

int run_open(struct run *r, struct plan *p, struct diags *d);
void run_close(struct run *r);
/* Makes the new namespace: this thread stands in it then. */
int run_unshare(struct run *r);
/* Opens the plan's existing namespace. -ENOENT: it is gone or another one has its name. */
int run_open_inner(struct run *r);
int run_enter(struct run *r, bool inside);

/* Begins a message on the side that the operation is on; attributes follow, then run_end(). The other
 * side's queue is flushed first, so that the order of the plan holds. So is one that creates
 * interfaces: what follows goes by name, and the name may turn out to be somebody else's. NULL: an
 * earlier message failed, or no memory; r->error is set. */
struct nlmsghdr *run_begin(struct run *r, const struct op *op, uint16_t type, uint16_t flags,
                           const void *header, size_t size);
/* nl_end() with the current operation's tag and the tolerance that fits the pass. */
void run_end(struct run *r, const struct op *op, struct nlmsghdr *h);
/* An answer that did not come says nothing of what was done. */
static inline bool run_is_unknown(int error) {
        return error == -ETIMEDOUT || error == -ENOBUFS || error == -ENOMEM;
}
/* Forgets what is queued and was not sent. */
void run_drop(struct run *r);
/* Settles what is queued on the host, or everywhere. 0 or the first error. */
int run_flush_host(struct run *r);
int run_flush(struct run *r);

/* The peers of a fresh namespace have their indexes before they are there: in the order of the plan,
 * from first_index. -ENODEV: none of this name. */
int run_preset_index(const struct run *r, const char *device);
/* The index of an interface that this run made or has seen, or that may have gone since. Nothing may be queued
 * in a pass that repairs. */
int run_index_now(const struct run *r, struct nl *nl, const char *device);
/* The index of an interface on the operation's side, or a negative errno with the reason told. */
int run_index(struct run *r, const struct op *op, const char *device);

/* Tells why the operation failed, at its line; remembers the first error; returns it. */
int run_fail(struct run *r, const struct op *op, int error, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
/* The same with the reason the number says, and the kernel's words where it had some. */
int run_fail_errno(struct run *r, const struct op *op, int error, const char *why);

/* The lock of shared objects, bounded. Taken once, kept until run_unlock(). */
int run_lock(struct run *r);
void run_unlock(struct run *r);

/* Nothing where there is no address. */
static inline void put_address(struct nlmsghdr *h, uint16_t type, const struct address *a) {
        if (a->family)
                mnl_attr_put(h, type, address_bytes(a->family), a->bytes);
}

static inline struct op *run_op(const struct run *r, size_t i) {
        return &r->plan->ops.items[i];
}

/* --- match.c --- */

/* The operation whose place op, which comes, takes in one step. NULL: none; c may be NULL. */
const struct op *change_replaced(const struct change *c, const struct op *op);
/* May connections go on through this published port, which comes, that began by one that goes? */
bool change_inherits(const struct change *c, const struct op *op);

/* --- kinds.c: how each kind of operation is done and undone --- */

struct op_impl {
        int (*act)(struct run *r, const struct op *op);  /* 0, or r->error */
        int (*undo)(struct run *r, const struct op *op); /* NULL: goes with the object it is on */
        bool object; /* not a setting of another operation's object: undone by itself in any case */
        bool shared; /* belongs to several NAMEs: done and undone under the shared lock */
};

extern const struct op_impl op_impls[OP_KINDS];

typedef int op_function(struct run *r, const struct op *op);

op_function do_netns, undo_netns;                                   /* netns.c */
op_function do_bridge, undo_bridge, do_bridge_set, undo_bridge_set; /* bridge.c */
op_function do_veth, undo_veth;                                     /* veth.c */
op_function do_altname, undo_altname, do_port, undo_port;           /* link.c */
op_function do_inet6, do_link, undo_link, do_up;
op_function do_sysctl, undo_sysctl, do_sysctl_file, undo_sysctl_file;          /* sysctl.c */
op_function do_address, undo_address, do_announce, do_neighbor, undo_neighbor; /* addr.c */
op_function do_route, undo_route, do_rule, undo_rule;                          /* route.c */
op_function do_table, undo_table, do_element, undo_element;                    /* element.c */
op_function do_forwarding, undo_forwarding;                                    /* forward.c */

bool element_is_published(const struct op_element *e);
/* Sends the elements that do_element() or undo_element() left queued, as one transaction. */
int element_commit(struct run *r);
/* Forgets connections through withdrawn elements: needs no lock and may take some milliseconds. */
void element_forget(struct run *r);
/* The addresses with DAD are usable, or one of them is taken. */
int address_await(struct run *r);
