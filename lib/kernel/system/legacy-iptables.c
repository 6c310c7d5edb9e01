/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What iptables-legacy has in its tables "filter". The kernel gives a table as one piece of memory:
 * rules one after the other, each with its length, its interfaces and its target, the policy of a
 * built-in chain as that chain's last rule, and the name of another chain as a rule with the target
 * ERROR in front of it. It is asked by getsockopt() of any socket of the family, by whoever has
 * CAP_NET_ADMIN. */

#include "system/legacy-iptables.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util.h"

enum { SIZE_MAX_OF_TABLE = 64 << 20 };

/* One rule in memory: the two families differ in what stands before these. */
struct rule {
        const char *in, *out; /* with a NUL in IFNAMSIZ octets; "eth+" of iptables is "eth" there */
        const struct xt_entry_target *target;
        size_t target_size, size;
};

/* The rule at an offset; false: there is none that is whole. */
static bool rule_at(const struct legacy_table *t, size_t at, struct rule *ret) {
        size_t head = t->family == AF_INET ? sizeof(struct ipt_entry) : sizeof(struct ip6t_entry);
        size_t target, next;

        if (at > t->size || t->size - at < head)
                return false;
        if (t->family == AF_INET) {
                const struct ipt_entry *e = (const void *)(t->entries + at);

                target = e->target_offset;
                next = e->next_offset;
                *ret = (struct rule){ .in = e->ip.iniface, .out = e->ip.outiface };
        } else {
                const struct ip6t_entry *e = (const void *)(t->entries + at);

                target = e->target_offset;
                next = e->next_offset;
                *ret = (struct rule){ .in = e->ipv6.iniface, .out = e->ipv6.outiface };
        }
        if (target < head || next < target + sizeof *ret->target || next > t->size - at)
                return false;
        ret->target = (const void *)(t->entries + at + target);
        ret->target_size = next - target;
        ret->size = next;
        return true;
}

bool legacy_table_drops(const struct legacy_table *t, uint32_t hook) {
        const struct xt_standard_target *s;
        struct rule r;

        if (!t->entries || !rule_at(t, t->policies[hook], &r) || r.target_size < sizeof *s ||
            r.target->u.user.name[0] != '\0') /* XT_STANDARD_TARGET */
                return false;
        s = (const void *)r.target;
        return s->verdict == -NF_DROP - 1;
}

bool legacy_table_names(const struct legacy_table *t, const char *interface) {
        struct rule r;

        for (size_t at = 0; t->entries && rule_at(t, at, &r); at += r.size)
                if (strncmp(r.in, interface, IFNAMSIZ) == 0 ||
                    strncmp(r.out, interface, IFNAMSIZ) == 0)
                        return true;
        return false;
}

bool legacy_table_has_chain(const struct legacy_table *t, const char *chain) {
        const struct xt_error_target *x;
        struct rule r;

        for (size_t at = 0; t->entries && rule_at(t, at, &r); at += r.size) {
                x = (const void *)r.target;
                if (r.target_size >= sizeof *x && streq(r.target->u.user.name, XT_ERROR_TARGET) &&
                    strncmp(x->errorname, chain, sizeof x->errorname) == 0)
                        return true;
        }
        return false;
}

/* --- reading --- */

/* The kernel loads a table that is asked for, so only one that is there may be. */
static bool is_listed(const char *path) {
        char names[256] = "\n"; /* one a line; the kernel has six of them */
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t n = fd < 0 ? -1 : read(fd, names + 1, sizeof names - 2);

        return n > 0 && strstr(names, "\nfilter\n");
}

/* The numbers and structures of the two families are the same ones under two names. */
static int read_table(int fd, int level, struct legacy_table *t) {
        struct ipt_getinfo info = { .name = "filter" };
        socklen_t size = sizeof info;
        struct ipt_get_entries *entries;

        if (getsockopt(fd, level, IPT_SO_GET_INFO, &info, &size) < 0)
                return -errno;
        if (info.size > SIZE_MAX_OF_TABLE)
                return -EFBIG;
        size = sizeof *entries + info.size;
        entries = calloc(1, size);
        if (!entries)
                return -ENOMEM;
        strcpy(entries->name, "filter");
        entries->size = info.size;
        /* -EAGAIN: somebody changed it just now. Then it is not told, as one that comes later is not. */
        if (getsockopt(fd, level, IPT_SO_GET_ENTRIES, entries, &size) < 0) {
                int e = -errno;

                free(entries);
                return e;
        }
        memcpy(t->policies, info.underflow, sizeof info.underflow);
        memmove(entries, entries->entrytable, info.size);
        t->entries = (char *)entries;
        t->size = info.size;
        return 0;
}

static void read_family(int family, const char *list, struct legacy_table *t) {
        _cleanup_close_ int fd = -1;

        *t = (struct legacy_table){ .family = family };
        if (!is_listed(list))
                return;
        fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd >= 0)
                (void)read_table(fd, family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6, t);
}

void legacy_tables_read(struct legacy_tables *ret) {
        read_family(AF_INET, "/proc/net/ip_tables_names", &ret->v4);
        read_family(AF_INET6, "/proc/net/ip6_tables_names", &ret->v6);
}

void legacy_tables_free(struct legacy_tables *l) {
        free(l->v4.entries);
        free(l->v6.entries);
        *l = (struct legacy_tables){ .v4.family = 0 };
}
