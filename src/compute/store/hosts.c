/* SPDX-License-Identifier: Apache-2.0 */
#include "compute/store/hosts.h"

#include "base/str.h"
#include "base/uuid.h"
#include "compute/store/common.h"

static const struct column host_columns[] = {
    COLUMN(FIELD_STRING, compute_host, id),
    COLUMN(FIELD_INT, compute_host, number),
    COLUMN_AS("binary_", FIELD_STRING, compute_host, binary),
    COLUMN(FIELD_STRING, compute_host, host),
    COLUMN(FIELD_BOOL, compute_host, disabled),
    COLUMN(FIELD_BOOL, compute_host, forced_down),
    COLUMN(FIELD_STRING, compute_host, disabled_reason),
    COLUMN(FIELD_STRING, compute_host, node_id),
    COLUMN(FIELD_JSON, compute_host, facts),
    COLUMN(FIELD_TIME, compute_host, created_at),
    COLUMN(FIELD_TIME, compute_host, updated_at),
    COLUMN(FIELD_TIME, compute_host, seen_us),
    { 0 },
};

const struct table compute_host_table = { "hosts", "id", sizeof(struct compute_host), host_columns };

static const struct column aggregate_columns[] = {
    COLUMN(FIELD_STRING, aggregate, id),       COLUMN(FIELD_INT, aggregate, number),
    COLUMN(FIELD_STRING, aggregate, name),     COLUMN(FIELD_JSON, aggregate, metadata),
    COLUMN(FIELD_STRV, aggregate, hosts),      COLUMN(FIELD_TIME, aggregate, created_at),
    COLUMN(FIELD_TIME, aggregate, updated_at), { 0 },
};

const struct table aggregate_table = { "aggregates", "id", sizeof(struct aggregate), aggregate_columns };

static int make_host(struct txn *t, struct arena *a, const char *host, const char *binary, int64_t now_us,
                     struct compute_host *ret, struct err *err)
{
    int r;

    *ret = (struct compute_host){
        .id = uuid_new(a),
        .binary = binary,
        .host = host,
        .created_at = now_us,
        .seen_us = now_us,
    };
    if (str_eq(binary, BINARY_COMPUTE))
        ret->node_id = uuid_new(a);
    r = counter_next(t, "hosts", &ret->number, err);
    return r < 0 ? r : table_insert(t, a, &compute_host_table, ret, err);
}

int compute_host_find(struct txn *t, struct arena *a, const char *host, const char *binary, bool create,
                      int64_t now_us, struct compute_host *ret, struct err *err)
{
    const struct cond conds[] = {
        { .column = "host", .op = COND_EQ, .value = val_text(host) },
        { .column = "binary_", .op = COND_EQ, .value = val_text(binary) },
    };
    int r = table_find(t, a, &compute_host_table, conds, ARRAY_SIZE(conds), ret, err);

    return r == -ENOENT && create ? make_host(t, a, host, binary, now_us, ret, err) : r;
}

int aggregate_get(struct txn *t, struct arena *a, int64_t number, struct aggregate *ret, struct err *err)
{
    const struct cond c = { .column = "number", .op = COND_EQ, .value = val_int(number) };

    return table_find(t, a, &aggregate_table, &c, 1, ret, err);
}

int aggregate_all(struct txn *t, struct arena *a, struct list *ret, struct err *err)
{
    const struct sort_key by_number = { "number", false };

    return table_list(t, a, &aggregate_table, &(struct query){ .sort = &by_number, .n_sort = 1 }, ret, err);
}

int hosts_used(struct txn *t, struct arena *a, struct rows *ret, struct err *err)
{
    return sql_query(t, a, ret, err,
                     "SELECT host, COUNT(*), SUM(vcpus), SUM(memory_mb), SUM(root_gb + ephemeral_gb) FROM "
                     "instances WHERE deleted = 0 AND host IS NOT NULL GROUP BY host");
}

int host_projects(struct txn *t, struct arena *a, const char *host, struct rows *ret, struct err *err)
{
    return sql_query(t, a, ret, err,
                     "SELECT project_id, SUM(vcpus), SUM(memory_mb), SUM(root_gb + ephemeral_gb) FROM "
                     "instances WHERE host = ? AND deleted = 0 GROUP BY project_id ORDER BY project_id",
                     val_text(host));
}

int host_servers(struct txn *t, struct arena *a, const char *host, struct rows *ret, struct err *err)
{
    return sql_query(t, a, ret, err,
                     "SELECT id, number, name FROM instances WHERE host = ? AND deleted = 0 ORDER BY number",
                     val_text(host));
}
