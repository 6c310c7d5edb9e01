/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* /proc/sys of the network namespace that this thread is in (proc(5)), and our files for
 * sysctl.d(5).
 *
 * Keys are paths below /proc/sys, with slashes. No last part that is a symbolic link is followed.
 * All functions return 0 or a negative errno, and say nothing. Buffers are the caller's, size is
 * that of the whole buffer in bytes, and what is longer is cut off. */

#include <stddef.h>

#define SYSCTL_D "/run/sysctl.d"

int sysctl_write(const char *key, const char *value);
/* The value without the newlines at its end. */
int sysctl_read(const char *key, char *ret, size_t size);
/* 1 where the key has this value, else 0. A key that is not there has none: an interface may go at
 * any moment. */
int sysctl_is(const char *key, const char *value);

/* Opens a directory below /proc/sys for the two functions that follow; the caller closes the
 * descriptor. It saves the way down from /proc/sys/net, on which each look passes the entries of
 * all namespaces that anybody has looked at. */
int sysctl_open(const char *directory, int *ret);
int sysctl_write_in(int directory, const char *key, const char *value);
int sysctl_read_in(int directory, const char *key, char *ret, size_t size);

/* A whole file in SYSCTL_D; path is absolute. The directory is made with the first file and taken
 * away with the last. Removing what is not there is no error. */
int sysctl_file_read(const char *path, char *ret, size_t size);
int sysctl_file_write(const char *path, const char *text);
int sysctl_file_remove(const char *path);
