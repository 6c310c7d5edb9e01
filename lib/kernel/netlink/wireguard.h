/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Settings and peers of WireGuard interfaces, by generic netlink (linux/wireguard.h). The socket has to be in the namespace
 * of the interface, wherever that one's own socket is. */

#include <net/if.h>

#include "base64.h"
#include "model.h"

struct wg_peer {
        uint8_t public_key[KEY_SIZE], preshared_key[KEY_SIZE]; /* zeros: none */
        struct address endpoint;                               /* unset: left as it is */
        uint16_t endpoint_port, keepalive;
        const struct prefix *allowed;
        size_t n_allowed;
};

struct wg_device {
        uint8_t private_key[KEY_SIZE], public_key[KEY_SIZE];
        uint16_t port;
        uint32_t mark;
        struct wg_peer *peers; /* of what the kernel has: their lists are wg's own */
        size_t n_peers;
        uint64_t *handshakes; /* of each peer: seconds since 1970; 0: none */
};

struct wg;

/* In the namespace in which this thread is. */
int wg_open(struct wg **ret);
struct wg *wg_close(struct wg *w); /* NULL is fine; returns NULL */

enum { WG_PORT = 1, WG_KEY = 2 }; /* what is set beside the mark */
int wg_set_device(struct wg *w, const char *name, const struct wg_device *d, unsigned what);
/* Adds the peer or changes it; its allowed addresses become those, and its session goes on. */
int wg_set_peer(struct wg *w, const char *name, const struct wg_peer *p);
/* The endpoint alone, of a peer that is there. */
int wg_set_endpoint(struct wg *w, const char *name, const struct wg_peer *p);
int wg_remove_peer(struct wg *w, const char *name, const uint8_t public_key[KEY_SIZE]);
/* What the kernel has, with the keys: valid until the next call. -ENODEV: no such interface, or one of another kind. */
int wg_look(struct wg *w, const char *name, const struct wg_device **ret);
