/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* /proc/sys of the network namespace that this thread is in. Keys with slashes, as below /proc/sys.
 * 0 or -errno. */

#include <stddef.h>

#define SYSCTL_D "/run/sysctl.d"

int sysctl_write(const char *key, const char *value);
/* The same for a key in a directory of sysctl_open(). Each way down from /proc/sys/net has to pass the entries
 * of all namespaces that anybody has looked at. */
int sysctl_open(const char *directory, int *ret);
int sysctl_write_in(int directory, const char *key, const char *value);
int sysctl_read_in(int directory, const char *key, char *ret, size_t size);
/* The value without its newline. */
int sysctl_read(const char *key, char *ret, size_t size);
/* 1, 0, or a negative errno. A key that is not there has no value: an interface may go. */
int sysctl_is(const char *key, const char *value);

/* A file in SYSCTL_D, which is made and taken away with it. */
int sysctl_file_read(const char *path, char *ret, size_t size);
int sysctl_file_write(const char *path, const char *text);
int sysctl_file_remove(const char *path);
