/* SPDX-License-Identifier: Apache-2.0 */
#include "compute/store/common.h"

int counter_next(struct txn *t, const char *name, int64_t *ret, struct err *err)
{
    int64_t n = sql_exec(t, err, "UPDATE counters SET value = value + 1 WHERE name = ?", val_text(name));

    if (n == 0)
        n = sql_exec(t, err, "INSERT INTO counters (name, value) VALUES (?, 1)", val_text(name));
    if (n == -EEXIST)
        return err_set(err, -EAGAIN, "another request counts too");
    if (n < 0)
        return (int) n;
    return sql_get_int(t, ret, err, "SELECT value FROM counters WHERE name = ?", val_text(name));
}
