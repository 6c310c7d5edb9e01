/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* /run/vnet/state/NAME: what was or is being done, in the words of the plan. Written whole to a
 * temporary name and renamed before the first operation; what became of it is appended as a line.
 * "down" needs nothing else. World-readable, no secrets.
 *
 *      vnet 1                          the format's version: a newer helper reads older ones
 *      name net0
 *      ops 14                          how many there are: fewer, and the record is not whole
 *      sum 5f0c3a92e17b6d48            hash_bytes() of their lines: another, and it was changed
 *      op host cookie=4711             the host's network namespace, in which the network was started;
 *                                      no line: not known, as by a kernel before 5.14
 *      op netns name=net0 inode=4026532281	/etc/vnet/net0.vnet:1
 *      …
 *      stage complete                  the last such line counts; none: begun and not ended */

#include "plan.h"

enum stage {
        STAGE_BEGUN,    /* some of the operations may have been done */
        STAGE_COMPLETE, /* all of them have */
        STAGE_UNDOING,  /* some of them may have been undone */
};

#define STATE_DIR "/run/vnet/state"

/* Replaces NAME's record by this plan, stage begun. 0 or -errno with the reason in d. */
int record_write(const struct plan *p, struct diags *d);
/* The same, stage complete: what is new in it is there at once or not at all. */
int record_write_complete(const struct plan *p, struct diags *d);
int record_mark(const char *name, enum stage stage, struct diags *d);
/* -ENOENT: none. Lines that cannot be read are told in d as warnings and left out; a record of a
 * newer version gives -EPROTONOSUPPORT. */
int record_read(const char *name, struct plan **ret, enum stage *ret_stage, struct diags *d);
/* The same from memory, which it changes; path is for messages. */
int record_parse(const char *name, const char *path, char *text, size_t size, struct plan **ret,
                 enum stage *ret_stage, struct diags *d);
/* Was the network started in the namespace that this socket is in, as far as that is known? 0; -EXDEV, told in
 * d, where not: nothing of it would be found here. */
int record_check_host(const struct plan *p, int socket, struct diags *d);
/* Is there a record of it, or might there be one? */
bool record_exists(const char *name);
/* Was the helper killed while it wrote the record, before there was one? */
bool record_is_torn_off(const char *name);
int record_remove(const char *name, struct diags *d); /* and what was torn off */

/* All names with a record, sorted; the caller frees with record_free_names(). */
int record_names(char ***ret, size_t *ret_n);
void record_free_names(char **names, size_t n);
