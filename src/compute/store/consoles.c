/* SPDX-License-Identifier: Apache-2.0 */
#include "compute/store/consoles.h"

static const struct column columns[] = {
    COLUMN(FIELD_STRING, console_token, token_hash),
    COLUMN(FIELD_STRING, console_token, instance_id),
    COLUMN(FIELD_STRING, console_token, type),
    COLUMN(FIELD_STRING, console_token, host),
    COLUMN(FIELD_INT, console_token, port),
    COLUMN(FIELD_INT, console_token, expires_us),
    { 0 },
};

const struct table console_token_table = { "console_tokens", "token_hash", sizeof(struct console_token),
                                           columns };

int console_tokens_expire(struct txn *t, int64_t now_us, struct err *err)
{
    int64_t n = sql_exec(t, err, "DELETE FROM console_tokens WHERE expires_us < ?", val_int(now_us));

    return n < 0 ? (int) n : 0;
}
