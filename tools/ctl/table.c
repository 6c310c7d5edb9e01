/* SPDX-License-Identifier: GPL-2.0-or-later */

/* How vnetctl speaks to people: columns, colours and a pager, as they are in networkctl(1) and
 * systemctl(1). Colours and pager are for terminals only. */

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "ctl.h"
#include "util.h"

const char *ctl_colour(const struct ctl *c, enum colour colour) {
        static const char *const codes[] = {
                [COLOUR_NONE] = "\033[0m",       [COLOUR_GOOD] = "\033[0;1;32m",
                [COLOUR_CHANGED] = "\033[0;33m", [COLOUR_BAD] = "\033[0;1;31m",
                [COLOUR_DIM] = "\033[0;90m",     [COLOUR_HEAD] = "\033[0;4m",
        };

        return c->colours ? codes[colour] : "";
}

/* --- the pager --- */

/* Splits at blanks; the words point into text. */
static void split(char *text, char **words, size_t max) {
        size_t n = 0;
        char *word;

        while (n + 1 < max && (word = strsep(&text, " \t")))
                if (*word)
                        words[n++] = word;
        words[n] = NULL;
}

static void exec_pager(void) {
        const char *chosen = getenv("SYSTEMD_PAGER") ?: getenv("PAGER");
        char *words[16] = { NULL };

        setenv("LESS", getenv("SYSTEMD_LESS") ?: "FRSXMK", true);
        if (getenv("SUDO_UID")) {
                setenv("LESSSECURE", "1", true); /* a pager must not become a shell of root */
                execlp("less", "less", NULL);
        } else {
                _cleanup_free_ char *copy = strdup(chosen ?: "");

                if (copy)
                        split(copy, words, ARRAY_SIZE(words));
                if (words[0])
                        execvp(words[0], words);
                execlp("less", "less", NULL);
                execlp("more", "more", NULL);
        }
        execlp("cat", "cat", NULL);
        _exit(EXIT_FAILURE);
}

/* An empty $SYSTEMD_PAGER or "cat" means none, as everywhere in systemd. */
static bool wants_pager(const struct ctl *c) {
        const char *chosen = getenv("SYSTEMD_PAGER") ?: getenv("PAGER");

        if (c->no_pager || c->json || c->pager || !isatty(STDOUT_FILENO))
                return false;
        return !chosen || (*chosen && !streq(chosen, "cat"));
}

void ctl_page(struct ctl *c) {
        int ends[2];
        pid_t pid;

        if (!wants_pager(c) || pipe(ends) < 0)
                return;
        fflush(stdout);
        pid = fork();
        if (pid == 0) {
                dup2(ends[0], STDIN_FILENO);
                close(ends[0]);
                close(ends[1]);
                exec_pager();
        }
        if (pid > 0) {
                dup2(ends[1], STDOUT_FILENO);
                signal(SIGPIPE, SIG_IGN); /* whoever leaves the pager early has seen enough */
                signal(SIGINT, SIG_IGN);  /* for the pager, which must not outlive us */
                c->pager = pid;
        }
        close(ends[0]);
        close(ends[1]);
}

bool ctl_finish(struct ctl *c) {
        bool written = fflush(stdout) == 0 && !ferror(stdout);

        if (!c->pager)
                return written;
        close(STDOUT_FILENO);
        while (waitpid(c->pager, NULL, 0) < 0 && errno == EINTR)
                ;
        return true;
}

/* --- columns --- */

struct cell *ctl_table_row(struct table *t) {
        struct cell(*more)[COLUMNS_MAX] = reallocarray(t->rows, t->n + 1, sizeof *more);

        if (!more)
                return NULL;
        t->rows = more;
        memset(more[t->n], 0, sizeof *more);
        return more[t->n++];
}

static const char *text_of(const struct table *t, size_t row, size_t column) {
        return t->rows[row][column].text ?: "-";
}

static size_t width_of(const struct table *t, size_t column) {
        size_t width = strlen(t->heads[column]);

        for (size_t i = 0; i < t->n; i++) {
                size_t n = strlen(text_of(t, i, column));

                width = n > width ? n : width;
        }
        return width;
}

static void print_cell(const struct ctl *c, const char *text, size_t width, enum colour colour) {
        if (colour)
                fputs(ctl_colour(c, colour), stdout);
        printf("%-*s", (int)width, text);
        if (colour)
                fputs(ctl_colour(c, COLOUR_NONE), stdout);
}

void ctl_table_print(const struct ctl *c, const struct table *t) {
        size_t widths[COLUMNS_MAX], n = 0;

        for (; t->heads[n]; n++)
                widths[n] = width_of(t, n);
        if (n)
                widths[n - 1] = 0; /* no blanks at the end of lines */
        for (size_t k = 0; k < n && !c->no_legend; k++) {
                print_cell(c, t->heads[k], widths[k], COLOUR_HEAD);
                fputs(k + 1 < n ? " " : "\n", stdout);
        }
        for (size_t i = 0; i < t->n; i++)
                for (size_t k = 0; k < n; k++) {
                        print_cell(c, text_of(t, i, k), widths[k], t->rows[i][k].colour);
                        fputs(k + 1 < n ? " " : "\n", stdout);
                }
}

void ctl_table_free(struct table *t) {
        for (size_t i = 0; i < t->n; i++)
                for (size_t k = 0; k < COLUMNS_MAX; k++)
                        free(t->rows[i][k].text);
        free(t->rows);
        t->rows = NULL;
        t->n = 0;
}
