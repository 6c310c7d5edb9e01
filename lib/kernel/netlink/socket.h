/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* An rtnetlink socket with a queue: messages are collected, sent in one sendmsg and answered
 * together (netlink(7), rtnetlink(7)). A socket keeps the network namespace that it was opened in,
 * so nobody has to move to and fro to use it.
 *
 * Only the last message of a batch asks for an acknowledgement. The kernel works through the batch
 * in order, goes on after an error, and answers each message that fails in any case: so when the
 * answer to the last one is here, every message without an error of its own has been done. */

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "diag.h"
#include "util.h"

/* Which error numbers of a message count as success. */
enum nl_tolerance {
        NL_STRICT = 0,
        NL_EXISTS_IS_DONE = 1 << 0, /* EEXIST */
        NL_GONE_IS_DONE = 1 << 1,   /* ENOENT, ENODEV, ESRCH, EADDRNOTAVAIL */
        NL_ALL_IS_DONE = 1 << 2,    /* all: the message is a question, or a courtesy */
};

struct nl;

/* Told of one message that failed: its tag, a negative errno, and the kernel's own words or "". why
 * is NULL where all that was sent has failed: it could not be sent, or the answers did not come, so
 * that nobody knows what was done. */
typedef void nl_failure(void *user, size_t tag, int error, const char *why);

/* Opens a socket in the network namespace that this thread is in. 0 or a negative errno. */
int nl_open(struct nl **ret);
/* The same for generic netlink, with messages that may have keys in them: for nl_ask() alone, which wipes them. */
int nl_open_secret(struct nl **ret);
/* The same for sock_diag(7). */
int nl_open_diag(struct nl **ret);
struct nl *nl_close(struct nl *nl); /* nl may be NULL; always returns NULL */
int nl_fd(const struct nl *nl);     /* its descriptor, which stays the socket's */

/* The first attribute of this type in a nest; NULL where there is none, and in NULL. */
const struct nlattr *nl_attribute_in(const struct nlattr *nest, uint16_t type);

/* Begins a message at the end of the queue; header, of size bytes, is copied behind the netlink
 * header. The caller adds attributes with libmnl to the message that is returned, up to
 * NL_MESSAGE_MAX bytes in all, and then calls nl_end(). NULL without memory. */
enum { NL_MESSAGE_MAX = 8192 };
struct nlmsghdr *nl_begin(struct nl *nl, uint16_t type, uint16_t flags, const void *header,
                          size_t size);
/* Ends it. tag is the caller's, and is handed back with a failure. tolerance may be several
 * bits. */
void nl_end(struct nl *nl, struct nlmsghdr *h, size_t tag, enum nl_tolerance tolerance);
bool nl_pending(const struct nl *nl); /* is anything queued? */
bool nl_full(
        const struct nl *nl); /* is it time for a flush? The socket takes only so much at once */
void nl_drop(struct nl *nl);  /* forgets what is queued */
/* Sends what is queued and reads the answers; each failure goes to the callback. 0 if there was
 * none, else the negative errno of the first; where the socket fails, every message has failed. The
 * queue is empty afterwards. */
int nl_flush(struct nl *nl, nl_failure *failure, void *user);

/* Sends one request that is answered by objects: a dump, where flags has NLM_F_DUMP, or a get.
 * attributes, which may be NULL, adds to the message what is asked for. The callback gets one
 * message for each object, which lives as long as the call; a negative return ends it. Nothing may
 * be queued. 0, that return, or a negative errno, which of a get may be the kernel's "there is
 * none". */
typedef int nl_object(void *user, const struct nlmsghdr *h);
int nl_ask(struct nl *nl, uint16_t type, uint16_t flags, const void *header, size_t size,
           void (*attributes)(struct nlmsghdr *h, const void *argument), const void *argument,
           nl_object *object, void *user);

/* A dump that must not leave anything out. While something changes the kernel may (before 6.9 it
 * counts through its lists), and says so: then forget() throws away what the callback took, and it
 * is asked again, twice at most. */
int nl_dump_whole(struct nl *nl, uint16_t type, const void *header, size_t size, nl_object *object,
                  void (*forget)(void *user), void *user);

/* The errno in a message of type NLMSG_ERROR, or in NLMSG_DONE, the end of a dump, where it is the
 * error at which the kernel gave up: 0 or negative; -EBADMSG where it is no errno at all. */
int nl_error(const struct nlmsghdr *h);
/* The kernel's own words in a message of type NLMSG_ERROR (NETLINK_EXT_ACK), in the message; or
 * "". */
const char *nl_why(const struct nlmsghdr *h);

/* The index of an interface in the socket's namespace, or -ENODEV. */
int nl_index(struct nl *nl, const char *name);
/* The same with a single system call, for one that is there: where it is not, the kernel looks for
 * a module of that name (dev_load()) and runs modprobe. */
int nl_index_of_present(const struct nl *nl, const char *name);
/* The name that it has now, or -ENODEV. */
int nl_name(const struct nl *nl, unsigned index, char ret[IFNAMSIZ]);
/* Is there an interface of this index? Where that cannot be asked: yes. */
bool nl_has_index(const struct nl *nl, unsigned index);
