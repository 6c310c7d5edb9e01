/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Preloaded into vnet-helper by the suite faults. It counts what the program does and spoils one of
 * it, the NLFAULT_AT-th (0: none, it only counts), so that the kernel itself answers with an error:
 *  - NLFAULT=message: a netlink message, which gets a type that its family does not have. In a batch
 *    the kernel then treats what stands before and behind it as it really does;
 *  - NLFAULT=half: the same count, and one that sets what an interface has gets an attribute more, which
 *    the kernel refuses after it has set all that stands before it;
 *  - NLFAULT=flush: what it sends to nftables, before which somebody flushes all rules;
 *  - NLFAULT=memory: an allocation, after main() has begun;
 *  - NLFAULT=lacks: an expression of nftables that the kernel then does not know, NLFAULT_EXPRESSION;
 *  - NLFAULT=clock: none of these, but the wall clock jumps by an hour each time that it is read.
 * NLFAULT_LOG names a file that gets a line for each one counted. */

#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* glibc's own, under names that nothing replaces */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);

enum {
        BAD_TYPE = 0x7f, /* rtnetlink: none of its types */
        BAD_NFT = NFNL_SUBSYS_NFTABLES << 8 | 0xff,
};

static struct {
        const char *what;
        unsigned long at, count;
        int log;
        int flusher;
        int in_main;
} fault;

/* Where PID 1 of the machine is: the program may be inside of a namespace. */
static char flush_once(void) {
        pid_t pid = fork();
        int status = -1;

        if (pid == 0) {
                unsetenv("LD_PRELOAD");
                execlp("nsenter", "nsenter", "-t", "1", "-n", "nft", "flush", "ruleset", NULL);
                _exit(98);
        }
        return pid < 0 || waitpid(pid, &status, 0) < 0 || status != 0 ? 'n' : 'y';
}

/* A child that flushes on request, until the program is no more */
static int start_flusher(void) {
        char c;
        int ends[2];
        pid_t pid;

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0 || (pid = fork()) < 0)
                _exit(98);
        if (pid > 0) {
                close(ends[1]);
                return ends[0];
        }
        close(ends[0]);
        while (read(ends[1], &c, 1) == 1) {
                c = flush_once();
                if (write(ends[1], &c, 1) != 1)
                        break;
        }
        _exit(0);
}

static __attribute__((constructor)) void start(void) {
        const char *at = getenv("NLFAULT_AT"), *log = getenv("NLFAULT_LOG");

        fault.what = getenv("NLFAULT");
        fault.at = at ? strtoul(at, NULL, 10) : 0;
        fault.log = log ? open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;
        fault.flusher = fault.what && strcmp(fault.what, "flush") == 0 ? start_flusher() : -1;
}

/* What time() and clock_gettime() say of the wall clock; other clocks are the kernel's. */
static long jumped(void) {
        static long hours;

        return fault.what && strcmp(fault.what, "clock") == 0 ? 3600 * ++hours : 0;
}

int clock_gettime(clockid_t clock, struct timespec *ret) {
        int r = (int)syscall(SYS_clock_gettime, clock, ret);

        if (r == 0 && clock == CLOCK_REALTIME)
                ret->tv_sec += jumped();
        return r;
}

time_t time(time_t *ret) {
        struct timespec now;

        clock_gettime(CLOCK_REALTIME, &now);
        if (ret)
                *ret = now.tv_sec;
        return now.tv_sec;
}

/* The helper's first call in main() that nothing before it makes. */
uid_t geteuid(void) {
        fault.in_main = 1;
        return syscall(SYS_geteuid);
}

static int is_counted(const char *what) {
        return fault.in_main && fault.what && strcmp(fault.what, what) == 0;
}

/* Counts one more; is it the one? */
static int hit(const char *kind, unsigned a, const char *what, unsigned long b) {
        char line[80];
        int n = snprintf(line, sizeof line, "%s %u %s %lu\n", kind, a, what, b);

        fault.count++;
        if (fault.log >= 0 && write(fault.log, line, n) != n)
                _exit(98);
        return fault.count == fault.at;
}

/* --- messages --- */

static int protocol_of(int fd) {
        int domain = 0, protocol = -1;
        socklen_t size = sizeof domain;

        if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) < 0 || domain != AF_NETLINK)
                return -1;
        size = sizeof protocol;
        return getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) < 0 ? -1 : protocol;
}

/* The two that frame a batch are no requests: the kernel answers neither with an error. */
static int is_request(int protocol, const struct nlmsghdr *h) {
        return protocol != NETLINK_NETFILTER ||
               (h->nlmsg_type != NFNL_MSG_BATCH_BEGIN && h->nlmsg_type != NFNL_MSG_BATCH_END);
}

/* Somebody beside the program, which may start nothing once it has a sandbox. */
static void flush(void) {
        char done = 0;

        if (write(fault.flusher, "", 1) != 1 || read(fault.flusher, &done, 1) != 1 || done != 'y')
                _exit(98);
}

/* All rules with that expression: its name is an attribute of type NFTA_EXPR_NAME. */
static void spoil_expressions(char *data, size_t size) {
        const char *name = getenv("NLFAULT_EXPRESSION");
        size_t n = name ? strlen(name) + 1 : size;

        for (size_t i = 2; i + n <= size; i++)
                if (data[i - 2] == NFTA_EXPR_NAME && data[i - 1] == 0 &&
                    memcmp(data + i, name, n) == 0)
                        data[i] = 'X';
}

struct refused_xdp {
        struct nlattr xdp, attached;
        uint32_t value;
};

/* Behind the message, with what stands behind that moved. Nobody may set IFLA_XDP_ATTACHED, and the kernel sees
 * it last (do_setlink()). Creation is another matter: there it is all or nothing. Returns how much was added. */
static size_t refuse_the_end(struct nlmsghdr *h, const char *end) {
        struct refused_xdp more = { { sizeof more, NLA_F_NESTED | IFLA_XDP },
                                    { NLA_HDRLEN + 1, IFLA_XDP_ATTACHED },
                                    0 };
        char *at = (char *)h + NLMSG_ALIGN(h->nlmsg_len);

        if (h->nlmsg_type != RTM_NEWLINK || h->nlmsg_flags & NLM_F_CREATE)
                return 0;
        memmove(at + sizeof more, at, end - at);
        memcpy(at, &more, sizeof more);
        h->nlmsg_len = NLMSG_ALIGN(h->nlmsg_len) + sizeof more;
        return sizeof more;
}

/* Spoils the one that is to be among these, which have room behind them. Returns the size they have then. */
static size_t spoil_messages(int protocol, char *data, size_t size) {
        struct nlmsghdr *h = (struct nlmsghdr *)data;
        int left = (int)size;

        for (; NLMSG_OK(h, (unsigned)left); h = NLMSG_NEXT(h, left)) {
                if (!is_request(protocol, h) || !hit("protocol", protocol, "type", h->nlmsg_type))
                        continue;
                if (!is_counted("half"))
                        h->nlmsg_type = protocol == NETLINK_NETFILTER ? BAD_NFT : BAD_TYPE;
                else if (protocol == NETLINK_ROUTE) {
                        size_t more = refuse_the_end(h, data + size);

                        size += more;
                        left += (int)more;
                }
        }
        return size;
}

ssize_t sendto(int fd, const void *data, size_t size, int flags, const struct sockaddr *to,
               socklen_t to_size) {
        bool lacks = is_counted("lacks") && protocol_of(fd) == NETLINK_NETFILTER;
        bool counts = is_counted("message") || is_counted("half");
        int protocol = counts || lacks ? protocol_of(fd) : -1;
        char *copy = protocol >= 0 ? __libc_malloc(size + sizeof(struct refused_xdp)) : NULL;
        ssize_t r;

        if (is_counted("flush") && protocol_of(fd) == NETLINK_NETFILTER &&
            hit("size", size, "type", ((const struct nlmsghdr *)data)->nlmsg_type))
                flush();
        if (copy)
                memcpy(copy, data, size);
        if (copy && lacks)
                spoil_expressions(copy, size);
        else if (copy)
                size = spoil_messages(protocol, copy, size);
        r = syscall(SYS_sendto, fd, copy ? copy : data, size, flags, to, to_size);
        if (copy) {
                int error = errno;

                free(copy);
                errno = error;
        }
        return r;
}

/* --- memory --- */

static int refuse(unsigned which, size_t size) {
        if (!is_counted("memory") || !hit("call", which, "size", size))
                return 0;
        errno = ENOMEM;
        return 1;
}

void *malloc(size_t size) {
        return refuse(0, size) ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size) {
        return refuse(1, n * size) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *old, size_t size) {
        return refuse(2, size) ? NULL : __libc_realloc(old, size);
}
