/* SPDX-License-Identifier: Apache-2.0 */
/* What the compute role needs from a hypervisor.
 *
 * Calls may block and come on several threads, but never two of prepare ...
 * detach for the same server at once.  Every call may be repeated: making
 * what is there and removing what is gone both succeed.  Failures follow
 * doc/wishes-compute.md: -EAGAIN, -EHOSTDOWN and -ETIMEDOUT may be asked
 * again, all else stays wrong.  Words are for the user: no paths of the host. */
#pragma once

#include <stdatomic.h>

#include "agent/agent.h"
#include "agent/compute/wish.h"

/* A running call, as others see it. */
struct task {
    atomic_bool cancelled; /* Give up soon, with -ECANCELED. */
    atomic_int progress;   /* Percent. */
};

/* Which server, where there need not be a wish. */
struct which {
    const char *host, *id, *instance_name;
};

struct guest {
    const char *id, *instance_name;
    enum guest_power power;
};

struct host_facts {
    const char *hypervisor_type, *virt_type;
    int64_t hypervisor_version;
    int64_t vcpus, memory_mb, memory_mb_used, local_gb, disk_available_gb, running_vms;
    const char *cpu_arch, *cpu_model, *cpu_vendor;
    const char **cpu_features;
    int cores, threads, sockets;
};

struct compute_driver_config {
    const struct agent_config *agent;
    const char *const *hosts; /* All that this process is; only the fake is more than one. */
    /* A guest's power changed by itself; 'reason' may be null. */
    void (*on_event)(void *ctx, const char *host, const char *server_id, enum guest_power power,
                     const char *reason);
    void *ctx;
};

struct compute_driver {
    const char *name;  /* As written in the configuration. */
    bool vif_plugging; /* Has network devices, so that ports become active. */
    bool instant;      /* Calls never wait. */

    int (*open)(const struct compute_driver_config *c, void **ret, struct err *err);
    void (*close)(void *self); /* Guests go on. */

    int (*facts)(void *self, const char *host, struct arena *a, struct host_facts *ret, struct err *err);
    /* Everything with this cloud's mark, also what is only left of a server. */
    int (*list)(void *self, const char *host, struct arena *a, struct guest **ret, size_t *ret_n,
                struct err *err);
    enum guest_power (*power)(void *self, const struct which *w);

    int (*prepare)(void *self, const char *host, const struct wish_server *s, struct task *t,
                   struct err *err);
    int (*converge)(void *self, const char *host, const struct wish_server *s, struct task *t,
                    struct err *err);
    int (*destroy)(void *self, const struct which *w, struct task *t, struct err *err);
    int (*reboot)(void *self, const char *host, const struct wish_server *s, bool hard, const char *op,
                  struct task *t, struct err *err);
    int (*snapshot)(void *self, const char *host, const struct wish_server *s, const char *image_id,
                    const char *disk_format, const char *op, struct task *t, struct err *err);
    int (*attach)(void *self, const char *host, const struct wish_server *s, const struct wish_nic *n,
                  struct task *t, struct err *err);
    int (*detach)(void *self, const char *host, const struct wish_server *s, const struct wish_nic *n,
                  struct task *t, struct err *err);

    /* The end of the console's log, at most 'lines' (-1: all) and 100 KiB; valid UTF-8. */
    int (*console_output)(void *self, const struct which *w, int64_t lines, struct arena *a, char **ret,
                          struct err *err);
    int (*vnc)(void *self, const struct which *w, struct arena *a, const char **ret_host, uint16_t *ret_port,
               struct err *err);
    int (*diagnostics)(void *self, const struct which *w, json_t **ret, struct err *err);
};

/* Ended by null. */
extern const struct compute_driver *const compute_drivers[];
extern const struct compute_driver compute_driver_fake, compute_driver_libvirt;
