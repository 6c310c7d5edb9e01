/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Memory that is freed all at once. A pool is a chain of chunks, each twice as large as the one
 * before. A list in a pool grows by moving to an array of twice the size; the old array stays
 * behind in the pool, which costs at most as much memory again. */

#include "pool.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

/* Enough for the model of a small file: ten thousand of them are alive in the generator at once. */
enum { FIRST_CHUNK = 512 };

struct pool_chunk {
        struct pool_chunk *next;
        size_t size, used;
        alignas(max_align_t) unsigned char data[];
};

static struct pool_chunk *chunk_add(struct pool *pool, size_t size) {
        size_t want = pool->chunks ? pool->chunks->size * 2 : FIRST_CHUNK;
        struct pool_chunk *c;

        while (want < size)
                want *= 2;
        c = malloc(sizeof *c + want);
        if (!c)
                return NULL;
        c->size = want;
        c->used = 0;
        c->next = pool->chunks;
        pool->chunks = c;
        return c;
}

void *pool_alloc(struct pool *pool, size_t size) {
        struct pool_chunk *c = pool->chunks;
        void *p;

        if (size > SIZE_MAX / 4)
                return NULL;
        size = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
        if (!c || c->size - c->used < size) {
                c = chunk_add(pool, size);
                if (!c)
                        return NULL;
        }
        p = c->data + c->used;
        c->used += size;
        return memset(p, 0, size); /* not the chunk: its pages would all be touched */
}

const char *pool_strndup(struct pool *pool, const char *s, size_t n) {
        size_t length = strnlen(s, n);
        char *copy = pool_alloc(pool, length + 1);

        if (copy)
                memcpy(copy, s, length);
        return copy;
}

const char *pool_strdup(struct pool *pool, const char *s) {
        return pool_strndup(pool, s, strlen(s));
}

const char *pool_printf(struct pool *pool, const char *format, ...) {
        _cleanup_free_ char *text = NULL;
        va_list args;
        int r;

        va_start(args, format);
        r = vasprintf(&text, format, args);
        va_end(args);
        if (r < 0) {
                text = NULL;
                return NULL;
        }
        return pool_strdup(pool, text);
}

void pool_free(struct pool *pool) {
        struct pool_chunk *c = pool->chunks;

        while (c) {
                struct pool_chunk *next = c->next;

                free(c);
                c = next;
        }
        pool->chunks = NULL;
}

void *pool_list_add(struct pool *pool, void *list, size_t size) {
        struct list l;

        /* by memcpy: each LIST() has an item pointer of a type of its own */
        memcpy(&l, list, sizeof l);
        if ((l.n & (l.n - 1)) == 0) { /* the capacity is the next power of two */
                void *items = pool_alloc(pool, (l.n ? l.n * 2 : 1) * size);

                if (!items)
                        return NULL;
                if (l.n)
                        memcpy(items, l.items, l.n * size);
                l.items = items;
        }
        l.n++;
        memcpy(list, &l, sizeof l);
        /* an item that was taken back by "n--" may have stood here */
        return memset((char *)l.items + (l.n - 1) * size, 0, size);
}
