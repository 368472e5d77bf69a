/* SPDX-License-Identifier: Apache-2.0 */
/* Network devices of one namespace, through rtnetlink.
 *
 * Each *_ensure() may be repeated: it makes the device or, when a device of
 * that name and kind is there, changes what differs and can be changed.  A
 * device of that name and another kind is -EEXIST.  What we make carries an
 * alias, the cloud's mark, by which host_network_purge() finds it. */
#pragma once

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "host/ip.h"
#include "host/nl.h"

struct link {
    int index, master; /* master 0: none */
    int peer;          /* Index of the other end of a veth, or of the parent of a VLAN; 0: none. */
    char name[IFNAMSIZ], kind[16], alias[64];
    uint8_t mac[MAC_LEN];
    uint32_t mtu;
    bool up;
    uint32_t tag;    /* VNI of a vxlan, id of a vlan. */
    struct ip local; /* Source of a vxlan's tunnel. */
    uint16_t port;   /* UDP port of a vxlan, host order. */
};

/* Device 'name'.  0, or -ENODEV with words. */
int link_get(struct nl *nl, const char *name, struct link *ret, struct err *err);

/* True when there is a device 'name'. */
bool link_exists(struct nl *nl, const char *name);

/* All devices. */
int link_list(struct arena *a, struct nl *nl, struct link **ret, size_t *ret_n, struct err *err);

/* Removes device 'name'; what is gone already is fine. */
int link_delete(struct nl *nl, const char *name, struct err *err);

/* What a device should be like; null and 0 leave as it is. */
struct link_want {
    const char *alias;
    const uint8_t *mac;
    uint32_t mtu;
    const char *master;
    bool no_master;
    bool up, down;
};

/* Changes what differs. */
int link_set(struct nl *nl, const char *name, const struct link_want *want, struct err *err);

/* A bridge without spanning tree, forwarding delay or multicast snooping. */
int bridge_ensure(struct nl *nl, const char *name, const char *alias, struct err *err);

/* A pair: 'name' in 'nl''s namespace, 'peer' in the namespace at 'peer_netns'
 * (null: the same).  A half pair is made anew. */
int veth_ensure(struct nl *nl, const char *name, const char *peer, const char *peer_netns, const char *alias,
                struct err *err);

struct vxlan_spec {
    uint32_t vni;
    struct ip local;
    uint16_t port;
};

/* A tunnel device that learns nothing and sends where its forwarding entries
 * say.  Made anew when the VNI, address or port differ. */
int vxlan_ensure(struct nl *nl, const char *name, const struct vxlan_spec *spec, const char *alias,
                 struct err *err);

/* 802.1Q on 'parent'.  -EOPNOTSUPP with the kernel's words where it has none. */
int vlan_ensure(struct nl *nl, const char *name, const char *parent, uint16_t id, const char *alias,
                struct err *err);

/* A persistent tap for a hypervisor, with virtio's header, in the calling
 * thread's namespace. */
int tap_ensure(const char *name, struct err *err);

/* --- A tunnel's forwarding entries. ---------------------------------------- */

struct fdb_entry {
    uint8_t mac[MAC_LEN]; /* All zero: where broadcasts and unknown addresses go. */
    struct ip remote;
};

/* Makes the entries of device 'name' that lead to other hosts exactly these. */
int fdb_converge(struct nl *nl, const char *name, const struct fdb_entry *want, size_t n, struct err *err);
