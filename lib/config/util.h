/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The handful of idioms that every file uses: ownership by scope, arrays, comparison. Nothing here
 * knows anything of networks. */

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ARRAY_SIZE(a)       (sizeof(a) / sizeof((a)[0]))
#define _cleanup_(f)        __attribute__((cleanup(f)))
#define _printf_(fmt, args) __attribute__((format(printf, fmt, args)))
#define _unused_            __attribute__((unused))

/* Hands over what the variable owns, which owns nothing afterwards. */
#define TAKE_PTR(p)                                           \
        ({                                                    \
                __typeof__(p) *_slot = &(p), _value = *_slot; \
                *_slot = NULL;                                \
                _value;                                       \
        })
#define TAKE_FD(fd)                                  \
        ({                                           \
                int *_slot = &(fd), _value = *_slot; \
                *_slot = -1;                         \
                _value;                              \
        })

static inline bool streq(const char *a, const char *b) {
        return strcmp(a, b) == 0;
}

/* The rest of a string behind a prefix, or NULL. */
static inline const char *startswith(const char *s, const char *prefix) {
        size_t n = strlen(prefix);

        return strncmp(s, prefix, n) == 0 ? s + n : NULL;
}

static inline void freep(void *p) {
        free(*(void **)p);
}

static inline void closep(int *fd) {
        if (*fd >= 0)
                close(*fd);
}

static inline void fclosep(FILE **f) {
        if (*f)
                fclose(*f);
}

static inline void closedirp(DIR **d) {
        if (*d)
                closedir(*d);
}

/* FNV-1a of 64 bits: one begins with the basis and goes on with what came out. This is no
 * cryptography, but a change within one byte always changes the result. */
#define FNV_BASIS UINT64_C(0xcbf29ce484222325)

static inline uint64_t hash_bytes(uint64_t hash, const void *data, size_t n) {
        const uint8_t *p = data;

        for (size_t i = 0; i < n; i++)
                hash = (hash ^ p[i]) * UINT64_C(0x100000001b3);
        return hash;
}

/* Names of files may have any byte; in a line for people they look as ls(1) shows them. */
static inline char shown(char c) {
        return (unsigned char)c < ' ' || c == 0x7f ? '?' : c;
}

/* Does this error of access() or the like say that there is no such file? Any other error says that
 * nobody knows whether there is one. */
static inline bool is_absent(int error) {
        return error == ENOENT || error == ENOTDIR;
}

/* Reads to the end of the file, or size bytes. read() tells of an error behind some bytes only
 * when it is called again: who calls it once takes half of a file for all of it. */
static inline ssize_t read_to_end(int fd, char *ret, size_t size) {
        size_t have = 0;

        while (have < size) {
                ssize_t n = read(fd, ret + have, size - have);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                have += (size_t)n;
        }
        return (ssize_t)have;
}

/* NULL at the end, with 0 or -errno in *ret_error: whoever has seen half of a directory must not
 * take it for all of it. */
static inline const struct dirent *next_entry(DIR *d, int *ret_error) {
        const struct dirent *e;

        errno = 0;
        e = readdir(d);
        *ret_error = e ? 0 : -errno;
        return e;
}

/* For bounds of waiting. This is not the wall clock, which may jump. */
static inline int64_t now_us(void) {
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

static inline FILE *memstream_open(char **text, size_t *size) {
        FILE *f = open_memstream(text, size);

        if (f)
                errno = 0;
        return f;
}

/* Ends a stream of memstream_open() and hands its text over: the buffer moves as it is closed,
 * so it must not be used before. NULL if anything failed: where the buffer cannot grow, glibc
 * leaves out a character and does not set the stream's error; but malloc() sets errno, and
 * printing does not. */
static inline char *memstream_end(FILE **f, char **text) {
        bool failed = ferror(*f) || errno == ENOMEM;
        FILE *stream = *f;

        *f = NULL;
        if (fclose(stream) != 0)
                failed = true;
        if (failed) {
                free(*text);
                *text = NULL;
        }
        return *text;
}

#define _cleanup_free_     _cleanup_(freep)
#define _cleanup_close_    _cleanup_(closep)
#define _cleanup_fclose_   _cleanup_(fclosep)
#define _cleanup_closedir_ _cleanup_(closedirp)
