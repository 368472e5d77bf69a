/* SPDX-License-Identifier: Apache-2.0 */
/* Whether KVM really runs guests here.  On some machines it opens, accepts a
 * guest and then runs it so slowly that no kernel ever comes up. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"

/* Starts a tiny guest that counts in 64-bit mode, as user 'user' (null: as who
 * calls), under KVM.  0 when it came through in a few seconds; else -errno with
 * words: -ENOENT no /dev/kvm, -EACCES may not open it, -ETIMEDOUT it hangs. */
int accel_try_kvm(const char *user, struct err *err);

/* The same, remembered in 'cache_dir' until the machine is started anew or
 * QEMU changes.  'ret_why' (may be null) has the words when it is false. */
bool accel_has_kvm(struct arena *a, const char *cache_dir, const char *user, const char **ret_why);
