/* SPDX-License-Identifier: Apache-2.0 */
/* Network namespaces with a name: files under a directory (/run/netns as a
 * rule), as ip-netns(8) makes them, so that `ip netns exec` works on ours. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"

/* Runs 'fn' with the calling thread in the namespace at 'path' (null: where it
 * is), and brings it back.  Returns what 'fn' returned, -ENOENT when there is
 * no such namespace, or -errno.  Other threads are not moved. */
int netns_run(const char *path, int (*fn)(void *ctx, struct err *err), void *ctx, struct err *err);

/* Makes dir/name if it is not there, with its loopback up.  0 or -errno. */
int netns_ensure(const char *dir, const char *name, struct err *err);

/* True when dir/name is a namespace (and not only a file left over). */
bool netns_exists(const char *dir, const char *name);

/* Removes dir/name.  What is gone already is fine.  The kernel keeps the
 * namespace while a process is in it. */
int netns_delete(const char *dir, const char *name, struct err *err);

/* Names in 'dir' that begin with 'prefix'; an empty list when there is no
 * such directory. */
const char **netns_list(struct arena *a, const char *dir, const char *prefix);

/* Writes /proc/sys/<key> in the namespace at 'path' (null: the thread's own),
 * only when it has another value.  'key' has slashes: "net/ipv4/ip_forward". */
int sysctl_ensure(const char *path, const char *key, const char *value, struct err *err);
