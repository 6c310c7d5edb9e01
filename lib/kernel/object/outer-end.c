/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Waits until the outer ends of veth pairs are gone after their namespace went, and deletes by hand
 * what stays. A stop must not end before: the next start makes an interface of the same name. */

#include "object/outer-end.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <poll.h>
#include <sys/socket.h>

#include "object/survivors.h"
#include "util.h"

/* Once nobody holds the namespace the kernel destroys it, and the outer ends with it, in one go with all
 * others that wait for that: two grace periods of RCU, some milliseconds where it has nothing else to do
 * and some tens where it has. RTM_DELLINK takes as long, for each by itself. */
enum {
        GLANCES = 20, /* for some milliseconds it is cheaper to look than to be told */
        GLANCE_US = 100,
        SOON_MS = 8,   /* then it is worth a look whether somebody holds it */
        LATER_MS = 400 /* held by what cannot be seen, as a descriptor or a mount elsewhere */
};

int outer_end_expect_gone(struct pass *r, unsigned index) {
        unsigned *more = reallocarray(r->vanishing, r->n_vanishing + 1, sizeof *more);

        if (!more)
                return -ENOMEM;
        r->vanishing = more;
        r->vanishing[r->n_vanishing++] = index;
        return 0;
}

/* Of a thousand stops at once each hears only of its own interface. The words of a netlink message
 * are in host byte order, those of a filter in network byte order. */
static void listen_for(int fd, unsigned index) {
        struct sock_filter code[] = {
                BPF_STMT(BPF_LD | BPF_H | BPF_ABS, offsetof(struct nlmsghdr, nlmsg_type)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_DELLINK), 0, 3),
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                         NLMSG_HDRLEN + offsetof(struct ifinfomsg, ifi_index)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(index), 0, 1),
                BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
                BPF_STMT(BPF_RET | BPF_K, 0),
        };
        struct sock_fprog program = { .len = ARRAY_SIZE(code), .filter = code };

        setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

static void start_listening(struct pass *r) {
        int group = RTNLGRP_LINK;

        if (nl_open(&r->listener) < 0)
                return; /* without it the wait is one of looking now and then */
        if (r->n_vanishing == 1)
                listen_for(nl_fd(r->listener), r->vanishing[0]);
        setsockopt(nl_fd(r->listener), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group);
}

static bool all_gone(struct pass *r) {
        while (r->n_vanishing > 0 && !nl_has_index(pass_host(r), r->vanishing[r->n_vanishing - 1]))
                r->n_vanishing--;
        return r->n_vanishing == 0;
}

static bool glance(struct pass *r) {
        const struct timespec pause = { .tv_nsec = GLANCE_US * 1000 };

        for (int i = 0; i < GLANCES; i++) {
                if (all_gone(r))
                        return true;
                ppoll(NULL, 0, &pause, NULL);
        }
        return all_gone(r);
}

/* By the kernel's messages; what came before the socket listened is seen by a look. */
static bool wait_until(struct pass *r, int64_t end) {
        char message[8192];

        while (!all_gone(r)) {
                int64_t left = end - now_us();
                struct pollfd p = { .fd = r->listener ? nl_fd(r->listener) : -1, .events = POLLIN };
                struct timespec t = { left / 1000000, left % 1000000 * 1000 };

                if (left <= 0)
                        return false;
                if (!r->listener && t.tv_sec == 0 && t.tv_nsec > 1000000)
                        t.tv_nsec = 1000000;
                if (ppoll(&p, 1, &t, NULL) > 0)
                        recv(p.fd, message, sizeof message, MSG_DONTWAIT);
        }
        return true;
}

static void delete_failed(void *user, size_t tag, int error, const char *why) {
        struct pass *r = user;
        char name[IFNAMSIZ];

        if (nl_name(pass_host(r), tag, name) < 0)
                snprintf(name, sizeof name, "#%zu", tag);
        pass_fail(r, NULL, error, "cannot delete interface %s: %s%s%s", name, strerror(-error),
                  why && why[0] ? ": " : "", why ?: "");
}

static int delete_rest(struct pass *r) {
        for (size_t i = 0; i < r->n_vanishing; i++) {
                struct ifinfomsg m = { .ifi_index = r->vanishing[i] };
                struct nlmsghdr *h = nl_begin(pass_host(r), RTM_DELLINK, 0, &m, sizeof m);

                if (!h)
                        return pass_fail(r, NULL, -ENOMEM,
                                         "cannot delete interfaces: out of memory");
                nl_end(pass_host(r), h, r->vanishing[i], NL_GONE_IS_DONE);
        }
        return nl_flush(pass_host(r), delete_failed, r);
}

static bool wait_longer(struct pass *r) {
        const struct op *netns = plan_find(r->plan, OP_NETNS);
        struct survivors survivors = { 0 };
        int64_t start = now_us();
        bool gone;

        start_listening(r);
        gone = wait_until(r, start + SOON_MS * 1000);
        if (!gone && netns) {
                survivors_find(r, netns, &survivors);
                if (survivors.n > 0 && !all_gone(r))
                        survivors_tell(r, netns, &survivors);
                else
                        gone = wait_until(r, start + LATER_MS * 1000);
        }
        r->listener = nl_close(r->listener);
        return gone;
}

int outer_ends_wait_gone(struct pass *r) {
        return r->n_vanishing == 0 || glance(r) || wait_longer(r) ? 0 : delete_rest(r);
}
