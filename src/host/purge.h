/* SPDX-License-Identifier: Apache-2.0 */
/* Leaving the host as it was. */
#pragma once

#include <stdbool.h>

#include "base/err.h"

/* Removes what the network roles of the cloud 'prefix' made: DHCP servers,
 * namespaces named in 'netns_dir' (null: /run/netns), devices, packet filter
 * tables, and what they keep in 'run_dir' (null: /run/stackd-<prefix>); turns
 * forwarding off again if the cloud turned it on and no other cloud needs it.
 * Removes all it can; the first failure is returned.  May be repeated. */
int host_network_purge(const char *prefix, const char *netns_dir, const char *run_dir, struct err *err);

/* Lets the host forward IPv4.  When it did not before, an empty packet filter
 * table says so, for the last cloud that leaves. */
int host_forwarding_on(struct err *err);

/* True when the namespace dir/name has a loopback whose alias begins with 'mark'. */
bool host_netns_marked(const char *dir, const char *name, const char *mark);

/* Ends the processes named 'comm' in the namespace dir/name and waits until
 * they are gone. */
int host_netns_end(const char *dir, const char *name, const char *comm, struct err *err);
