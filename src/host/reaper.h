/* SPDX-License-Identifier: Apache-2.0 */
/* Buries processes that outlived whoever started them.
 *
 * libvirt's QEMUs detach themselves and so fall to the machine's first
 * process, and libvirt believes a QEMU alive until that has reaped it.  In a
 * container that may be late or never.  Hence they fall to us instead, and are
 * told from the children that others here wait for by their session. */
#pragma once

#include "base/err.h"

struct reaper;

/* Makes this process the one that orphans below it fall to, and reaps, on a
 * thread, those whose name begins with 'comm' and whose session is not ours. */
int reaper_start(const char *comm, struct reaper **ret, struct err *err);
void reaper_stop(struct reaper *r); /* Null is fine. */
