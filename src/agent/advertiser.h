/* SPDX-License-Identifier: Apache-2.0 */
/* Router advertisements for IPv6 subnets, sent by the agent itself on a thread
 * of its own.  What it said holds for half an hour, so that a restart of the
 * agent is not noticed. */
#pragma once

#include "base/log.h"
#include "host/neigh.h"

/* One interface of one router. */
struct advert {
    const char *netns;  /* Path of the router's namespace. */
    const char *device; /* qr-... */
    int index;          /* The device's, to see that it is still the same. */
    uint8_t mac[MAC_LEN];
    struct ra_spec spec;
};

struct advertiser;

int advertiser_new(const struct log *log, struct advertiser **ret, struct err *err);
void advertiser_free(struct advertiser *a);

/* From now on exactly these are advertised: new and changed ones at once, all
 * of them now and then, and to each host that asks. */
void advertiser_set(struct advertiser *a, const struct advert *list, size_t n);
