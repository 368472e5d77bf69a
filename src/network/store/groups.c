/* SPDX-License-Identifier: Apache-2.0 */
#include "network/store/groups.h"

#include "base/str.h"
#include "network/ipnum.h"
#include "network/store/rows.h"

#define G(type, member) COLUMN(type, security_group, member)
#define R(type, member) COLUMN(type, security_group_rule, member)

static const struct column group_columns[] = {
    G(FIELD_STRING, id),
    G(FIELD_STRING, project_id),
    G(FIELD_STRING, name),
    G(FIELD_STRING, description),
    G(FIELD_BOOL, stateful),
    G(FIELD_BOOL, is_default),
    STANDARD_COLUMNS(security_group),
    G(FIELD_STRV, tags),
    { 0 },
};

const struct table security_group_table = { "security_groups", "id", sizeof(struct security_group),
                                            group_columns };

static const struct column rule_columns[] = {
    R(FIELD_STRING, id),
    R(FIELD_STRING, project_id),
    R(FIELD_STRING, security_group_id),
    R(FIELD_STRING, description),
    R(FIELD_STRING, direction),
    R(FIELD_STRING, ethertype),
    R(FIELD_STRING, protocol),
    R(FIELD_INT, port_range_min),
    R(FIELD_INT, port_range_max),
    R(FIELD_STRING, remote_ip_prefix),
    R(FIELD_STRING, remote_group_id),
    STANDARD_COLUMNS(security_group_rule),
    { 0 },
};

const struct table security_group_rule_table = { "security_group_rules", "id",
                                                 sizeof(struct security_group_rule), rule_columns };

int security_group_get(struct net_ctx *c, const char *id, struct security_group *ret, struct err *err)
{
    int r = id ? table_get(c->t, c->a, &security_group_table, id, ret, err) : -ENOENT;

    if (r == -ENOENT)
        return err_http(err, 404, "SecurityGroupNotFound", "Security group %.255s does not exist.",
                        id ? id : "None");
    return r;
}

int default_group_of(struct net_ctx *c, const char *project_id, const char **ret, struct err *err)
{
    struct rows rows;
    int r;

    r = sql_query(c->t, c->a, &rows, err,
                  "SELECT security_group_id FROM default_security_groups WHERE project_id = ?",
                  val_text(project_id));
    if (r >= 0)
        *ret = rows.count ? rows_text(&rows, 0, 0) : NULL;
    return r;
}

int default_group_claim(struct net_ctx *c, const char *project_id, const char *group_id, struct err *err)
{
    int64_t r = sql_exec(c->t, err,
                         "INSERT INTO default_security_groups (project_id, security_group_id) VALUES (?, ?)",
                         val_text(project_id), val_text(group_id));

    return r < 0 ? (int) r : 0;
}

int security_group_uses(struct net_ctx *c, const char *id, int64_t *ret, struct err *err)
{
    return sql_get_int(c->t, ret, err,
                       "SELECT COUNT(*) FROM port_security_groups WHERE security_group_id = ?", val_text(id));
}

int security_group_forget(struct net_ctx *c, const char *id, struct err *err)
{
    int64_t r;

    r = sql_exec(c->t, err,
                 "DELETE FROM security_group_rules WHERE security_group_id = ? OR remote_group_id = ?",
                 val_text(id), val_text(id));
    if (r >= 0)
        r = sql_exec(c->t, err, "DELETE FROM default_security_groups WHERE security_group_id = ?",
                     val_text(id));
    return r < 0 ? (int) r : 0;
}

int rules_of_groups(struct net_ctx *c, const char *const *groups, struct list *ret, struct err *err)
{
    const struct cond cond = { .column = "security_group_id", .op = COND_IN, .list = groups };
    const struct sort_key sort = { "created_at", false };
    const struct query q = { .conds = &cond, .n_conds = 1, .sort = &sort, .n_sort = 1 };

    return table_list(c->t, c->a, &security_group_rule_table, &q, ret, err);
}

static void add_owner(void *ctx, const struct rows *r, size_t row)
{
    struct security_group *g = arena_new(((void **) ctx)[1], struct security_group);

    g->project_id = rows_text(r, row, 1);
    g->is_default = rows_int(r, row, 2, 0);
    hash_put(((void **) ctx)[0], rows_text(r, row, 0), g);
}

int rules_fill(struct net_ctx *c, struct list *rules, struct err *err)
{
    const char **ids = list_ids(c->a, rules, offsetof(struct security_group_rule, security_group_id));
    struct hash groups;
    int r;

    hash_init(&groups);
    r = rows_for_ids(c, "SELECT id, project_id, is_default FROM security_groups WHERE id IN", ids,
                     strv_len(ids), "", add_owner, (void *[]){ &groups, c->a }, err);
    for (size_t i = 0; r >= 0 && i < rules->count; i++) {
        struct security_group_rule *rule = list_at(rules, i);
        const struct security_group *g = hash_get(&groups, rule->security_group_id);

        rule->group_project_id = g ? g->project_id : NULL;
        rule->belongs_to_default_sg = g && g->is_default;
        rule->normalized_cidr = ipnet_canonical(c->a, rule->remote_ip_prefix);
    }
    hash_done(&groups);
    return r;
}

int group_addresses(struct net_ctx *c, const char *const *groups,
                    void (*each)(void *ctx, const struct rows *r, size_t row), void *ctx, struct err *err)
{
    return rows_for_ids(c,
                        "SELECT g.security_group_id, a.ip_address FROM port_security_groups g "
                        "JOIN ip_allocations a ON a.port_id = g.port_id WHERE g.security_group_id IN",
                        groups, strv_len(groups), " ORDER BY a.ip_address", each, ctx, err);
}

int group_pairs(struct net_ctx *c, const char *const *groups,
                void (*each)(void *ctx, const struct rows *r, size_t row), void *ctx, struct err *err)
{
    return rows_for_ids(c,
                        "SELECT g.security_group_id, p.allowed_address_pairs FROM port_security_groups g "
                        "JOIN ports p ON p.id = g.port_id WHERE p.allowed_address_pairs <> '[]' "
                        "AND g.security_group_id IN",
                        groups, strv_len(groups), "", each, ctx, err);
}
