/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* An arena: what is allocated from it lives until the pool is freed, all at once. Models and plans
 * own one each, so nothing in them is freed one by one and nothing in them can leak. */

#include <stddef.h>

struct pool {
        struct pool_chunk *chunks; /* newest first */
};

#define POOL_NULL \
        { NULL }

/* Zeroed memory, aligned for any type; NULL where there is none. */
void *pool_alloc(struct pool *pool, size_t size);
/* A copy of the first n bytes of s, terminated; NULL where there is no memory. */
const char *pool_strndup(struct pool *pool, const char *s, size_t n);
const char *pool_strdup(struct pool *pool, const char *s);
const char *pool_printf(struct pool *pool, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
void pool_free(struct pool *pool);

/* Growing arrays in a pool. LIST(struct route) routes; … list_add(pool, &routes) returns the new,
 * zeroed item or NULL. All lists have one layout, so that a table can append to any of them. */
struct list {
        void *items;
        size_t n;
};

#define LIST(type)           \
        struct {             \
                type *items; \
                size_t n;    \
        }
#define list_foreach(item, list)                               \
        for (__typeof__(*(list)->items) *item = (list)->items; \
             (list)->n && item < (list)->items + (list)->n; item++)

/* Adds one zeroed item of that size to any LIST(); returns it, or NULL without memory. */
void *pool_list_add(struct pool *pool, void *list, size_t size);
#define list_add(pool, list) \
        ((__typeof__((list)->items))pool_list_add(pool, list, sizeof *(list)->items))
