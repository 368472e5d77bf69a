/* SPDX-License-Identifier: Apache-2.0 */
/* Connections that the kernel tracks. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "host/ip.h"

/* Which connections: all that is given must hold. */
struct conntrack_filter {
    bool translated;      /* Its addresses are rewritten. */
    const struct ip *ips; /* One of these is an end of it; null: any. */
    size_t n_ips;
    unsigned zone; /* The tracking zone; 0: any. */
};

/* Forgets connections in the namespace at 'netns' (null: the thread's own): the
 * rules of the day decide anew. */
int conntrack_flush(const char *netns, const struct conntrack_filter *filter, struct err *err);
