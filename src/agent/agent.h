/* SPDX-License-Identifier: Apache-2.0 */
/* The privileged roles of a host: what they are told at the start.
 *
 * Each role asks over the bus what its host must have, compares with what the
 * host has, and changes the difference (doc/wishes.md).  Stopping a role
 * stops no guest, no tunnel, no router and no DHCP server. */
#pragma once

#include "base/config.h"
#include "base/err.h"
#include "base/log.h"
#include "base/secret.h"

/* What all roles share. */
struct agent_config {
    const char *host;    /* The host's name in the cloud. */
    const char *prefix;  /* The cloud's name on this host: two clouds run side by side. [a-z0-9]{1,16} */
    const char *bus_url; /* As in bus_config; each group of roles has a connection of its own. */
    const struct log *log;
    const struct agent_network_options *network; /* Of section [agent_network]. */
    const struct agent_compute_options *compute; /* Of section [agent_compute]. */
    const char *state_dir;                       /* Absolute; guests' disks go below it. */
};

/* Section [agent_network], as agent_network_option_table describes it. */
struct agent_network_options {
    const char **roles;              /* "l2", "l3", "dhcp", "metadata" */
    const char **bridge_mappings;    /* "physnet1:br-ex" */
    const char **interface_mappings; /* "physnet2:eth1" */
    const char **edge_bridges;       /* "br-ex:172.24.4.1/24" */
    const char *local_ip;            /* Null: no tunnels. */
    int64_t vxlan_port;
    const char *run_dir;   /* Null: /run/stackd-<prefix>. */
    const char *netns_dir; /* Where namespaces get their names. */
    const char *dnsmasq;
    const char **dns_servers; /* Where dnsmasq passes questions on. */
    const char *metadata_url; /* "http://127.0.0.1:8775" */
    struct secret metadata_secret;
    int64_t resync_s, report_s;
};

extern const struct option agent_network_option_table[];

/* The network roles, on threads of their own. */
struct agent_network;

/* Begins; does not wait for the bus or the first round.  '*c' and what it
 * points to must stay until the stop. */
int agent_network_start(const struct agent_config *c, struct agent_network **ret, struct err *err);

/* Ends after the running round.  Everything on the host stays as it is. */
void agent_network_stop(struct agent_network *n);

/* Section [agent_compute], as agent_compute_option_table describes it. */
struct agent_compute_options {
    const char *driver;     /* "libvirt", "fake"; "none": this host runs no guests. */
    const char *virt_type;  /* "auto", "kvm", "qemu" */
    const char *host_ip;    /* Where the console proxy and other hosts reach this one. */
    const char *vnc_listen; /* Where guests' screens listen. */
    const char *qemu_user;  /* "auto": libvirt-qemu if there is one, "root", or another name. */
    const char *cpu_mode, *cpu_model;
    int64_t workers;
    int64_t reserved_vcpus, reserved_memory_mb, reserved_disk_gb;
    int64_t fake_hosts;
    bool resume_guests;
};

extern const struct option agent_compute_option_table[];

/* The compute role, on threads of its own. */
struct agent_compute;

/* Begins; does not wait for the bus or the first answer.  '*c' and what it
 * points to must stay until the stop. */
int agent_compute_start(const struct agent_config *c, struct agent_compute **ret, struct err *err);

/* Ends after the running steps.  Every guest stays as it is. */
void agent_compute_stop(struct agent_compute *c);
