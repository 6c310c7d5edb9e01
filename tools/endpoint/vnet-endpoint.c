/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The program behind vnet-endpoint@NAME.service: looks up the names in Endpoint= of a network that is up, and tells its WireGuard
 * links. It asks where the links' sockets are, on the host, and only sets where to begin: whoever is inside still has the tunnel
 * and nothing else, whether or not a name can be looked up. The helper asks nobody: a start does not wait for a name server.
 *
 * A timer runs it again. A session that goes on is left alone; where none came about with one address of several, or one that
 * is kept alive went stale, the next one is tried. */

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <time.h>

#include "netlink/wireguard.h"
#include "state/record.h"
#include "system/netns.h"
#include "util.h"
#include "value.h"

enum {
        STALE_S =
                180, /* after which a session cannot be used any more (REJECT_AFTER_TIME of WireGuard) */
        ADDRESSES_MAX = 16
};

struct lookup {
        const struct op_wg_peer *peer;
        struct address addresses[ADDRESSES_MAX];
        size_t n;
};

static void say(const char *priority, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

static void say(const char *priority, const char *format, ...) {
        va_list args;

        fputs(getenv("JOURNAL_STREAM") ? priority : "", stderr);
        va_start(args, format);
        vfprintf(stderr, format, args);
        va_end(args);
        fputc('\n', stderr);
}

/* --- names --- */

static void take_address(struct lookup *l, const struct sockaddr *from) {
        struct address a = { .family = (uint8_t)from->sa_family };

        if (l->n == ADDRESSES_MAX)
                return;
        if (a.family == AF_INET)
                memcpy(a.bytes, &((const struct sockaddr_in *)(const void *)from)->sin_addr, 4);
        else if (a.family == AF_INET6)
                memcpy(a.bytes, &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr, 16);
        else
                return;
        l->addresses[l->n++] = a;
}

/* In the order in which the host would take them (RFC 6724). */
static bool look_up(struct lookup *l) {
        const struct addrinfo hints = { .ai_family = AF_UNSPEC,
                                        .ai_socktype = SOCK_DGRAM,
                                        .ai_flags = AI_ADDRCONFIG };
        struct addrinfo *list = NULL;
        int e = getaddrinfo(l->peer->endpoint_name, NULL, &hints, &list);

        if (e != 0) {
                say("<4>", "endpoint '%s' of %s: %s", l->peer->endpoint_name, l->peer->device,
                    e == EAI_SYSTEM ? strerror(errno) : gai_strerror(e));
                return false;
        }
        for (const struct addrinfo *a = list; a; a = a->ai_next)
                take_address(l, a->ai_addr);
        freeaddrinfo(list);
        return l->n > 0;
}

/* --- peers --- */

static const struct wg_peer *find_peer(const struct wg_device *d, const uint8_t key[KEY_SIZE],
                                       uint64_t *ret_handshake) {
        for (size_t i = 0; i < d->n_peers; i++)
                if (memcmp(d->peers[i].public_key, key, KEY_SIZE) == 0) {
                        *ret_handshake = d->handshakes[i];
                        return &d->peers[i];
                }
        return NULL;
}

/* Which one now; NULL: it stays as it is. */
static const struct address *choose(const struct lookup *l, const struct wg_peer *p,
                                    uint64_t handshake) {
        bool stale = (uint64_t)time(NULL) > handshake + STALE_S;

        if (p->endpoint.family && !stale)
                return NULL;
        for (size_t i = 0; i < l->n; i++)
                if (address_equal(&l->addresses[i], &p->endpoint))
                        /* one that is idle is stale, too */
                        return handshake && !p->keepalive ? NULL : &l->addresses[(i + 1) % l->n];
        return &l->addresses[0];
}

static int tell(struct wg *w, const struct lookup *l) {
        struct wg_peer new = { .endpoint_port = l->peer->endpoint_port };
        const struct wg_device *d;
        const struct wg_peer *p;
        const struct address *a;
        uint64_t handshake = 0;
        int e = base64_read(l->peer->public_key, new.public_key);

        if (e == 0)
                e = wg_look(w, l->peer->device, &d);
        if (e < 0)
                return e;
        p = find_peer(d, new.public_key, &handshake);
        a = p ? choose(l, p, handshake) : NULL;
        if (!a)
                return 0;
        new.endpoint = *a;
        return wg_set_endpoint(w, l->peer->device, &new);
}

/* The sockets and names were the host's; from here on it is inside. */
static int tell_all(const struct op *netns, const struct lookup *list, size_t n) {
        _cleanup_close_ int fd = -1;
        struct wg *w = NULL;
        int e = netns_open(netns->netns.name, netns->netns.inode, netns->netns.cookie, &fd);

        if (e == 0 && setns(fd, CLONE_NEWNET) < 0)
                e = -errno;
        if (e == 0)
                e = wg_open(&w);
        for (size_t i = 0; e == 0 && i < n; i++)
                if (list[i].n > 0)
                        e = tell(w, &list[i]);
        wg_close(w);
        return e;
}

static int run(const struct plan *p) {
        _cleanup_free_ struct lookup *list = calloc(p->ops.n + 1, sizeof *list);
        const struct op *netns = plan_find(p, OP_NETNS);
        bool all = true;
        size_t n = 0;
        int e;

        if (!list || !netns)
                return list ? 0 : -ENOMEM;
        list_foreach (op, &p->ops)
                if (op->kind == OP_WG_PEER && op->wg_peer.endpoint_name) {
                        list[n].peer = &op->wg_peer;
                        all &= look_up(&list[n++]);
                }
        e = n > 0 ? tell_all(netns, list, n) : 0;
        if (e < 0)
                say("<3>", "cannot set endpoints: %s", strerror(-e));
        return e < 0 ? e : all ? 0 : -EAGAIN;
}

int main(int argc, char **argv) {
        _cleanup_plan_ struct plan *p = NULL;
        struct diags d = DIAGS_NULL;
        enum stage stage;
        int e;

        if (argc != 2 || !name_valid(argv[1])) {
                fputs("usage: vnet-endpoint NAME\n\nRun by vnet-endpoint@NAME.service; see "
                      "vnet@.service(8).\n",
                      stderr);
                return 2;
        }
        e = record_read(argv[1], &p, &stage, &d);
        diags_free(&d);
        if (e == -ENOENT || (e == 0 && stage != STAGE_COMPLETE))
                return 0; /* it is on its way up or down */
        if (e == 0)
                e = run(p);
        else
                say("<3>", "cannot read the record of %s: %s", argv[1], strerror(-e));
        return e < 0 ? 1 : 0;
}
