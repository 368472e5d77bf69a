/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts (compute services and hypervisors in one), and aggregates of them. */
#pragma once

#include "compute/compute.h"
#include "data/table.h"

#define BINARY_COMPUTE   "nova-compute"
#define BINARY_CONDUCTOR "nova-conductor"
#define BINARY_SCHEDULER "nova-scheduler"

extern const struct table compute_host_table, aggregate_table;

/* The row of a binary on a host; made when 'create'.  -ENOENT. */
int compute_host_find(struct txn *t, struct arena *a, const char *host, const char *binary, bool create,
                      int64_t now_us, struct compute_host *ret, struct err *err);

int aggregate_get(struct txn *t, struct arena *a, int64_t number, struct aggregate *ret, struct err *err);
int aggregate_all(struct txn *t, struct arena *a, struct list *ret, struct err *err);

/* What the servers of each host take: rows of (host, servers, vcpus, memory_mb, disk_gb). */
int hosts_used(struct txn *t, struct arena *a, struct rows *ret, struct err *err);

/* What each project's servers on a host take: rows of (project_id, vcpus, memory_mb, disk_gb). */
int host_projects(struct txn *t, struct arena *a, const char *host, struct rows *ret, struct err *err);

/* The servers of a host: rows of (id, number, name). */
int host_servers(struct txn *t, struct arena *a, const char *host, struct rows *ret, struct err *err);
