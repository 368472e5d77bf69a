/* SPDX-License-Identifier: Apache-2.0 */
/* Giving resources to consumers: all or nothing, and never more than there is. */
#pragma once

#include "placement/placement.h"

/* So much of one class of one provider. */
struct claim_item {
    const char *provider_uuid, *class_name;
    int64_t used;
};

/* All that a consumer shall use from now on; nothing: it uses nothing more. */
struct claim {
    struct consumer consumer;
    bool check_generation;
    int64_t generation; /* As the client knows it; FIELD_NULL_INT: there is no such consumer. */
    bool set_type;      /* consumer.type replaces what was there. */
    struct claim_item *items;
    size_t n_items;
};

/* Replaces what each of the consumers uses.  Locks the consumers and providers
 * and counts their generations up.  409 with the words of the API when it does
 * not fit or a generation differs, 400 for unknown names: those words begin
 * with 'unknown_prefix'. */
int claims_set(struct txn *t, struct arena *a, struct claim *claims, size_t n, int64_t now_us,
               const char *unknown_prefix, struct err *err);
