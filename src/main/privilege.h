/* SPDX-License-Identifier: Apache-2.0 */
/* Giving root away. */
#pragma once

#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"

/* The ids of a user of this machine.  -ENOENT when there is none. */
int account_find(const char *name, uid_t *ret_uid, gid_t *ret_gid, struct err *err);

/* As account_find(), and makes a system user of that name when it is missing. */
int account_ensure(struct arena *a, const char *name, uid_t *ret_uid, gid_t *ret_gid, struct err *err);

/* Becomes 'name' for good (when root), without a way to gain rights again by
 * running a program. */
int privilege_drop(const char *name, struct err *err);

/* Asks for SIGTERM when 'parent' dies; ends the process when it has already. */
void follow_parent(pid_t parent);
