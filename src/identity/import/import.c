/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/import/import.h"

#include "base/str.h"
#include "identity/identity.h"
#include "identity/import/table.h"
#include "identity/store/changes.h"

const struct import_table *const import_tables[] = {
    &import_domains,
    &import_projects,
    &import_domain_options,
    &import_secret_domain_options,
    &import_roles,
    &import_implied_roles,
    &import_groups,
    &import_users,
    &import_federated_users,
    &import_old_passwords,
    &import_memberships,
    &import_directory_ids,
    &import_user_project,
    &import_group_project,
    &import_user_domain,
    &import_group_domain,
    &import_user_system,
    &import_group_system,
    &import_regions,
    &import_services,
    &import_endpoints,
    &import_endpoint_groups,
    &import_project_endpoints,
    &import_project_endpoint_groups,
    &import_policies,
    &import_policy_associations,
    &import_credentials,
    &import_access_rules,
    &import_application_credentials,
    &import_trusts,
    &import_registered_limits,
    &import_limits,
    &import_revocations,
    NULL,
};

/* What has no place here yet, and the words for it. */
static const struct {
    const char *what, *from;
} left_behind[] = {
    { "identity providers", "identity_provider" },
    { "federation protocols", "federation_protocol" },
    { "federation mappings", "mapping" },
    { "service providers", "service_provider" },
    { "ties of users to identity providers", "federated_user" },
    { "memberships that expire", "expiring_user_group_membership" },
    { "OAuth1 consumers", "consumer" },
    { "OAuth1 access tokens", "access_token" },
    { "application credentials without a project", "application_credential WHERE project_id IS NULL" },
    { "access rules without a user", "access_rule WHERE external_id IS NULL OR user_id IS NULL" },
};

/* The tables have had this form since these steps of Keystone's own history,
 * which Yoga and Zed end with. */
static const char *const known_versions[] = { "29e87d24a316", "e25ffa003242", NULL };

struct moving {
    struct server *srv;
    const struct import_wish *wish;
    struct db *from;
    struct txn *there, *here;
    struct arena arena;
    struct strbuf *out;
};

static int check_version(struct moving *m, struct err *err)
{
    struct rows rows;
    int r = sql_query(m->there, &m->arena, &rows, err, "SELECT version_num FROM alembic_version");

    if (r == -EHOSTDOWN || r == -EAGAIN)
        return r;
    if (r < 0)
        return err_set(err, -EPROTO,
                       "the database there is not one of Keystone since Yoga (%s); "
                       "bring an older one up to Zed with keystone-manage db_sync first",
                       err->msg);
    for (size_t i = 0; i < rows.count; i++)
        if (!strv_contains(known_versions, rows_text(&rows, i, 0)))
            return err_set(err, -EPROTO,
                           "the database there is of a version of Keystone that is not known here ('%s'); "
                           "Zed's ends with %s",
                           rows_text(&rows, i, 0), strv_join(&m->arena, known_versions, " and "));
    if (rows.count != strv_len(known_versions))
        return err_set(err, -EPROTO, "Keystone's db_sync has not come to its end there; let it finish first");
    return 0;
}

static int empty_tables(struct moving *m, struct err *err)
{
    for (size_t i = 0; import_tables[i]; i++) {
        int64_t n =
            sql_exec(m->here, err, arena_printf(&m->arena, "DELETE FROM %s", import_tables[i]->table));

        if (n < 0)
            return (int) n;
    }
    return 0;
}

static int take_tables(struct moving *m, struct err *err)
{
    int r = 0;

    for (size_t i = 0; r >= 0 && import_tables[i]; i++) {
        struct import_count n;

        r = import_table(m->there, m->here, import_tables[i], m->wish, &n, err);
        if (r >= 0)
            strbuf_printf(m->out, "%-40s %8lld read, %8lld new, %8lld changed\n", import_tables[i]->what,
                          (long long) n.read, (long long) n.added, (long long) n.changed);
    }
    return r;
}

static int tell_left_behind(struct moving *m, struct err *err)
{
    int r = 0;

    for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(left_behind); i++) {
        int64_t n = 0;

        r = sql_get_int(m->there, &n, err,
                        arena_printf(&m->arena, "SELECT COUNT(*) FROM %s", left_behind[i].from));
        if (r >= 0 && n)
            strbuf_printf(m->out, "%-40s %8lld left behind: there is no such thing here\n",
                          left_behind[i].what, (long long) n);
    }
    return r;
}

static int move(struct moving *m, struct err *err)
{
    int r = check_version(m, err);

    if (r >= 0)
        r = txn_begin(m->srv->db, true, &m->here, err);
    if (r >= 0 && m->wish->replace)
        r = empty_tables(m, err);
    if (r >= 0)
        r = take_tables(m, err);
    if (r >= 0)
        r = tell_left_behind(m, err);
    if (r < 0 || m->wish->dry_run) {
        if (m->here)
            txn_rollback(&m->here);
        return r;
    }
    r = changes_add(m->here, err);
    return r < 0 ? r : txn_commit(&m->here, err);
}

int import_run(struct server *s, const struct import_wish *wish, struct strbuf *out, struct err *err)
{
    struct identity *id = s->state;
    struct moving m = { .srv = s, .wish = wish, .out = out };
    int r = db_open(wish->from, 1, &m.from, err);

    if (r < 0)
        return r;
    arena_init(&m.arena);
    r = txn_begin(m.from, false, &m.there, err);
    if (r >= 0)
        r = move(&m, err);
    if (m.there)
        txn_rollback(&m.there);
    db_close(m.from);
    arena_done(&m.arena);
    if (r >= 0 && wish->dry_run)
        strbuf_puts(out, "Nothing was written: this was a rehearsal.\n");
    else if (r >= 0)
        generation_bump(&id->generation);
    return r;
}
