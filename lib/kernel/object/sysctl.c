/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Sets what Sysctl= wants inside a namespace, and keeps a file in /run/sysctl.d for each of our
 * interfaces on the host. Without the file udev would apply an administrator's wildcard to it. */

#include "object/operations.h"

#include <errno.h>

#include "system/sysctl.h"
#include "util.h"

int do_sysctl(struct pass *r, const struct op *op) {
        char before[512];
        /* the key may be one of a link's, and what is queued may set it otherwise */
        int e = pass_flush(r);

        if (e < 0)
                return e;
        e = pass_enter(r, pass_place(r, op));
        if (e == 0 && r->change && !r->repairing &&
            sysctl_read(op->sysctl.key, before, sizeof before) == 0) {
                r->change->saved[r->current] = strdup(before);
                if (!r->change->saved[r->current])
                        e = -ENOMEM;
        }
        if (e == 0)
                e = sysctl_write(op->sysctl.key, op->sysctl.value);
        if (e < 0)
                return pass_fail_errno(r, op, e, "");
        r->states[r->current] = OP_DONE;
        pass_forget(r); /* it may be one of an interface */
        return 0;
}

/* --- does the kernel mean the same? --- */

enum { VALUE_MAX = 4096, PORTS = 65536 };

/* "1-3,7" as bits. */
static bool read_ports(const char *text, uint8_t bits[static PORTS / 8]) {
        memset(bits, 0, PORTS / 8);
        while (*text) {
                char *end;
                unsigned long first = strtoul(text, &end, 10), last = first;

                if (end != text && *end == '-') {
                        text = end + 1;
                        last = strtoul(text, &end, 10);
                }
                if (end == text || first > last || last >= PORTS || (*end && *end != ','))
                        return false;
                for (unsigned long i = first; i <= last; i++)
                        bits[i / 8] |= (uint8_t)(1 << i % 8);
                text = *end ? end + 1 : end;
        }
        return true;
}

static bool same_ports(const char *a, const char *b) {
        uint8_t x[PORTS / 8], y[PORTS / 8];

        return read_ports(a, x) && read_ports(b, y) && memcmp(x, y, sizeof x) == 0;
}

/* Numbers may be octal and hexadecimal (proc_get_long() of the kernel). Milliseconds become ticks of its
 * clock, of which there are at least 100 a second. */
static bool same_word(const char *a, const char *b, size_t n, size_t m, bool milliseconds) {
        char *end_a, *end_b;
        long long x = strtoll(a, &end_a, 0), y = strtoll(b, &end_b, 0);

        if (n > 0 && m > 0 && end_a == a + n && end_b == b + m)
                return x == y || (milliseconds && llabs(x - y) < 10);
        return n == m && memcmp(a, b, n) == 0;
}

static bool same_value(const struct op_sysctl *s, const char *now) {
        static const char space[] = " \t\n", ports[] = "reserved_ports", ms[] = "_ms";
        size_t length = strlen(s->key);
        bool is_ms = length > strlen(ms) && streq(s->key + length - strlen(ms), ms);
        const char *a = s->value, *b = now;

        if (length > strlen(ports) && streq(s->key + length - strlen(ports), ports))
                return same_ports(a, b);
        for (;;) {
                size_t n, m;

                a += strspn(a, space);
                b += strspn(b, space);
                if (!*a || !*b)
                        return !*a && !*b;
                n = strcspn(a, space);
                m = strcspn(b, space);
                if (!same_word(a, b, n, m, is_ms))
                        return false;
                a += n;
                b += m;
        }
}

/* There are some that can only be written. */
int look_sysctl(struct pass *r, const struct op *op, struct op *ret) {
        char now[VALUE_MAX];
        struct pool *pool = pass_pool(r);
        int e = !pool ? -ENOMEM : !pass_socket(r, op) ? -EPERM : pass_flush(r);

        if (e == 0)
                e = pass_enter(r, pass_place(r, op));
        if (e == 0)
                e = sysctl_read(op->sysctl.key, now, sizeof now);
        if (e < 0 && (e != -EACCES || geteuid() != 0))
                return e;
        *ret = *op;
        if (e == 0 && !same_value(&op->sysctl, now))
                ret->sysctl.value = pool_strdup(pool, now);
        return ret->sysctl.value ? 0 : -ENOMEM;
}

/* Only within a reload that failed is known what it was before. */
int undo_sysctl(struct pass *r, const struct op *op) {
        const char *before = r->change && r->change->before ? r->change->before[r->current] : NULL;
        int e = before ? pass_enter(r, pass_place(r, op)) : 0;

        if (e == 0 && before)
                e = sysctl_write(op->sysctl.key, before);
        return e < 0 && e != -ENOENT ? pass_fail_errno(r, op, e, "") : 0;
}

static void file_of(const struct op *op, char ret[sizeof SYSCTL_D + 64]) {
        sprintf(ret, SYSCTL_D "/10-vnet-%.15s.conf", op->sysctl_file.device);
}

enum { FILE_MAX = 256 };

static void print_file(const struct op *op, const char *name, char text[static FILE_MAX]) {
        const struct op_sysctl_file *s = &op->sysctl_file;
        int n = sprintf(text, SYSCTL_FILE_MARK "%.63s\n", name);

        if (s->forwarding & FAMILY_IPV4)
                n += sprintf(text + n, "net/ipv4/conf/%s/forwarding=1\n", s->device);
        if (s->forwarding & FAMILY_IPV6)
                n += sprintf(text + n, "net/ipv6/conf/%s/forwarding=1\n", s->device);
        if (s->rp_filter)
                sprintf(text + n, "net/ipv4/conf/%s/rp_filter=%u\n", s->device, s->rp_filter);
}

int do_sysctl_file(struct pass *r, const struct op *op) {
        char path[sizeof SYSCTL_D + 64], text[FILE_MAX];
        int e;

        file_of(op, path);
        print_file(op, r->plan->name, text);
        e = sysctl_file_write(path, text);
        r->states[r->current] = OP_DONE;
        return e < 0 ? pass_fail(r, op, e, "cannot write %s: %s", path, strerror(-e)) : 0;
}

/* What a line of the text sets this key of the interface to, 0 where there is none. */
static uint8_t value_in(const char *text, const struct op *op, const char *family,
                        const char *key) {
        char line[64];
        const char *at;

        snprintf(line, sizeof line, "\nnet/%s/conf/%s/%s=", family, op->sysctl_file.device, key);
        at = strstr(text, line);
        return at ? (uint8_t)strtoul(at + strlen(line), NULL, 10) : 0;
}

int look_sysctl_file(struct pass *r, const struct op *op, struct op *ret) {
        char path[sizeof SYSCTL_D + 64], wanted[FILE_MAX], text[2 * FILE_MAX];
        int e;

        file_of(op, path);
        print_file(op, r->plan->name, wanted);
        e = sysctl_file_read(path, text, sizeof text);
        if (e < 0)
                return e;
        *ret = *op;
        if (streq(text, wanted))
                return 0;
        if (strncmp(text, wanted, strcspn(wanted, "\n") + 1) != 0)
                return -ENOENT; /* somebody else's */
        ret->sysctl_file.forwarding = (value_in(text, op, "ipv4", "forwarding") ? FAMILY_IPV4 : 0) |
                                      (value_in(text, op, "ipv6", "forwarding") ? FAMILY_IPV6 : 0);
        ret->sysctl_file.rp_filter = value_in(text, op, "ipv4", "rp_filter");
        return op_equal(op, ret);
}

int undo_sysctl_file(struct pass *r, const struct op *op) {
        char path[sizeof SYSCTL_D + 64];

        int e;

        file_of(op, path);
        e = sysctl_file_remove(path);
        return e < 0 ? pass_fail(r, op, e, "cannot remove %s: %s", path, strerror(-e)) : 0;
}
