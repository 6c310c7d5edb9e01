/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reads a file by inih, and keeps inih from reading it otherwise than a person would. inih knows
 * neither line numbers nor section headers; and with long lines, NUL bytes, indented lines, colons
 * and " ;" it would let a file say something other than what its reader sees. So it never gets such
 * a line: ini_parse_stream() asks for each line by a call, and the guard that answers counts the
 * lines, reports the headers, and ends the file at the first line that is not plain. What is left
 * to inih is to split plain lines. */

#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <sys/stat.h>

#include "util.h"

enum {
        LINE_MAX_BYTES = 198, /* inih's buffer of 200 without the line feed and the NUL */
        SECTION_MAX_BYTES = 49,
};

struct guard {
        const char *next, *end;
        struct origin at;
        bool in_section;
        reader_entry *entry;
        void *user;
        struct diags *d;
        int error;
};

static bool is_blank(char c) {
        return c == ' ' || c == '\t';
}

static int refuse(struct guard *g, const char *why) {
        return diag_error(g->d, -EINVAL, &g->at, NULL, "%s", why);
}

static int check_bytes(struct guard *g, const char *line, size_t n) {
        if (n > LINE_MAX_BYTES)
                return refuse(g, "the line is longer than 198 bytes");
        for (size_t i = 0; i < n; i++) {
                unsigned char c = (unsigned char)line[i];

                if (c >= ' ' && c != 127) /* nearly all of them */
                        continue;
                if (c == '\0')
                        return refuse(g, "the line has a NUL byte");
                if (c == '\r')
                        return refuse(
                                g,
                                "the line has a carriage return; save the file with Unix line endings");
                if (c != '\t')
                        return refuse(g, "the line has a control character");
        }
        return 0;
}

/* Printable ASCII: names can be quoted in messages as they are. */
static bool is_plain(const char *s, size_t n, bool spaces) {
        for (size_t i = 0; i < n; i++)
                if (s[i] > '~' || s[i] < ' ' || (s[i] == ' ' && !spaces))
                        return false;
        return n > 0;
}

static int guard_header(struct guard *g, const char *line, size_t n) {
        const char *close = memchr(line, ']', n);
        char section[SECTION_MAX_BYTES + 1] = "";

        if (!close)
                return refuse(g, "the section's name has no closing ']'");
        if (close != line + n - 1)
                return refuse(g, "there is text after the ']'");
        if (n - 2 > SECTION_MAX_BYTES)
                return refuse(g, "the section's name is longer than 49 bytes");
        if (!is_plain(line + 1, n - 2, true))
                return refuse(g, "that is not a valid name of a section");
        memcpy(section, line + 1, n - 2);
        g->in_section = true;
        return g->entry(g->user, &g->at, section, NULL, NULL);
}

/* inih would cut the line there. */
static bool has_late_comment(const char *line, size_t n) {
        const char *p = line;

        while ((p = memchr(p, ';', (size_t)(line + n - p)))) {
                if (p > line && is_blank(p[-1]))
                        return true;
                p++;
        }
        return false;
}

static int check_assignment(struct guard *g, const char *line, size_t n) {
        const char *equals = memchr(line, '=', n), *colon = memchr(line, ':', n);
        size_t key;

        if (!equals)
                return refuse(g, "the line is neither a [Section] nor KEY=VALUE");
        if (colon && colon < equals)
                return refuse(g, "a key is followed by '=', not by ':'");
        key = (size_t)(equals - line);
        while (key > 0 && is_blank(line[key - 1]))
                key--;
        if (!is_plain(line, key, false))
                return refuse(g, "there is no key before the '='");
        if (line[n - 1] == '\\')
                return refuse(g, "the line ends in a backslash; a line cannot be continued");
        if (has_late_comment(line, n))
                return refuse(
                        g, "there is a ';' after white space; a comment needs a line of its own");
        if (!g->in_section)
                return refuse(g, "the assignment comes before the first [Section]");
        return 0;
}

static int guard_line(struct guard *g, const char *line, size_t n) {
        size_t blanks = 0;
        int r;

        r = check_bytes(g, line, n);
        if (r < 0)
                return r;
        while (n > 0 && is_blank(line[n - 1]))
                n--;
        while (blanks < n && is_blank(line[blanks]))
                blanks++;
        if (n == 0 || line[blanks] == '#' || line[blanks] == ';')
                return 0;
        if (blanks > 0)
                return refuse(g, "the line is indented; it must begin in the first column");
        if (line[0] != '[')
                return check_assignment(g, line, n);
        return guard_header(g, line, n);
}

/* One line for inih, as fgets() would give it; NULL ends the reading. */
static char *guard_next(char *buffer, int size, void *stream) {
        struct guard *g = stream;
        const char *line = g->next, *feed;
        size_t n;

        if (g->error < 0 || line == g->end)
                return NULL;
        feed = memchr(line, '\n', (size_t)(g->end - line));
        n = (size_t)((feed ?: g->end) - line);
        g->next = feed ? feed + 1 : g->end;
        g->at.line++;
        g->error = guard_line(g, line, n);
        if (g->error < 0)
                return NULL;
        if (n >= (size_t)size) { /* an inih that was built with shorter lines */
                g->error = refuse(g, "the line is too long for this inih");
                return NULL;
        }
        memcpy(buffer, line, n);
        buffer[n] = '\0';
        return buffer;
}

static int guard_assignment(void *stream, const char *section, const char *key, const char *value) {
        struct guard *g = stream;
        int r;

        if (g->error < 0)
                return 0;
        r = g->entry(g->user, &g->at, section, key, value);
        if (r < 0)
                g->error = r;
        return r >= 0;
}

int reader_parse(const char *text, size_t size, const char *path, reader_entry *entry, void *user,
                 struct diags *d) {
        struct guard g = { .next = text,
                           .end = text + size,
                           .at = { path, 0 },
                           .entry = entry,
                           .user = user,
                           .d = d };
        int r;

        if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
                g.next += 3; /* the mark that some editors put in front of UTF-8 */
        r = ini_parse_stream(guard_next, &g, guard_assignment, &g);
        if (g.error < 0)
                return g.error;
        if (r == -2)
                return -ENOMEM;
        if (r != 0)
                return diag_error(d, -EINVAL, &(struct origin){ path, (unsigned)r }, NULL,
                                  "inih cannot read the line");
        return 0;
}

/* An empty file is a mask, for whoever did not look before. */
static int read_open(const char *path, int fd, reader_entry *entry, void *user, struct diags *d) {
        const struct origin at = { path, 0 };
        _cleanup_free_ char *text = NULL;
        struct stat st;
        ssize_t n;

        if (fstat(fd, &st) < 0)
                return diag_error(d, -errno, &at, NULL, "cannot be read: %s", strerror(errno));
        if (!S_ISREG(st.st_mode))
                return diag_error(d, -EINVAL, &at, NULL, "is not a regular file");
        if (st.st_size == 0)
                return -ENODATA;
        if (st.st_size > FILE_SIZE_MAX)
                return diag_error(d, -EFBIG, &at, NULL, "is larger than %d KiB",
                                  FILE_SIZE_MAX / 1024);
        /* one byte more than it should have */
        text = malloc((size_t)st.st_size + 1);
        if (!text)
                return -ENOMEM;
        n = read_to_end(fd, text, (size_t)st.st_size + 1);
        if (n < 0)
                return diag_error(d, (int)n, &at, NULL, "cannot be read: %s", strerror((int)-n));
        if (n != st.st_size)
                return diag_error(d, -EINVAL, &at, NULL, "%s while it was read",
                                  n > st.st_size ? "grew" : "shrank");
        return reader_parse(text, (size_t)n, path, entry, user, d);
}

int reader_read(const char *path, reader_entry *entry, void *user, struct diags *d) {
        _cleanup_close_ int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

        if (fd < 0)
                return diag_error(d, -errno, &(struct origin){ path, 0 }, NULL,
                                  "cannot be opened: %s", strerror(errno));
        return read_open(path, fd, entry, user, d);
}
