/* SPDX-License-Identifier: Apache-2.0 */
/* The hosts as memory has them: who lives, and with what.
 *
 * Reports come every few seconds from every host, so they are kept here and
 * written to the database only when something changed or now and then; after a
 * restart the database tells what was known. */
#pragma once

#include "compute/compute.h"
#include "data/table.h"

struct host_state {
    const char *id, *name, *node_id, *node_name, *zone, *disabled_reason;
    const char *driver, *hypervisor_type, *host_ip, *facts;
    int64_t number, hypervisor_version;
    int64_t vcpus, memory_mb, local_gb, reserved_vcpus, reserved_memory_mb, reserved_disk_gb;
    int64_t seen_us, created_at, updated_at;
    bool disabled, forced_down, vif_plugging;
    bool up; /* Seen lately and not forced down. */
};

struct host_table *host_table_new(void);
void host_table_free(struct host_table *h);

/* Takes over what the database knows; at start. */
int hosts_load(struct compute *c, struct err *err);

/* A report came ("agent.report").  May write to the database and to placement. */
int hosts_report(struct compute *c, struct arena *a, const json_t *report, struct err *err);

/* After a change in the database by the API: a host's row, the aggregates. */
void hosts_changed(struct compute *c, const struct compute_host *row);
int hosts_zones_changed(struct compute *c, struct arena *a, struct txn *t, struct err *err);
void hosts_forget(struct compute *c, const char *name);

/* Copies, in the arena.  -ENOENT. */
int hosts_get(struct compute *c, struct arena *a, const char *name, struct host_state *ret);
struct list hosts_list(struct compute *c, struct arena *a); /* By name. */

/* The zone of a host; the default zone for one that is not known. */
const char *hosts_zone(struct compute *c, struct arena *a, const char *name);
