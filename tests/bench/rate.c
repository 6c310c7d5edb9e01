/* SPDX-License-Identifier: GPL-2.0-or-later */

/* How many TCP connections, or questions and answers over one connection, a path carries in a
 * second. Each end runs in a namespace of its own. Connections end with a reset, so that neither
 * TIME_WAIT nor the supply of ports is part of the figure. */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <time.h>

#include "util.h"

static double now_s(void) {
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return t.tv_sec + t.tv_nsec / 1e9;
}

static void must(bool good, const char *what) {
        if (good)
                return;
        fprintf(stderr, "rate: %s: %s\n", what, strerror(errno));
        exit(1);
}

static int tcp(void) {
        static const struct linger reset = { .l_onoff = 1 };
        int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

        must(s >= 0, "socket");
        setsockopt(s, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        return s;
}

/* One connection after the other; accepted sockets have the options of the one that listens. */
static void serve(const struct sockaddr_in *a) {
        int s = tcp(), on = 1;

        setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        must(bind(s, (const struct sockaddr *)a, sizeof *a) == 0, "bind");
        must(listen(s, 4096) == 0, "listen");
        for (;;) {
                int c = accept(s, NULL, NULL);
                char b[64];
                ssize_t n;

                if (c < 0)
                        continue;
                while ((n = read(c, b, sizeof b)) > 0)
                        if (write(c, b, n) != n)
                                break;
                close(c);
        }
}

static int connected(const struct sockaddr_in *a) {
        int s = tcp();

        must(connect(s, (const struct sockaddr *)a, sizeof *a) == 0, "connect");
        return s;
}

static long connect_until(const struct sockaddr_in *a, double end) {
        long n = 0;

        for (; now_s() < end; n++)
                close(connected(a));
        return n;
}

static long ask_until(const struct sockaddr_in *a, double end) {
        int s = connected(a);
        long n = 0;
        char b;

        for (; now_s() < end; n++)
                must(write(s, "x", 1) == 1 && read(s, &b, 1) == 1, "question");
        close(s);
        return n;
}

int main(int argc, char **argv) {
        struct sockaddr_in a = { .sin_family = AF_INET };
        const char *mode = argc > 3 ? argv[1] : "";
        double start, seconds = argc > 4 ? atof(argv[4]) : 0;
        long n;

        if (argc > 3) {
                must(inet_pton(AF_INET, argv[2], &a.sin_addr) == 1, argv[2]);
                a.sin_port = htons(atoi(argv[3]));
        }
        if (streq(mode, "serve"))
                serve(&a);
        if (seconds <= 0 || (!streq(mode, "connect") && !streq(mode, "ask"))) {
                fputs("usage: rate serve ADDRESS PORT | connect|ask ADDRESS PORT SECONDS\n",
                      stderr);
                return 2;
        }
        start = now_s();
        n = streq(mode, "ask") ? ask_until(&a, start + seconds)
                               : connect_until(&a, start + seconds);
        printf("%.0f\n", n / (now_s() - start));
        return 0;
}
