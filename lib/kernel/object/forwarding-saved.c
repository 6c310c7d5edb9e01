/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Keeps what forwarding changes on the host in one file for each of the two families of addresses,
 * so that the last stop can take it back. */

#include "object/forwarding-saved.h"

#include <errno.h>
#include <sys/socket.h>

#include "state/lock.h"
#include "system/sysctl.h"
#include "util.h"

const struct forward_family forward_families[FORWARD_FAMILIES] = {
        { FAMILY_IPV4, "forwarding4", RUN_DIR "/forwarding4", "net/ipv4/ip_forward",
          "net/ipv4/conf", "net/ipv4/conf/all/accept_redirects", SYSCTL_D "/" FORWARD_FILE "4.conf",
          /* two names of one switch: somebody's file may have either */
          "net.ipv4.ip_forward = 1\nnet.ipv4.conf.all.forwarding = 1\n", AF_INET, SET_GUARDED4,
          SET_BRIDGED4 },
        { FAMILY_IPV6, "forwarding6", RUN_DIR "/forwarding6", "net/ipv6/conf/all/forwarding",
          "net/ipv6/conf", NULL, SYSCTL_D "/" FORWARD_FILE "6.conf",
          "net.ipv6.conf.all.forwarding = 1\n", AF_INET6, SET_GUARDED6, SET_BRIDGED6 },
};

/* The key with the name that the interface has now. -ENODEV: it is gone. */
static int key_now(const struct nl *nl, const char *key, const char *index, char ret[512]) {
        const char *begin = strstr(key, "/conf/"), *end = strrchr(key, '/');
        char name[IFNAMSIZ];
        long i = nl && index ? strtol(index, NULL, 10) : -1;
        int e = i > 0 && begin ? nl_name(nl, i, name) : 0;

        if (e < 0)
                return e;
        if (i <= 0 || !begin)
                snprintf(ret, 512, "%s", key);
        else
                snprintf(ret, 512, "%.*s/conf/%s%s", (int)(begin - key), key, name, end);
        return 0;
}

int forward_each_line(const char *path, const struct nl *nl,
                      int (*line)(void *user, const char *word, const char *key, const char *value),
                      void *user) {
        _cleanup_fclose_ FILE *f = fopen(path, "re");
        char text[512], now[512];
        int e = 0;

        if (!f)
                return -errno;
        while (e == 0 && fgets(text, sizeof text, f)) {
                char *rest = text, *word, *key, *value;

                text[strcspn(text, "\n")] = '\0';
                word = strsep(&rest, " ");
                key = strsep(&rest, " ");
                value = strsep(&rest, " ");
                if (!key)
                        continue;
                e = key_now(nl, key, rest, now);
                e = e == -ENODEV ? 0 : e < 0 ? e : line(user, word, now, value);
        }
        if (e == 0 && ferror(f))
                e = -EIO; /* half of it is not all of it */
        return e;
}
