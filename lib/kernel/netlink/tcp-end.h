/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "netlink/socket.h"
#include "value.h"

/* One side of a connection. */
struct tcp_side {
        struct address address;
        uint16_t port;
};

/* Ends a connection of TCP whose local side is a socket of the namespace in which nl was opened (nl_open_diag()): both sides
 * hear of it at once. 0; -ENOENT: there is no such socket, or it has ended; -EOPNOTSUPP: the kernel cannot; or another negative
 * errno. */
int tcp_end(struct nl *nl, const struct tcp_side *local, const struct tcp_side *remote);
