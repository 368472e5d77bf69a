/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/store/id_mappings.h"

#include "base/str.h"

static const struct column columns[] = {
    COLUMN(FIELD_STRING, id_mapping, public_id),
    COLUMN(FIELD_STRING, id_mapping, domain_id),
    COLUMN(FIELD_STRING, id_mapping, local_id),
    COLUMN(FIELD_STRING, id_mapping, entity_type),
    { 0 },
};

const struct table id_mapping_table = { "id_mapping", "public_id", sizeof(struct id_mapping), columns };

const struct cond id_mapping_none = { .column = "id NOT IN (SELECT public_id FROM id_mapping)",
                                      .op = COND_SQL };

int id_mapping_of(struct txn *t, struct arena *a, const char *domain_id, const char *entity_type,
                  const char *local_id, struct id_mapping *ret, struct err *err)
{
    const struct cond conds[] = {
        { .column = "domain_id", .op = COND_EQ, .value = val_text(domain_id) },
        { .column = "local_id", .op = COND_EQ, .value = val_text(local_id) },
        { .column = "entity_type", .op = COND_EQ, .value = val_text(entity_type) },
    };

    return table_find(t, a, &id_mapping_table, conds, ARRAY_SIZE(conds), ret, err);
}

int id_mappings_list(struct txn *t, struct arena *a, const char *domain_id, const char *entity_type,
                     struct list *ret, struct err *err)
{
    const struct cond conds[] = {
        { .column = "domain_id", .op = COND_EQ, .value = val_text(domain_id) },
        { .column = "entity_type", .op = COND_EQ, .value = val_text(entity_type) },
    };
    const struct query q = { .conds = conds, .n_conds = ARRAY_SIZE(conds) };

    return table_list(t, a, &id_mapping_table, &q, ret, err);
}

int id_mappings_of_assigned_groups(struct txn *t, struct arena *a, const char ***ret, struct err *err)
{
    const char **all = NULL;
    struct rows rows;
    int r = sql_query(t, a, &rows, err,
                      "SELECT public_id FROM id_mapping WHERE entity_type = 'group' AND public_id IN "
                      "(SELECT actor_id FROM assignments WHERE actor_type = 'group')");

    for (size_t i = 0; r >= 0 && i < rows.count; i++)
        all = strv_add(a, all, rows_text(&rows, i, 0));
    *ret = all;
    return r;
}

#define LIKE                                                                                    \
    "(? = '' OR public_id = ?) AND (? = '' OR domain_id = ?) AND (? = '' OR local_id = ?) AND " \
    "(? = '' OR entity_type = ?)"
#define THOSE "(SELECT public_id FROM id_mapping WHERE " LIKE ")"

int64_t id_mappings_purge(struct txn *t, const struct id_mapping *like, struct err *err)
{
    static const char *const statements[] = {
        "DELETE FROM memberships WHERE user_id IN " THOSE,
        "DELETE FROM memberships WHERE group_id IN " THOSE,
        "DELETE FROM users WHERE id IN " THOSE,
        "DELETE FROM groups_ WHERE id IN " THOSE,
        "DELETE FROM id_mapping WHERE " LIKE,
    };
    const char *const parts[] = { like->public_id, like->domain_id, like->local_id, like->entity_type };
    struct val v[2 * ARRAY_SIZE(parts)];
    int64_t n = 0;

    for (size_t i = 0; i < ARRAY_SIZE(v); i++)
        v[i] = val_text(parts[i / 2] ? parts[i / 2] : "");
    for (size_t i = 0; i < ARRAY_SIZE(statements) && n >= 0; i++)
        n = sql_exec_v(t, err, statements[i], v, ARRAY_SIZE(v));
    return n;
}

int mirrored_forget(struct txn *t, const char *entity_type, const char *id, struct err *err)
{
    bool user = str_eq(entity_type, "user");
    int64_t n = sql_exec(t, err,
                         user ? "DELETE FROM memberships WHERE user_id = ?"
                              : "DELETE FROM memberships WHERE group_id = ?",
                         val_text(id));

    if (n >= 0)
        n = sql_exec(t, err, user ? "DELETE FROM users WHERE id = ?" : "DELETE FROM groups_ WHERE id = ?",
                     val_text(id));
    return n < 0 ? (int) n : 0;
}

int mirrored_evict(struct txn *t, const char *entity_type, const char *domain_id, const char *name,
                   const char *id, struct err *err)
{
    bool user = str_eq(entity_type, "user");
    int64_t n = sql_exec(t, err,
                         user ? "DELETE FROM users WHERE domain_id = ? AND name = ? AND id <> ? AND id IN "
                                "(SELECT public_id FROM id_mapping WHERE entity_type = 'user')"
                              : "DELETE FROM groups_ WHERE domain_id = ? AND name = ? AND id <> ? AND id IN "
                                "(SELECT public_id FROM id_mapping WHERE entity_type = 'group')",
                         val_text(domain_id), val_text(name), val_text(id));

    if (n < 0)
        return (int) n;
    return n ? 0
             : err_http(
                   err, 409, NULL,
                   "The directory's %s '%.255s' has the name of a %s of the database in the same domain.",
                   entity_type, name, entity_type);
}
