/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses and routes of a namespace's devices, through rtnetlink. */
#pragma once

#include "host/ip.h"
#include "host/link.h"
#include "host/nl.h"

/* Makes the addresses of device 'name' exactly these, link-local ones of the
 * kernel aside.  Those that were added are written to 'added' (room for 'n',
 * may be null) and their number to 'ret_added': they want to be announced. */
int addr_converge(struct nl *nl, const char *name, const struct ip *want, size_t n, struct ip *added,
                  size_t *ret_added, struct err *err);

/* All addresses of device 'name'. */
int addr_list(struct arena *a, struct nl *nl, const char *name, struct ip **ret, size_t *ret_n,
              struct err *err);

struct route {
    struct ip to;          /* A network; prefixlen 0 and all zero: the default route. */
    struct ip via;         /* family 0: directly on the device. */
    char device[IFNAMSIZ]; /* Empty: the kernel finds it from 'via'. */
};

/* Makes our routes in the main table exactly these.  Ours are told from others
 * by their protocol number (ROUTE_PROTOCOL); others are not touched.  A route
 * that the kernel refuses is tried last and named in 'err'; the rest is set. */
int route_converge(struct nl *nl, const struct route *want, size_t n, struct err *err);

#define ROUTE_PROTOCOL 83
