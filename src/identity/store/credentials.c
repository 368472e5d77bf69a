/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/store/credentials.h"

static const struct column columns[] = {
    COLUMN(FIELD_STRING, credential, id),
    COLUMN(FIELD_STRING, credential, user_id),
    COLUMN(FIELD_STRING, credential, project_id),
    COLUMN(FIELD_STRING, credential, type),
    COLUMN(FIELD_STRING, credential, encrypted_blob),
    COLUMN(FIELD_STRING, credential, key_hash),
    COLUMN(FIELD_JSON, credential, extra),
    { 0 },
};

const struct table credential_table = { "credentials", "id", sizeof(struct credential), columns };

int credentials_count(struct txn *t, const char *user_id, int64_t *ret, struct err *err)
{
    return sql_get_int(t, ret, err, "SELECT COUNT(*) FROM credentials WHERE user_id = ?", val_text(user_id));
}

int credentials_forget_user(struct txn *t, const char *user_id, struct err *err)
{
    int64_t n = sql_exec(t, err, "DELETE FROM credentials WHERE user_id = ?", val_text(user_id));

    return n < 0 ? (int) n : 0;
}

int credentials_forget_project(struct txn *t, const char *project_id, struct err *err)
{
    int64_t n = sql_exec(t, err, "DELETE FROM credentials WHERE project_id = ?", val_text(project_id));

    return n < 0 ? (int) n : 0;
}
