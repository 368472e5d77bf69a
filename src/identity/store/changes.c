/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/store/changes.h"

int changes_add(struct txn *t, struct err *err)
{
    int64_t n = sql_exec(t, err, "UPDATE changes SET counted = counted + 1 WHERE id = 1");

    return n < 0 ? (int) n : 0;
}

int changes_get(struct txn *t, int64_t *ret, struct err *err)
{
    return sql_get_int(t, ret, err, "SELECT counted FROM changes WHERE id = 1");
}
