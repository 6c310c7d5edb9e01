/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Before forwarding is switched on, what that changes on the host is written to
 * /run/vnet/forwarding4, or forwarding6 for IPv6; the last stop takes it back from there. A line is
 * "WORD KEY [VALUE [INDEX]]": what it is about, a key of sysctl or the index of an interface, the
 * value before, and the index of the interface that a key has in its name. */

#include "netlink/socket.h"
#include "plan.h"

/* The files in SYSCTL_D that keep forwarding on are this with "4.conf" or "6.conf" behind it: a
 * name that sorts after everybody's (sysctl.d(5)). Their first line is SYSCTL_FILE_MARK. */
#define FORWARD_FILE "zz-vnet-forwarding"

struct forward_family {
        enum families bit;
        const char *users, *path, *key, *directory, *redirects, *file, *settings;
        uint8_t number;           /* AF_… */
        uint8_t guarded, bridged; /* enum nft_set */
};
enum { FORWARD_FAMILIES = 2 };
extern const struct forward_family forward_families[FORWARD_FAMILIES];

/* Calls back with the words of each line of the saved file at path; value is NULL where there is
 * none. An interface in a key has the name that it has now, by its index. Lines of interfaces that
 * are gone are left out; where nl is NULL nobody is asked, and keys are as they were written. The
 * words live as long as the call.
 *
 * 0, what the callback has returned other than 0, or a negative errno: -ENOENT where there is no
 * such file. */
int forward_each_line(const char *path, const struct nl *nl,
                      int (*line)(void *user, const char *word, const char *key, const char *value),
                      void *user);
