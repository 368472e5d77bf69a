/* SPDX-License-Identifier: Apache-2.0 */
/* Talking to the compute agent of a host (doc/wishes-compute.md). */
#pragma once

#include "compute/compute.h"

/* One call to host 'host'; '*ret' (may be null) is the caller's.  -EHOSTDOWN when
 * nobody listens there. */
int agent_call(struct server *s, struct arena *a, const char *host, const char *method, const json_t *args,
               const char *request_id, json_t **ret, struct err *err);

/* The wish: all that the host needs to make the server.  'secrets' adds what a
 * single call needs (the token for image data).  The caller's. */
int wish_of(struct server *s, struct arena *a, const struct instance *i, bool busy, bool secrets,
            json_t **ret, struct err *err);

/* "instance-0000002a" */
const char *instance_name_of(struct arena *a, const struct instance *i);

/* Power states by their words in the contract. */
enum power_state power_of(const char *word);
