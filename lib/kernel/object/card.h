/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* An interface that is moved from one namespace to another, as one message of the kernel tells of it. */

#include "netlink/socket.h"
#include "plan.h"

enum { CARD_NAMES_MAX = 512, CARD_ALTNAME_MAX = 128 };

struct card {
        int index;
        char name[IFNAMSIZ];
        char names[CARD_NAMES_MAX]; /* alternative ones, each with a space behind it */
        bool up, is_loopback;
        uint32_t mtu, queue, master;
        uint32_t addrgen; /* IFLA_INET6_ADDR_GEN_MODE and one more; 0: it has no IPv6 */
        struct mac mac, permanent;
};

/* 0, or -ENODEV. By its permanent address, or where no interface has that by the one that it has now. */
int card_by_name(struct nl *nl, const char *name, struct card *ret);
int card_by_index(struct nl *nl, uint32_t index, struct card *ret);
int card_by_mac(struct nl *nl, const struct mac *mac, struct card *ret);

/* The next of the alternative names; NULL: none is left. */
const char *card_next_name(const char **names, char ret[static CARD_ALTNAME_MAX]);

/* One change each: 0 or what the kernel says. */
int card_set_up(struct nl *nl, int index, bool up);
int card_set_number(struct nl *nl, int index, uint16_t attribute, uint32_t value);
int card_set_mac(struct nl *nl, int index, const struct mac *mac);
int card_rename(struct nl *nl, int index, const char *name);
int card_set_altname(struct nl *nl, int index, const char *name, bool there);
int card_set_addrgen(struct nl *nl, int index, uint32_t addrgen); /* as in struct card */
/* Into the namespace ns with that name, and with that number unless it is 0. */
int card_move(struct nl *nl, int index, int ns, const char *name, uint32_t number);
