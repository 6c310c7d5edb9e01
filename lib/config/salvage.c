/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Finds the services that a file was meant to run inside although the guard of reader.c refuses to
 * read it: in spite of carriage returns, NUL bytes, indented and endless lines, comments behind
 * values, lines continued by a backslash, headers without their bracket, UTF-16. A name too many
 * does little harm: its unit fails together with the network of a file that is refused anyway. A
 * name too few would run on the wrong network. What stands in a comment is no name. */

#include "salvage.h"

#include <errno.h>
#include <fcntl.h>
#include <strings.h>
#include <sys/stat.h>

#include "schema.h"
#include "specifier.h"
#include "util.h"
#include "value.h"

enum { SERVICES_MAX = 4096 };

struct salvage {
        const char *root;
        const struct source *source;
        struct vnet *v;
        bool in_namespace; /* the last header was that of [Namespace] */
        bool in_services;  /* the last line had names, and the next may go on with them */
        bool continued;    /* it ended in a backslash */
};

/* Bytes that the name of a unit can have, and '%' for specifiers; all others separate. */
static bool is_of_name(char c) {
        return is_alnum(c) || (c && strchr(":_.@\\-%", c));
}

static bool is_space(char c) {
        return (unsigned char)c <= ' ' || c == 0x7f;
}

/* As systemctl(1) takes them: without a type it is a service. */
static bool service_name(const char *word, char ret[VALUE_MAX]) {
        bool typed = unit_name_valid(word) || service_name_valid(word);

        snprintf(ret, VALUE_MAX, "%s%s", word, typed ? "" : ".service");
        return service_name_valid(ret);
}

/* 0 or -ENOMEM */
static int add_service(struct salvage *s, const char *word, size_t n) {
        struct value_context c = { .pool = &s->v->pool };
        char text[VALUE_MAX], name[VALUE_MAX];
        const char *expanded;
        struct text *new;
        int r;

        if (n == 0 || n > 255 || s->v->ns.services.n >= SERVICES_MAX)
                return 0;
        memcpy(text, word, n);
        text[n] = '\0';
        r = specifiers_expand(&c, s->root, s->source, text, &expanded);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        if (strlen(expanded) > 255 || !service_name(expanded, name))
                return 0;
        list_foreach (known, &s->v->ns.services)
                if (streq(known->text, name))
                        return 0;
        new = list_add(&s->v->pool, &s->v->ns.services);
        if (!new || !(new->text = pool_strdup(&s->v->pool, name)))
                return -ENOMEM;
        return 0;
}

/* Names up to a comment: separated by what no name has; of a path the last part. */
static int add_services(struct salvage *s, const char *p, const char *end) {
        while (p < end) {
                const char *word = p;
                int r;

                if ((*p == '#' || *p == ';') && is_space(p[-1]))
                        return 0;
                while (p < end && is_of_name(*p))
                        p++;
                if (p == end || *p != '/') {
                        r = add_service(s, word, (size_t)(p - word));
                        if (r < 0)
                                return r;
                }
                if (p < end)
                        p++;
        }
        return 0;
}

/* What stands behind "KEY=" or "KEY:", in any case, or NULL. */
static const char *value_of(const char *key, const char *p, const char *end) {
        size_t n = strlen(key);

        if ((size_t)(end - p) <= n || strncasecmp(p, key, n) != 0)
                return NULL;
        for (p += n; p < end && is_space(*p);)
                p++;
        return p < end && (*p == '=' || *p == ':') ? p + 1 : NULL;
}

/* The same for Services=, with a slip of the pen in it too, as the loader takes it (load.c). */
static const char *services_of(const char *p, const char *end) {
        char key[16];
        size_t n = 0;

        while (p + n < end && p[n] != '=' && p[n] != ':' && !is_space(p[n]))
                n++;
        if (n == 0 || n >= sizeof key)
                return NULL;
        memcpy(key, p, n);
        key[n] = '\0';
        if (startswith(key, "X-") || !suggest_is_near(key, "Services"))
                return NULL;
        return value_of(key, p, end);
}

static int set_name(struct salvage *s, const char *p, const char *end) {
        struct value_context c = { .pool = &s->v->pool };
        const char *expanded;
        char text[64];
        int r;

        while (p < end && is_space(*p))
                p++;
        while (end > p && is_space(end[-1]))
                end--;
        if (end - p >= (ptrdiff_t)sizeof text)
                return 0;
        memcpy(text, p, (size_t)(end - p));
        text[end - p] = '\0';
        r = specifiers_expand(&c, s->root, s->source, text, &expanded);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        if (name_valid(expanded))
                s->v->ns.name = expanded;
        return 0;
}

static const char *skip_spaces(const char *p, const char *end) {
        while (p < end && is_space(*p))
                p++;
        return p;
}

/* Behind a header there may be an assignment on the same line. */
static const char *take_header(struct salvage *s, const char *p, const char *end) {
        static const char header[] = "[Namespace";
        const char *close = memchr(p, ']', (size_t)(end - p));

        s->in_namespace = (size_t)(end - p) >= strlen(header) &&
                          strncasecmp(p, header, strlen(header)) == 0;
        return close ? skip_spaces(close + 1, end) : end;
}

static int salvage_line(struct salvage *s, const char *line, const char *end) {
        const char *p = skip_spaces(line, end), *value;
        bool goes_on;

        while (end > p && is_space(end[-1]))
                end--;
        if (p == end || *p == '#' || *p == ';')
                return 0;
        goes_on = s->in_services &&
                  (s->continued || (p > line && !memchr(p, '=', (size_t)(end - p))));
        s->continued = end[-1] == '\\';
        if (s->continued)
                end--;
        if (!goes_on && *p == '[')
                p = take_header(s, p, end);
        value = services_of(p, end);
        s->in_services = value || goes_on;
        if (s->in_services)
                return add_services(s, value ?: p, end);
        value = s->in_namespace ? value_of("Name", p, end) : NULL;
        return value ? set_name(s, value, end) : 0;
}

/* UTF-16, as some editors save "Unicode", has a mark in front and a zero in each letter of ASCII. */
static size_t drop_zeros(char *text, size_t size) {
        size_t n = 0;

        if (size < 2 || (memcmp(text, "\xff\xfe", 2) != 0 && memcmp(text, "\xfe\xff", 2) != 0))
                return size;
        for (size_t i = 2; i < size; i++)
                if (text[i])
                        text[n++] = text[i];
        return n;
}

static int salvage_text(struct salvage *s, char *text, size_t size) {
        const char *p = text, *end = text + drop_zeros(text, size);

        s->in_namespace = s->in_services = s->continued = false;
        if (end - p >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0)
                p += 3;
        while (p < end) {
                const char *line = p;
                int r;

                while (p < end && *p != '\n' && *p != '\r')
                        p++;
                r = salvage_line(s, line, p);
                if (r < 0)
                        return r;
                p++;
        }
        return 0;
}

int salvage_read(const char *path, char **ret_text, size_t *ret_size) {
        _cleanup_close_ int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        _cleanup_free_ char *text = NULL;
        struct stat st;
        size_t size;
        ssize_t n;

        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode) && !S_ISCHR(st.st_mode)) /* that is a mask, with nothing in it */
                return -EBADF;
        size = st.st_size < SALVAGE_BYTES ? (size_t)st.st_size : SALVAGE_BYTES;
        text = malloc(size + 1);
        if (!text)
                return -ENOMEM;
        n = read_to_end(fd, text, size);
        if (n < 0)
                return (int)n;
        *ret_text = TAKE_PTR(text);
        *ret_size = (size_t)n;
        return 0;
}

/* -ENOENT: neither this file nor one that it hides can be read. */
static int salvage_file(struct salvage *s, const char *path) {
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r = salvage_read(path, &text, &size);

        while (r < 0 && r != -ENOMEM) {
                path = search_below(&s->v->pool, s->root, path);
                if (!path)
                        return -ENOENT;
                r = salvage_read(path, &text, &size);
        }
        return r < 0 || !text ? r : salvage_text(s, text, size);
}

/* An instance is a link, and one to nowhere where the template is in another directory than it says. */
static int salvage_template(struct salvage *s) {
        const char *path = search_template(&s->v->pool, s->root, s->source);

        return path ? salvage_file(s, path) : -ENOMEM;
}

int salvage_services(const char *root, const struct source *source, struct vnet *v) {
        struct salvage s = { .root = root, .source = source, .v = v };
        int r;

        memset(&v->ns.services, 0, sizeof v->ns.services);
        r = salvage_file(&s, source->path);
        if (r == -ENOENT && source->instance)
                r = salvage_template(&s);
        list_foreach (path, &source->drop_ins)
                if (r != -ENOMEM)
                        r = salvage_file(&s, *path);
        return r == -ENOMEM ? r : 0;
}
