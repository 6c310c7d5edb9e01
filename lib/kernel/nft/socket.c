/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Talks to nftables: the socket, and the batch that is one transaction. A batch goes out in one
 * sendmsg(). The kernel works it off before that call returns, and queues an answer for each
 * message that failed and for the last one, the only one that asks for it: so one recv() is enough
 * where all is well, and one more before it where elements with a counter leave. The end-of-batch
 * message can ask for an answer only since Linux 6.10. */

#include "nft/internal.h"

#include <errno.h>
#include <libnftnl/common.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "netlink/socket.h"
#include "util.h"

enum { BATCH_SIZE = 16384, RECEIVE_TIMEOUT = 10 };

int nft_open(struct nft **ret, struct diags *d) {
        const struct timeval timeout = { .tv_sec = RECEIVE_TIMEOUT };
        struct nft *n = malloc(sizeof *n);
        int fd, on = 1, r;

        if (!n)
                return -ENOMEM;
        memset(n, 0, offsetof(struct nft, reply));

        n->socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
        if (!n->socket || mnl_socket_bind(n->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
                r = -errno;
                nft_close(n);
                return diag_error(d, r, NULL, NULL, "cannot open a netfilter socket: %s",
                                  strerror(-r));
        }
        /* Capped: an error without a copy of what failed. These two only better the messages. */
        fd = mnl_socket_get_fd(n->socket);
        (void)setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
        (void)setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
        if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout) < 0) {
                r = -errno;
                nft_close(n);
                return diag_error(d, r, NULL, NULL,
                                  "cannot set a timeout on a netfilter socket: %s", strerror(-r));
        }
        *ret = n;
        return 0;
}

int nft_fd(const struct nft *n) {
        return mnl_socket_get_fd(n->socket);
}

struct nft *nft_close(struct nft *n) {
        if (!n)
                return NULL;
        if (n->socket)
                mnl_socket_close(n->socket);
        free(n->batch);
        free(n->tags);
        free(n);
        return NULL;
}

/* --- messages --- */

int nft_room(struct nft *n, size_t bytes) {
        size_t size = n->size ? n->size : BATCH_SIZE;
        char *batch;

        while (size - n->used < bytes)
                size *= 2;
        if (size != n->size) {
                batch = realloc(n->batch, size);
                if (!batch)
                        return -ENOMEM;
                n->batch = batch;
                n->size = size;
        }
        /* Attributes are padded by whatever is there. */
        if (n->clean < n->used + bytes) {
                memset(n->batch + n->clean, 0, n->used + bytes - n->clean);
                n->clean = n->used + bytes;
        }
        return 0;
}

static int add_tag(struct nft *n, size_t tag) {
        if (n->n_tags == n->max_tags) {
                size_t max = n->max_tags ? n->max_tags * 2 : 64;
                size_t *tags = reallocarray(n->tags, max, sizeof *tags);

                if (!tags)
                        return -ENOMEM;
                n->tags = tags;
                n->max_tags = max;
        }
        n->tags[n->n_tags++] = tag;
        return 0;
}

struct nlmsghdr *nft_message(struct nft *n, enum nft_table table, uint16_t type, uint16_t flags,
                             size_t tag) {
        if (nft_room(n, NFT_ROOM) < 0 || add_tag(n, tag) < 0) {
                n->broken = true;
                return NULL;
        }
        n->group.type = 0;
        n->last = n->used;
        return nftnl_nlmsg_build_hdr(n->batch + n->used, type, nft_tables[table].number, flags,
                                     ++n->seq);
}

void nft_message_end(struct nft *n, const struct nlmsghdr *nlh) {
        n->used += NLMSG_ALIGN(nlh->nlmsg_len);
}

struct nlmsghdr *nft_request(struct nft *n, enum nft_table table, void *buffer, uint16_t type,
                             uint16_t flags) {
        return nftnl_nlmsg_build_hdr(buffer, type, nft_tables[table].number, flags, ++n->seq);
}

int nft_begin(struct nft *n) {
        n->used = n->n_tags = n->n_counted = 0;
        n->group.type = 0;
        n->broken = false;
        if (nft_room(n, NFT_ROOM) < 0)
                return -ENOMEM;
        n->first = ++n->seq;
        n->used = NLMSG_ALIGN(nftnl_batch_begin(n->batch, n->first)->nlmsg_len);
        return 0;
}

/* --- to and fro --- */

static int send_once(struct nft *n, const void *buffer, size_t length) {
        ssize_t k;

        do
                k = mnl_socket_sendto(n->socket, buffer, length);
        while (k < 0 && errno == EINTR);
        return k < 0 ? -errno : 0;
}

int nft_send(struct nft *n, const void *buffer, size_t length) {
        int fd = mnl_socket_get_fd(n->socket), size = (int)length, r;

        r = send_once(n, buffer, length);
        if (r != -EMSGSIZE)
                return r;

        /* More than net.core.wmem_default: a large range of ports. The kernel doubles the value. */
        if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) < 0)
                return -EMSGSIZE;
        return send_once(n, buffer, length);
}

ssize_t nft_receive(struct nft *n, bool wait) {
        int fd = mnl_socket_get_fd(n->socket);
        ssize_t k;

        do
                k = recv(fd, n->reply, sizeof n->reply, wait ? 0 : MSG_DONTWAIT);
        while (k < 0 && errno == EINTR);
        if (k >= 0)
                return k;
        return wait && errno == EAGAIN ? -ETIMEDOUT : -errno;
}

/* What is known of the fate of a batch. */
struct outcome {
        int error; /* the first one */
        size_t tag;
        char why[160];
        bool complete;
};

static void take_answer(struct nft *n, const struct nlmsghdr *nlh, struct outcome *o) {
        uint32_t i = nlh->nlmsg_seq - n->first; /* 0: the batch as a whole, ahead of any message */
        int error = nl_error(nlh);

        if (nlh->nlmsg_type != NLMSG_ERROR)
                nft_count_take(n, nlh);
        /* Something older, that a call gave up waiting for. */
        if (nlh->nlmsg_type != NLMSG_ERROR || i > n->n_tags)
                return;
        if (error < 0 && o->error == 0) {
                o->error = error;
                o->tag = i > 0 ? n->tags[i - 1] : SIZE_MAX;
                snprintf(o->why, sizeof o->why, "%s", nl_why(nlh));
        }
        if (i == 0 || i == n->n_tags)
                o->complete = true;
}

/* Where so many messages failed that the answers did not fit, what is queued is the first ones, and
 * nothing more will come. */
static int read_answers(struct nft *n, struct outcome *o) {
        bool overrun = false;

        while (!o->complete) {
                ssize_t k = nft_receive(n, !overrun);
                int rest = (int)k;

                if (k == -ENOBUFS && !overrun) {
                        overrun = true;
                        continue;
                }
                if (k == -EAGAIN)
                        return o->error < 0 ? 0 : -ENOBUFS;
                if (k < 0)
                        return (int)k;
                for (const struct nlmsghdr *nlh = (const void *)n->reply; mnl_nlmsg_ok(nlh, rest);
                     nlh = mnl_nlmsg_next(nlh, &rest))
                        take_answer(n, nlh, o);
        }
        return 0;
}

int nft_commit(struct nft *n, size_t *ret_tag, char ret_why[static 160]) {
        struct outcome o = { .tag = SIZE_MAX };
        int r;

        if (n->n_tags == 0 && !n->broken)
                return 0;
        r = n->broken ? -ENOMEM : nft_room(n, NFT_ROOM);
        if (r >= 0) {
                struct nlmsghdr *nlh = (void *)(n->batch + n->last);

                nlh->nlmsg_flags |= NLM_F_ACK;
                nlh = nftnl_batch_end(n->batch + n->used, ++n->seq);
                r = nft_send(n, n->batch, n->used + nlh->nlmsg_len);
        }
        if (r >= 0) {
                r = read_answers(n, &o);
                n->late |= r < 0;
        }
        if (r >= 0)
                r = o.error;
        n->used = n->n_tags = 0;
        if (r >= 0)
                return 0;
        *ret_tag = o.tag;
        memcpy(ret_why, o.why, sizeof o.why);
        /* An interval that others have a part of. For us that is a key that is taken, too. */
        return r == -ENOTEMPTY ? -EEXIST : r;
}

/* Before the end of a dump the kernel refuses the next one on this socket. */
static int give_up_dump(struct nft *n, int error) {
        while (nft_receive(n, false) >= 0)
                ;
        return error;
}

int nft_dump(struct nft *n, const struct nlmsghdr *request, nft_message_cb *cb, void *userdata) {
        bool interrupted = false;
        int r, result = 0;

        r = nft_send(n, request, request->nlmsg_len);
        if (r < 0)
                return r;
        for (;;) {
                ssize_t k = nft_receive(n, true);
                int rest = (int)k;

                if (k < 0)
                        return give_up_dump(n, (int)k);
                for (const struct nlmsghdr *nlh = (const void *)n->reply; mnl_nlmsg_ok(nlh, rest);
                     nlh = mnl_nlmsg_next(nlh, &rest)) {
                        if (nlh->nlmsg_seq != request->nlmsg_seq)
                                continue;
                        interrupted |= nlh->nlmsg_flags & NLM_F_DUMP_INTR;
                        if (nlh->nlmsg_type == NLMSG_ERROR)
                                return nl_error(nlh);
                        if (nlh->nlmsg_type == NLMSG_DONE) {
                                r = nl_error(nlh);
                                return r < 0 ? r : result == 0 && interrupted ? -EINTR : result;
                        }
                        if (result == 0) /* once decided, the rest is read to get rid of it */
                                result = cb(nlh, userdata);
                }
        }
}
