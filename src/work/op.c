/* SPDX-License-Identifier: Apache-2.0 */
#include "work/work.h"

#include <errno.h>

#include "base/str.h"
#include "base/uuid.h"

const char op_migration_sql[] = "CREATE TABLE operations ("
                                "  seq {serial},"
                                "  id {key} NOT NULL UNIQUE,"
                                "  kind {name} NOT NULL,"
                                "  resource_id {name} NOT NULL,"
                                "  request_id {key},"
                                "  project_id {key},"
                                "  user_id {key},"
                                "  args {text} NOT NULL,"
                                "  state {text} NOT NULL,"
                                "  step INTEGER NOT NULL,"
                                "  attempts INTEGER NOT NULL,"
                                "  begun {bool} NOT NULL,"
                                "  undoing {bool} NOT NULL,"
                                "  wakes INTEGER NOT NULL,"
                                "  created_us BIGINT NOT NULL,"
                                "  step_since_us BIGINT NOT NULL,"
                                "  due_us BIGINT NOT NULL,"
                                "  lease_owner {name} NOT NULL,"
                                "  err_code INTEGER NOT NULL,"
                                "  err_status INTEGER NOT NULL,"
                                "  err_type {name},"
                                "  err_words {text}"
                                ");\n"
                                "CREATE INDEX operations_due ON operations (due_us);\n"
                                "CREATE INDEX operations_resource ON operations (resource_id, seq);\n"
                                "CREATE INDEX operations_lease ON operations (lease_owner);\n";

int op_start(struct txn *t, struct arena *a, const struct op_spec *s, const char **ret_id, struct err *err)
{
    auto_free char *args = s->args ? json_dumps(s->args, JSON_COMPACT) : strdup("{}");
    int64_t now = time_now_us();
    const char *id = uuid_new(a);
    int64_t r;

    if (!args)
        return err_set(err, -EINVAL, "The arguments of '%s' cannot be written as JSON.", s->kind);
    r = sql_exec(t, err,
                 "INSERT INTO operations (id, kind, resource_id, request_id, project_id, user_id, args,"
                 " state, step, attempts, begun, undoing, wakes, created_us, step_since_us, due_us,"
                 " lease_owner, err_code, err_status)"
                 " VALUES (?, ?, ?, ?, ?, ?, ?, '{}', 0, 0, 0, 0, 0, ?, 0, ?, '', 0, 0)",
                 val_text(id), val_text(s->kind), val_text(s->resource_id), val_text(s->request_id),
                 val_text(s->project_id), val_text(s->user_id), val_text(args), val_int(now),
                 val_int(s->not_before_us > now ? s->not_before_us : now));
    if (r < 0)
        return (int) r;
    if (ret_id)
        *ret_id = id;
    return 0;
}

int op_exists(struct txn *t, const char *resource_id, const char *kind, bool *ret, struct err *err)
{
    int64_t n = 0;
    int r;

    if (kind)
        r = sql_get_int(t, &n, err, "SELECT COUNT(*) FROM operations WHERE resource_id = ? AND kind = ?",
                        val_text(resource_id), val_text(kind));
    else
        r = sql_get_int(t, &n, err, "SELECT COUNT(*) FROM operations WHERE resource_id = ?",
                        val_text(resource_id));
    if (r < 0)
        return r;
    *ret = n > 0;
    return 0;
}

int op_wait(struct op_run *r, int64_t ms)
{
    r->wait_ms = ms > 0 ? ms : 0;
    return OP_WAIT;
}
