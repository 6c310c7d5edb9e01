/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Collects rtnetlink messages and sends them together. A start has dozens of them, and a system
 * call with an answer for each would take longer than the kernel's work: so a batch is one
 * sendmsg(), and one answer says that all is well. */

#include "netlink/socket.h"

#include <errno.h>
#include <linux/netlink.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>

enum {
        QUEUE_MAX = 64 * 1024, /* bytes of a batch: well below net.core.wmem_default */
        ANSWER_MAX = 8 * 1024, /* an acknowledgement with its text */
        /* 32 KiB is what the kernel makes at most of one dump message; of a single object it is more: an interface's
         * alternative names alone may take 64 */
        REPLY_MAX = 80 * 1024, /* malloc() makes a mapping of its own for 128 */
        TIMEOUT_S = 20,
        MAX_ERRNO = 4095, /* include/linux/err.h of the kernel */
        DUMP_TRIES = 3,
};

struct sent {
        uint32_t seq;
        size_t tag;
        enum nl_tolerance tolerance;
        bool failed;
};

struct nl {
        struct mnl_socket *socket;
        uint32_t seq;
        char *queue;
        size_t used, size;
        struct sent *sent; /* of what is queued */
        size_t n, max;
        struct nlmsghdr *last;
        bool interrupted; /* the last dump */
        bool secret;      /* what it carries may be keys: no copy is left in memory */
};

static int open_socket(int protocol, bool secret, struct nl **ret) {
        static const struct timeval timeout = { .tv_sec = TIMEOUT_S };
        static const struct sockaddr_nl any = { .nl_family = AF_NETLINK };
        int on = 1;
        struct nl *nl = calloc(1, sizeof *nl);

        if (!nl)
                return -ENOMEM;
        nl->secret = secret;
        nl->socket = mnl_socket_open2(protocol, SOCK_CLOEXEC);
        /* mnl_socket_bind() asks for the number too that the kernel gave it */
        if (!nl->socket || bind(nl_fd(nl), (const void *)&any, sizeof any) < 0) {
                int error = errno;

                nl_close(nl);
                return -error;
        }
        /* the kernel's own words; without the failed message behind them; and never wait for ever */
        mnl_socket_setsockopt(nl->socket, NETLINK_EXT_ACK, &on, sizeof on);
        mnl_socket_setsockopt(nl->socket, NETLINK_CAP_ACK, &on, sizeof on);
        setsockopt(nl_fd(nl), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
        *ret = nl;
        return 0;
}

int nl_open(struct nl **ret) {
        return open_socket(NETLINK_ROUTE, false, ret);
}

int nl_open_secret(struct nl **ret) {
        return open_socket(NETLINK_GENERIC, true, ret);
}

int nl_open_diag(struct nl **ret) {
        return open_socket(NETLINK_SOCK_DIAG, false, ret);
}

struct nl *nl_close(struct nl *nl) {
        if (!nl)
                return NULL;
        if (nl->socket)
                mnl_socket_close(nl->socket);
        free(nl->queue);
        free(nl->sent);
        free(nl);
        return NULL;
}

int nl_fd(const struct nl *nl) {
        return mnl_socket_get_fd(nl->socket);
}

static int reserve(struct nl *nl) {
        if (nl->size - nl->used < NL_MESSAGE_MAX) {
                size_t size = nl->size ? nl->size * 2 : 2 * NL_MESSAGE_MAX;
                char *queue = realloc(nl->queue, size);

                if (!queue)
                        return -ENOMEM;
                nl->queue = queue;
                nl->size = size;
        }
        if (nl->n == nl->max) {
                size_t max = nl->max ? nl->max * 2 : 16;
                struct sent *sent = reallocarray(nl->sent, max, sizeof *sent);

                if (!sent)
                        return -ENOMEM;
                nl->sent = sent;
                nl->max = max;
        }
        return 0;
}

struct nlmsghdr *nl_begin(struct nl *nl, uint16_t type, uint16_t flags, const void *header,
                          size_t size) {
        struct nlmsghdr *h;

        if (reserve(nl) < 0)
                return NULL;
        h = mnl_nlmsg_put_header(nl->queue + nl->used);
        h->nlmsg_type = type;
        h->nlmsg_flags = NLM_F_REQUEST | flags;
        h->nlmsg_seq = ++nl->seq;
        memcpy(mnl_nlmsg_put_extra_header(h, size), header, size);
        return h;
}

void nl_end(struct nl *nl, struct nlmsghdr *h, size_t tag, enum nl_tolerance tolerance) {
        nl->sent[nl->n++] =
                (struct sent){ .seq = h->nlmsg_seq, .tag = tag, .tolerance = tolerance };
        nl->last = h;
        nl->used += NLMSG_ALIGN(h->nlmsg_len);
}

bool nl_pending(const struct nl *nl) {
        return nl && nl->n > 0;
}

bool nl_full(const struct nl *nl) {
        return nl && nl->used >= QUEUE_MAX;
}

void nl_drop(struct nl *nl) {
        if (nl)
                nl->n = nl->used = 0;
}

static ssize_t receive(struct nl *nl, void *buffer, size_t size) {
        ssize_t n;

        do
                n = mnl_socket_recvfrom(nl->socket, buffer, size);
        while (n < 0 && errno == EINTR);
        if (n < 0)
                return errno == EAGAIN ? -ETIMEDOUT : -errno;
        return n;
}

static int send_all(struct nl *nl, const void *data, size_t size) {
        ssize_t n;

        do
                n = mnl_socket_sendto(nl->socket, data, size);
        while (n < 0 && errno == EINTR);
        return n < 0 ? -errno : 0;
}

static bool tolerated(int error, enum nl_tolerance t) {
        if (t & NL_ALL_IS_DONE)
                return true;
        switch (error) {
        case -EEXIST: return t & NL_EXISTS_IS_DONE;
        case -ENOENT:
        case -ENODEV:
        case -ESRCH:
        case -EADDRNOTAVAIL: return t & NL_GONE_IS_DONE;
        default: return false;
        }
}

static int take_why(const struct nlattr *a, void *data) {
        const char **why = data;

        if (mnl_attr_get_type(a) == NLMSGERR_ATTR_MSG &&
            mnl_attr_validate(a, MNL_TYPE_NUL_STRING) >= 0)
                *why = mnl_attr_get_str(a);
        return MNL_CB_OK;
}

/* The attributes stand behind the copy of the failed message, of which only the header is sent. */
const char *nl_why(const struct nlmsghdr *h) {
        const struct nlmsgerr *e = mnl_nlmsg_get_payload(h);
        size_t skip = sizeof *e;
        const char *why = "";

        if (!(h->nlmsg_flags & NLM_F_ACK_TLVS) || h->nlmsg_len < mnl_nlmsg_size(sizeof *e))
                return why;
        if (!(h->nlmsg_flags & NLM_F_CAPPED))
                skip += mnl_nlmsg_get_payload_len(&e->msg);
        if (skip > mnl_nlmsg_get_payload_len(h))
                return why;
        mnl_attr_parse(h, skip, take_why, &why);
        return why;
}

int nl_error(const struct nlmsghdr *h) {
        const int *error = mnl_nlmsg_get_payload(h); /* struct nlmsgerr begins with it too */
        bool done = h->nlmsg_type == NLMSG_DONE;

        if (mnl_nlmsg_get_payload_len(h) < (done ? sizeof *error : sizeof(struct nlmsgerr)))
                return done ? 0 : -EBADMSG;
        return *error > 0 || *error < -MAX_ERRNO ? -EBADMSG : *error;
}

struct answers {
        struct nl *nl;
        nl_failure *failure;
        void *user;
        int first; /* error */
        bool complete;
};

static void take_answer(struct answers *a, const struct nlmsghdr *h) {
        struct nl *nl = a->nl;
        int error;

        if (h->nlmsg_type != NLMSG_ERROR)
                return;
        error = nl_error(h);
        if (h->nlmsg_seq == nl->sent[nl->n - 1].seq)
                a->complete = true;
        for (size_t i = 0; error && i < nl->n; i++) {
                struct sent *s = &nl->sent[i];

                if (s->seq != h->nlmsg_seq || s->failed || tolerated(error, s->tolerance))
                        continue;
                s->failed = true;
                if (!a->first)
                        a->first = error;
                a->failure(a->user, s->tag, error, nl_why(h));
        }
}

static int read_answers(struct answers *a) {
        char reply[ANSWER_MAX] __attribute__((aligned(NLMSG_ALIGNTO)));

        while (!a->complete) {
                const struct nlmsghdr *h = (const void *)reply;
                ssize_t r = receive(a->nl, reply, sizeof reply);
                int left = r;

                if (r < 0)
                        return r;
                for (; mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left))
                        take_answer(a, h);
        }
        return 0;
}

int nl_flush(struct nl *nl, nl_failure *failure, void *user) {
        struct answers a = { .nl = nl, .failure = failure, .user = user };
        int r;

        if (!nl_pending(nl))
                return 0;
        nl->last->nlmsg_flags |= NLM_F_ACK;
        r = send_all(nl, nl->queue, nl->used);
        if (r == 0)
                r = read_answers(&a);
        if (r < 0) /* not known what was done: the caller must take all of it as perhaps done */
                for (size_t i = 0; i < nl->n; i++)
                        if (!nl->sent[i].failed)
                                failure(user, nl->sent[i].tag, r, NULL);
        nl_drop(nl);
        return r < 0 ? r : a.first;
}

/* Reads and forgets what is left of a dump that was given up: before its end the kernel refuses the
 * next one on this socket (EBUSY). Nothing is waited for: it makes each part as the one before is
 * read. */
static void drain(struct nl *nl, void *buffer) {
        ssize_t n;

        do
                n = recv(nl_fd(nl), buffer, REPLY_MAX, MSG_DONTWAIT);
        while (n >= 0 || errno == EINTR);
}

/* The answers to the last request. *ret_ended: all of them were read. */
static int read_objects(struct nl *nl, void *reply, size_t size, nl_object *object, void *user,
                        bool *ret_ended) {
        for (;;) {
                ssize_t n = receive(nl, reply, REPLY_MAX);
                const struct nlmsghdr *a = reply;
                int left = n;

                if (n < 0)
                        return n;
                for (; mnl_nlmsg_ok(a, left); a = mnl_nlmsg_next(a, &left)) {
                        int r;

                        if (a->nlmsg_seq != nl->seq)
                                continue;
                        nl->interrupted |= a->nlmsg_flags & NLM_F_DUMP_INTR;
                        *ret_ended = a->nlmsg_type == NLMSG_ERROR || a->nlmsg_type == NLMSG_DONE;
                        if (*ret_ended)
                                return nl_error(a);
                        /* An object begins like its request, and ends with the padding of its
                         * last attribute; libmnl reads attributes up to there in any case. */
                        if (mnl_nlmsg_get_payload_len(a) < size || a->nlmsg_len % MNL_ALIGNTO)
                                return -EBADMSG;
                        r = object(user, a);
                        if (r < 0)
                                return r;
                }
        }
}

int nl_ask(struct nl *nl, uint16_t type, uint16_t flags, const void *header, size_t size,
           void (*attributes)(struct nlmsghdr *h, const void *argument), const void *argument,
           nl_object *object, void *user) {
        _cleanup_free_ char *reply = malloc(REPLY_MAX);
        struct nlmsghdr *h = reply ? nl_begin(nl, type, flags, header, size) : NULL;
        bool dump = (flags & NLM_F_DUMP) ==
                    NLM_F_DUMP; /* one of its bits is NLM_F_EXCL elsewhere */
        bool ended = false;
        int r;

        if (!h)
                return -ENOMEM;
        nl->interrupted = false;
        if (attributes)
                attributes(h, argument);
        if (!dump)
                h->nlmsg_flags |= NLM_F_ACK; /* so that a get ends like a dump does */
        r = send_all(nl, h, h->nlmsg_len);
        if (nl->secret)
                explicit_bzero(h, NL_MESSAGE_MAX);
        if (r == 0)
                r = read_objects(nl, reply, size, object, user, &ended);
        if (!ended && dump)
                drain(nl, reply);
        if (nl->secret)
                explicit_bzero(reply, REPLY_MAX);
        return r;
}

int nl_dump_whole(struct nl *nl, uint16_t type, const void *header, size_t size, nl_object *object,
                  void (*forget)(void *user), void *user) {
        for (int tries = 1;; tries++) {
                int r = nl_ask(nl, type, NLM_F_DUMP, header, size, NULL, NULL, object, user);

                if (r < 0 || !nl->interrupted || tries == DUMP_TRIES)
                        return r;
                forget(user);
        }
}

const struct nlattr *nl_attribute_in(const struct nlattr *nest, uint16_t type) {
        const struct nlattr *a;

        if (nest)
                mnl_attr_for_each_nested(a, nest) if (mnl_attr_get_type(a) == type) return a;
        return NULL;
}

static void put_name(struct nlmsghdr *h, const void *name) {
        mnl_attr_put_strz(h, IFLA_IFNAME, name);
        mnl_attr_put_u32(h, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
}

static int take_index(void *user, const struct nlmsghdr *h) {
        const struct ifinfomsg *m = mnl_nlmsg_get_payload(h);

        *(int *)user = m->ifi_index;
        return 0;
}

int nl_index(struct nl *nl, const char *name) {
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC };
        int index = -ENODEV;
        int e = nl_ask(nl, RTM_GETLINK, 0, &m, sizeof m, put_name, name, take_index, &index);

        return e < 0 ? e : index;
}

/* dev_ioctl() of the kernel answers on a socket of any family, in that socket's namespace. */
int nl_index_of_present(const struct nl *nl, const char *name) {
        struct ifreq q = { 0 };

        snprintf(q.ifr_name, sizeof q.ifr_name, "%s", name);
        if (ioctl(nl_fd(nl), SIOCGIFINDEX, &q) < 0)
                return -errno;
        return q.ifr_ifindex;
}

int nl_name(const struct nl *nl, unsigned index, char ret[IFNAMSIZ]) {
        struct ifreq q = { .ifr_ifindex = index };

        if (ioctl(nl_fd(nl), SIOCGIFNAME, &q) < 0)
                return -errno;
        memcpy(ret, q.ifr_name, IFNAMSIZ);
        return 0;
}

bool nl_has_index(const struct nl *nl, unsigned index) {
        char name[IFNAMSIZ];

        return nl_name(nl, index, name) != -ENODEV;
}
