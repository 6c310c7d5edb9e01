/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Ends a connection at its local side (sock_diag(7), SOCK_DESTROY). To make conntrack forget it is not enough: what the local
 * side sends next, or once more, would begin it anew as a connection of its own. */

#include "netlink/tcp-end.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "util.h"

static int take_socket(void *user, const struct nlmsghdr *h) {
        const struct inet_diag_msg *m = mnl_nlmsg_get_payload(h);

        if (h->nlmsg_len < mnl_nlmsg_size(sizeof *m))
                return -EBADMSG;
        *(struct inet_diag_msg *)user = *m;
        return 0;
}

static bool runs(uint8_t state) {
        return state == TCP_ESTABLISHED || state == TCP_FIN_WAIT1 || state == TCP_FIN_WAIT2 ||
               state == TCP_CLOSE_WAIT || state == TCP_LAST_ACK || state == TCP_CLOSING;
}

/* Where there is no socket of that connection the kernel finds the one that listens on the port, and would end that: so it is
 * asked first, and then goes by the cookie of what it has found. */
int tcp_end(struct nl *nl, const struct tcp_side *local, const struct tcp_side *remote) {
        size_t size = address_bytes(local->address.family);
        struct inet_diag_req_v2 q = {
                .sdiag_family = local->address.family,
                .sdiag_protocol = IPPROTO_TCP,
                .idiag_states = UINT32_MAX,
                .id.idiag_sport = htons(local->port),
                .id.idiag_dport = htons(remote->port),
                .id.idiag_cookie = { INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE },
        };
        struct inet_diag_msg found = { 0 };
        int e;

        memcpy(q.id.idiag_src, local->address.bytes, size);
        memcpy(q.id.idiag_dst, remote->address.bytes, size);
        e = nl_ask(nl, SOCK_DIAG_BY_FAMILY, 0, &q, sizeof q, NULL, NULL, take_socket, &found);
        if (e < 0 || !runs(found.idiag_state))
                return e < 0 ? e : -ENOENT;
        memcpy(q.id.idiag_cookie, found.id.idiag_cookie, sizeof q.id.idiag_cookie);
        return nl_ask(nl, SOCK_DESTROY, 0, &q, sizeof q, NULL, NULL, take_socket, &found);
}
