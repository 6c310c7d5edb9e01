/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What forwarding changes on the host is written down in /run/vnet/forwarding4 or 6 before, and taken back
 * after: lines "WORD KEY VALUE [INDEX]". */

#include "netlink/socket.h"
#include "plan.h"

/* In SYSCTL_D, before "4.conf" and "6.conf": one that sorts after everybody's. The first line is a mark. */
#define FORWARD_FILE "zz-vnet-forwarding"

struct forward_family {
        enum families bit;
        const char *users, *path, *key, *directory, *redirects, *file, *settings;
        uint8_t number;           /* AF_… */
        uint8_t guarded, bridged; /* enum nft_set */
};
enum { FORWARD_FAMILIES = 2 };
extern const struct forward_family forward_families[FORWARD_FAMILIES];

/* Calls back with the words of each line of a saved file, but for what is of interfaces that are
 * gone; without nl they are not asked for. -ENOENT: there is none. */
int forward_each_line(const char *path, const struct nl *nl,
                      int (*line)(void *user, const char *word, const char *key, const char *value),
                      void *user);
