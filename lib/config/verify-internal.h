/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the verify*.c files share. Private to lib/config. */

#include "model.h"

struct check {
        struct vnet *v;
        struct diags *d;
        bool failed;
};

/* Tells an error and goes on. */
#define wrong(c, at, key, ...)                                           \
        ({                                                               \
                (c)->failed = true;                                      \
                (void)diag_error((c)->d, -EINVAL, at, key, __VA_ARGS__); \
        })

const char *family_name(enum families f);
/* The first link whose outer end is on the host; NULL: none. */
const struct link *facing_link(const struct vnet *v);

void check_mtu(struct check *c, const struct origin *at, uint32_t mtu, enum families families);
void check_masquerade(struct check *c, const struct origin *at, enum families asked,
                      enum families there);
void check_not_loopback(struct check *c, const struct origin *at, const char *key,
                        const char *name);
void check_kind(struct check *c, const struct link *l);    /* what goes with the kind of a link */
void check_overlay(struct check *c, const struct link *l); /* of a vxlan, of a vrf */
void check_master(struct check *c, const struct link *l);
int check_namespace(struct check *c);                       /* 0 or -ENOMEM */
void check_gateways(struct check *c, const struct link *l); /* of one link */
/* What a link says of another network; peer: NULL if there is none of that NAME. */
void check_partner(struct check *c, const struct link *l, const struct vnet *peer);
void check_wireguard(struct check *c, const struct link *l); /* verify-wireguard.c */
void check_rates(struct check *c, const struct link *l);
int check_routes(struct check *c); /* of the whole namespace; 0 or -ENOMEM */
