/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens that open a console; only their digest is kept. */
#pragma once

#include "compute/compute.h"
#include "data/table.h"

struct console_token {
    const char *token_hash, *instance_id, *type, *host;
    int64_t port, expires_us;
};

extern const struct table console_token_table;

/* Removes those that expired before 'now_us'. */
int console_tokens_expire(struct txn *t, int64_t now_us, struct err *err);
