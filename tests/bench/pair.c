/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Times commands against each other. In each round every contender is started and stopped once, and
 * the order moves on by one each round, so that load from elsewhere meets all of them; the ratio is
 * the median of the ratios within a round. A round before the first is not counted.
 *
 * With -k a start is COUNT processes, some of them at a time, and so is a stop; what is printed is
 * milliseconds for each. A stop lasts until its processes have ended and the outer ends are gone.
 * With -r the value is not time but the number that the command prints.
 *
 * Prints lines of fields with tabs between them:
 *   base  PHASE  NAME
 *   row   PHASE  NAME  MIN  MEDIAN  P90  RATIO-TO-BASE  RATIO-TO-OTHER  CPU-MS  PEAK-MIB
 * CPU is that of the whole tree of processes, the peak is the largest resident set of any of them;
 * the kernel lets a process begin with the peak of its parent, so this one is kept small. */

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "util.h"

enum phase { START, STOP, PHASES };
enum { WORDS = 32, LINE = 2048, GONE_MS = 20000, POLL_US = 200, REST_MS = 20 };

static const char *const phase_names[PHASES] = { "start", "stop" };

struct sample {
        double value, cpu, peak;
};

struct contender {
        const char *name, *outer, *command[PHASES]; /* "-" for none */
        struct sample *samples[PHASES];             /* one a round */
};

struct race {
        int rounds, settle_ms, count, parallel[PHASES];
        bool reads;
        const char *other;
        char *bases;
        struct contender *contenders;
        int n;
};

static double now_ms(void) {
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static double ms_of(struct timeval t) {
        return t.tv_sec * 1e3 + t.tv_usec / 1e3;
}

static void die(const char *what, const char *why) {
        fprintf(stderr, "pair: %s: %s\n", what, why);
        exit(1);
}

static void *allocate(size_t n, size_t size) {
        void *p = calloc(n, size);

        if (!p)
                die("calloc", strerror(errno));
        return p;
}

/* Each "{}" becomes the index. */
static void expand(const char *text, int index, char ret[LINE]) {
        size_t n = 0;

        while (*text && n < LINE - 16)
                if (startswith(text, "{}")) {
                        n += sprintf(ret + n, "%d", index);
                        text += 2;
                } else {
                        ret[n++] = *text++;
                }
        ret[n] = '\0';
}

/* Split at blanks, no shell. */
static void spawn(const char *command, int index, const posix_spawn_file_actions_t *actions) {
        char line[LINE], *argv[WORDS + 1], *save, *word;
        int n = 0, error;
        pid_t pid;

        expand(command, index, line);
        for (word = strtok_r(line, " ", &save); word && n < WORDS;
             word = strtok_r(NULL, " ", &save))
                argv[n++] = word;
        argv[n] = NULL;
        error = n == 0 ? ENOENT : posix_spawnp(&pid, argv[0], actions, NULL, argv, environ);
        if (error != 0)
                die(command, strerror(error));
}

static void reap(const char *command, struct sample *s) {
        struct rusage usage;
        double peak;
        int status;

        if (wait4(-1, &status, 0, &usage) < 0)
                die(command, strerror(errno));
        if (status != 0)
                die(command, "it failed");
        peak = usage.ru_maxrss / 1024.;
        s->cpu += ms_of(usage.ru_utime) + ms_of(usage.ru_stime);
        s->peak = peak > s->peak ? peak : s->peak;
}

static void spawn_all(const struct race *r, const char *command, enum phase phase, int output,
                      struct sample *s) {
        posix_spawn_file_actions_t actions;
        int next = 1, live = 0;

        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
        while (next <= r->count || live > 0)
                if (next <= r->count && live < r->parallel[phase]) {
                        spawn(command, next++, &actions);
                        live++;
                } else {
                        reap(command, s);
                        live--;
                }
        posix_spawn_file_actions_destroy(&actions);
}

static void await_gone(const struct race *r, const char *outer) {
        double end = now_ms() + GONE_MS;
        char name[LINE];

        for (int i = 1; i <= r->count; i++) {
                expand(outer, i, name);
                while (if_nametoindex(name)) {
                        if (now_ms() > end)
                                die(name, "it is still there");
                        usleep(POLL_US);
                }
        }
}

static void run(const struct race *r, const struct contender *c, enum phase phase,
                struct sample *s) {
        int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
        double start = now_ms();

        spawn_all(r, c->command[phase], phase, null, s);
        if (phase == STOP && !streq(c->outer, "-"))
                await_gone(r, c->outer);
        s->value = (now_ms() - start) / r->count;
        s->cpu /= r->count;
        close(null);
}

/* What the command prints is short enough for the pipe to hold. */
static void run_and_read(const struct race *r, const struct contender *c, enum phase phase,
                         struct sample *s) {
        char text[64] = "", *end;
        int fds[2];

        if (pipe2(fds, O_CLOEXEC) < 0)
                die("pipe", strerror(errno));
        spawn_all(r, c->command[phase], phase, fds[1], s);
        close(fds[1]);
        if (read(fds[0], text, sizeof text - 1) < 0)
                die("pipe", strerror(errno));
        close(fds[0]);
        s->value = strtod(text, &end);
        if (end == text)
                die(c->command[phase], "it prints no number");
}

static void one_turn(const struct race *r, const struct contender *c, int round) {
        for (int p = START; p < PHASES; p++) {
                struct sample s = { 0 };

                if (streq(c->command[p], "-"))
                        continue;
                if (r->reads)
                        run_and_read(r, c, p, &s);
                else
                        run(r, c, p, &s);
                if (round >= 0)
                        c->samples[p][round] = s;
                usleep(REST_MS * 1000);
        }
        usleep(r->settle_ms * 1000);
}

/* --- figures --- */

static int ascending(const void *a, const void *b) {
        double x = *(const double *)a, y = *(const double *)b;

        return (x > y) - (x < y);
}

/* Of sorted values; 0 is the least, 1 the greatest. */
static double quantile(const double *v, int n, double q) {
        int i = n * q;

        if (q == .5 && n % 2 == 0)
                return (v[i - 1] + v[i]) / 2;
        return v[i < n ? i : n - 1];
}

static double *sorted(const struct race *r, const struct contender *c, enum phase p, size_t field) {
        double *v = allocate(r->rounds, sizeof *v);

        for (int i = 0; i < r->rounds; i++)
                v[i] = *(const double *)((const char *)&c->samples[p][i] + field);
        qsort(v, r->rounds, sizeof *v, ascending);
        return v;
}

static double quantile_of(const struct race *r, const struct contender *c, enum phase p,
                          size_t field, double q) {
        _cleanup_free_ double *v = sorted(r, c, p, field);

        return quantile(v, r->rounds, q);
}

static double paired_ratio(const struct race *r, const struct contender *c,
                           const struct contender *base, enum phase p) {
        _cleanup_free_ double *v = allocate(r->rounds, sizeof *v);

        for (int i = 0; i < r->rounds; i++)
                v[i] = c->samples[p][i].value / base->samples[p][i].value;
        qsort(v, r->rounds, sizeof *v, ascending);
        return quantile(v, r->rounds, .5);
}

static const struct contender *find(const struct race *r, const char *name) {
        for (int i = 0; name && i < r->n; i++)
                if (streq(r->contenders[i].name, name))
                        return &r->contenders[i];
        return NULL;
}

/* Of a start: the first contender. Of a stop: the best of those that -b names. */
static const struct contender *find_base(const struct race *r, enum phase phase) {
        const struct contender *best = NULL;
        _cleanup_free_ char *names = phase == STOP && r->bases ? strdup(r->bases) : NULL;
        double least = 0;
        char *save;

        for (char *name = names ? strtok_r(names, ",", &save) : NULL; name;
             name = strtok_r(NULL, ",", &save)) {
                const struct contender *c = find(r, name);
                double m = c ? quantile_of(r, c, phase, offsetof(struct sample, value), .5) : 0;

                if (c && (!best || m < least)) {
                        best = c;
                        least = m;
                }
        }
        return best ?: r->contenders;
}

static void print_row(const struct race *r, const struct contender *c, enum phase p) {
        const size_t value = offsetof(struct sample, value), cpu = offsetof(struct sample, cpu);
        const struct contender *other = find(r, r->other);

        printf("row\t%s\t%s\t%.4f\t%.4f\t%.4f\t%.4f\t", phase_names[p], c->name,
               quantile_of(r, c, p, value, 0), quantile_of(r, c, p, value, .5),
               quantile_of(r, c, p, value, .9), paired_ratio(r, c, find_base(r, p), p));
        if (other)
                printf("%.4f", paired_ratio(r, c, other, p));
        if (r->reads) /* the processes are those that ask */
                printf("\t\t\n");
        else
                printf("\t%.4f\t%.3f\n", quantile_of(r, c, p, cpu, .5),
                       quantile_of(r, c, p, offsetof(struct sample, peak), 1));
}

static void print_figures(const struct race *r) {
        for (int p = START; p < PHASES; p++) {
                if (streq(r->contenders->command[p], "-"))
                        continue;
                printf("base\t%s\t%s\n", phase_names[p], find_base(r, p)->name);
                for (int i = 0; i < r->n; i++)
                        print_row(r, &r->contenders[i], p);
        }
}

/* --- */

static int usage(void) {
        fputs("usage: pair [OPTION]... NAME OUTER START STOP [NAME OUTER START STOP]...\n"
              "  OUTER   interface that a stop makes vanish; START, STOP: commands; - for none\n"
              "  -n N    rounds, 25\n"
              "  -s MS   pause after each stop, 100\n"
              "  -k N    processes of a start and of a stop, 1; {} in them is 1 to N\n"
              "  -u N    processes at a time, start; -d N: stop\n"
              "  -b NAME[,NAME]  a stop is compared with the best of these, not with the first\n"
              "  -c NAME  another column of ratios\n"
              "  -r      the value is what the command prints\n",
              stderr);
        return 2;
}

static bool parse_options(int argc, char **argv, struct race *r) {
        int c;

        while ((c = getopt(argc, argv, "+n:s:k:u:d:b:c:r")) != -1)
                switch (c) {
                case 'n': r->rounds = atoi(optarg); break;
                case 's': r->settle_ms = atoi(optarg); break;
                case 'k': r->count = atoi(optarg); break;
                case 'u': r->parallel[START] = atoi(optarg); break;
                case 'd': r->parallel[STOP] = atoi(optarg); break;
                case 'b': r->bases = optarg; break;
                case 'c': r->other = optarg; break;
                case 'r': r->reads = true; break;
                default: return false;
                }
        r->n = (argc - optind) / 4;
        return r->n > 0 && (argc - optind) % 4 == 0 && r->rounds > 0 && r->count > 0 &&
               r->parallel[START] > 0 && r->parallel[STOP] > 0;
}

int main(int argc, char **argv) {
        struct race r = { .rounds = 25, .settle_ms = 100, .count = 1, .parallel = { 1, 1 } };

        if (!parse_options(argc, argv, &r))
                return usage();
        r.contenders = allocate(r.n, sizeof *r.contenders);
        for (int i = 0; i < r.n; i++) {
                char **a = argv + optind + 4 * i;

                r.contenders[i] = (struct contender){ a[0], a[1], { a[2], a[3] } };
                for (int p = START; p < PHASES; p++)
                        r.contenders[i].samples[p] = allocate(r.rounds, sizeof(struct sample));
        }
        for (int round = r.reads ? 0 : -1; round < r.rounds; round++)
                for (int i = 0; i < r.n; i++)
                        one_turn(&r, &r.contenders[(i + round + 1) % r.n], round);
        print_figures(&r);
        free(r.contenders);
        return 0;
}
