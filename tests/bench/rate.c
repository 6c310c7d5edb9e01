/* SPDX-License-Identifier: GPL-2.0-or-later */

/* How many TCP connections, or questions and answers over one connection, a path carries in a
 * second; and how much of a number of bits a second a stream gets through. Each end runs in a
 * namespace of its own. Connections end with a reset, so that neither TIME_WAIT nor the supply of
 * ports is part of the figure. */

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <time.h>

#include "util.h"

enum { STREAM = 128 * 1024 };       /* at once: more than a segment that the interface cuts */
static const double WARM_UP_S = .5; /* of a stream: the burst and what TCP learns */

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

static struct addrinfo *address_of(const char *text, const char *port) {
        static const struct addrinfo numbers = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                                                 .ai_socktype = SOCK_STREAM };
        struct addrinfo *a;

        errno = EINVAL;
        must(getaddrinfo(text, port, &numbers, &a) == 0, text);
        return a;
}

static int tcp(const struct addrinfo *a) {
        static const struct linger reset = { .l_onoff = 1 };
        int s = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

        must(s >= 0, "socket");
        setsockopt(s, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        return s;
}

static void echo(int c) {
        char b[64];
        ssize_t n;

        while ((n = read(c, b, sizeof b)) > 0)
                if (write(c, b, n) != n)
                        break;
}

static void pour(int c) {
        static const char b[STREAM];

        while (send(c, b, sizeof b, MSG_NOSIGNAL) > 0)
                ;
}

/* One connection after the other; accepted sockets have the options of the one that listens. */
static void serve(const struct addrinfo *a, void (*speak)(int)) {
        int s = tcp(a), on = 1;

        setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        must(bind(s, a->ai_addr, a->ai_addrlen) == 0, "bind");
        must(listen(s, 4096) == 0, "listen");
        for (;;) {
                int c = accept(s, NULL, NULL);

                if (c < 0)
                        continue;
                speak(c);
                close(c);
        }
}

static int connected(const struct addrinfo *a) {
        int s = tcp(a);

        must(connect(s, a->ai_addr, a->ai_addrlen) == 0, "connect");
        return s;
}

/* Each of these returns how many a second. */
static double connections(const struct addrinfo *a, double seconds) {
        double start = now_s();
        long n = 0;

        for (; now_s() < start + seconds; n++)
                close(connected(a));
        return n / (now_s() - start);
}

static double questions(const struct addrinfo *a, double seconds) {
        int s = connected(a);
        double start = now_s();
        long n = 0;
        char b;

        for (; now_s() < start + seconds; n++)
                must(write(s, "x", 1) == 1 && read(s, &b, 1) == 1, "question");
        close(s);
        return n / (now_s() - start);
}

static double bits(const struct addrinfo *a, double seconds) {
        static char b[STREAM];
        int s = connected(a);
        double begin = now_s() + WARM_UP_S, start = 0;
        long bytes = 0;

        for (;;) {
                ssize_t n = read(s, b, sizeof b);
                double now = now_s();

                must(n > 0, "stream");
                if (start > 0)
                        bytes += n;
                else if (now >= begin)
                        start = now; /* what came until now is not counted, nor is its time */
                if (start > 0 && now >= start + seconds)
                        break;
        }
        close(s);
        return bytes * 8. / (now_s() - start);
}

static int usage(void) {
        fputs("usage: rate serve|pour ADDRESS PORT | connect|ask ADDRESS PORT SECONDS\n"
              "       rate pull ADDRESS PORT SECONDS BITS\n"
              "  serve answers connect and ask, pour answers pull, which prints percent of BITS a "
              "second\n",
              stderr);
        return 2;
}

int main(int argc, char **argv) {
        const char *mode = argc > 3 ? argv[1] : "";
        double seconds = argc > 4 ? atof(argv[4]) : 0;
        double percent = argc > 5 ? atof(argv[5]) / 100 : 0;
        const struct addrinfo *a;

        if (argc < 4)
                return usage();
        a = address_of(argv[2], argv[3]);
        if (streq(mode, "serve"))
                serve(a, echo);
        if (streq(mode, "pour"))
                serve(a, pour);
        if (seconds > 0 && streq(mode, "connect"))
                printf("%.0f\n", connections(a, seconds));
        else if (seconds > 0 && streq(mode, "ask"))
                printf("%.0f\n", questions(a, seconds));
        else if (seconds > 0 && percent > 0 && streq(mode, "pull"))
                printf("%.2f\n", bits(a, seconds) / percent);
        else
                return usage();
        return 0;
}
