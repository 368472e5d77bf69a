/* SPDX-License-Identifier: Apache-2.0 */
/* Compute: servers, flavors, key pairs, hosts, and how servers come to hosts.
 *
 * A server is called 'instance' in C, because 'struct server' is a running
 * service (rest/server.h).  One database holds everything, so that a wish, its
 * operation and its action are one transaction; 'cell' says in which cell
 * the API would show a server to be: cell0 keeps those that found no host. */
#pragma once

#include "base/field.h"
#include "base/secret.h"
#include "rest/server.h"

extern const struct service compute_service;

#define CELL0 "cell0"
#define CELL1 "cell1"

/* Section [compute]. */
struct compute_options {
    int64_t service_down_s;
    int64_t vif_plugging_timeout_s;
    bool vif_plugging_is_fatal;
    double cpu_allocation_ratio, ram_allocation_ratio, disk_allocation_ratio;
    const char *default_availability_zone;
    const char *dhcp_domain;
    const char *console_url;
    int64_t console_token_ttl_s;
    bool instance_password;
    bool force_config_drive;
    int64_t max_group_members;
    int64_t max_attempts;
    const char *image_store_dir;
    const char *metadata_host;
    int64_t metadata_port;
    struct secret metadata_secret;
    int64_t quota_instances, quota_cores, quota_ram, quota_metadata_items, quota_injected_files,
        quota_injected_file_content_bytes, quota_injected_file_path_bytes, quota_key_pairs,
        quota_server_groups, quota_server_group_members;
};

struct host_table;
struct metadata_server;

/* What a running compute keeps. */
struct compute {
    struct compute_options *opt;
    struct server *server;
    struct host_table *hosts; /* Who lives, and with what; see model/hosts.h. */
    struct metadata_server *metadata;
};

static inline struct compute *compute_of(const struct request *rq)
{
    return rq->state;
}

struct flavor {
    const char *id; /* The API's, chosen by who made it. */
    const char *name, *description;
    int64_t ram_mb, vcpus, disk_gb, swap_mb, ephemeral_gb;
    double rxtx_factor;
    bool disabled, is_public;
    const char *extra_specs; /* A JSON object. */
    int64_t created_at, updated_at;
};

struct keypair {
    const char *id, *user_id, *name, *type, *fingerprint, *public_key;
    int64_t number; /* What the API shows as its id. */
    int64_t created_at, updated_at;
};

/* Values of 'power_state', as the API has them. */
enum power_state {
    POWER_NONE = 0,
    POWER_RUNNING = 1,
    POWER_PAUSED = 3,
    POWER_SHUTDOWN = 4,
    POWER_CRASHED = 6,
    POWER_SUSPENDED = 7
};

struct instance {
    const char *id, *project_id, *user_id;
    int64_t number; /* instance-%08x */
    const char *name, *hostname, *description, *reservation_id;
    int64_t launch_index;
    const char *cell, *host, *node;
    const char *vm_state, *task_state;
    int64_t power_state;
    const char *power_wish; /* COMPUTE_POWER_* */
    int64_t generation;     /* Counts rebuilds. */
    int64_t progress;
    bool locked;
    const char *locked_by, *locked_reason;
    const char *image_id, *kernel_id, *ramdisk_id;
    const char *image;            /* JSON, as the image service showed it at the last build */
    const char *kernel, *ramdisk; /* Likewise. */
    const char *flavor_id, *flavor_name;
    int64_t vcpus, memory_mb, root_gb, ephemeral_gb, swap_mb;
    const char *extra_specs;
    const char *key_name, *key_data, *key_type, *user_data;
    bool config_drive;
    const char *az_wanted, *host_wanted, *node_wanted, *group_id, *hints;
    const char *metadata; /* JSON object */
    const char **tags;
    const char *networks; /* JSON: what was asked for; see model/nets.h */
    const char *ports;    /* JSON: what it has */
    const char **security_groups;
    const char **trusted_certs;
    const char *files; /* JSON: personality, for the config drive */
    const char *admin_password;
    const char *access_ip_v4, *access_ip_v6, *disk_config, *root_device;
    const char *system_metadata; /* JSON object */
    int64_t fault_code;
    const char *fault_message, *fault_details;
    int64_t fault_at;
    int64_t created_at, updated_at, launched_at, terminated_at, deleted_at;
    bool deleted;
};

struct instance_action {
    const char *id, *instance_id, *request_id, *action, *project_id, *user_id, *message;
    int64_t start_us, updated_us, finish_us;
};

struct instance_event {
    const char *id, *action_id, *event, *result, *host, *details;
    int64_t number;
    int64_t start_us, finish_us;
};

struct server_group {
    const char *id, *project_id, *user_id, *name, *policy;
    const char *rules; /* JSON object */
    int64_t created_at;
};

struct aggregate {
    int64_t number;
    const char *id;              /* The UUID. */
    const char *name, *metadata; /* JSON object, availability_zone among it */
    const char **hosts;
    int64_t created_at, updated_at;
};

/* A host's compute service and hypervisor, or another part of compute. */
struct compute_host {
    const char *id; /* The service's UUID. */
    int64_t number;
    const char *binary, *host;
    bool disabled, forced_down;
    const char *disabled_reason;
    const char *node_id; /* The hypervisor's UUID, its resource provider's too; null for the others. */
    const char *facts;   /* JSON: its last report */
    int64_t created_at, updated_at, seen_us;
};
