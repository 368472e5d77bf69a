/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/bootstrap.h"

#include "base/str.h"
#include "base/uuid.h"
#include "identity/identity.h"
#include "identity/model/passwords.h"
#include "identity/model/revocations.h"
#include "identity/store/assignments.h"
#include "identity/store/endpoints.h"
#include "identity/store/projects.h"
#include "identity/store/regions.h"
#include "identity/store/roles.h"
#include "identity/store/services.h"
#include "identity/store/users.h"

struct boot {
    struct server *srv;
    const struct bootstrap_spec *spec;
    struct arena arena;
    char **hashes; /* One for each user; null where no other password was given. */
};

static const char *const role_names[] = { "admin", "manager", "member", "reader", "service" };

/* Each implies the next: admin > manager > member > reader. */
#define IMPLYING 4

static int make_domain(struct boot *b, struct txn *t, struct err *err)
{
    struct project d = { .id = default_domain(b->srv),
                         .domain_id = "",
                         .parent_id = "",
                         .name = "Default",
                         .description = "The default domain",
                         .enabled = true,
                         .is_domain = true };
    struct project have = { 0 };
    int r = table_get(t, &b->arena, &project_table, d.id, &have, err);

    return r == -ENOENT ? table_insert(t, &b->arena, &project_table, &d, err) : r;
}

/* One that rules speak of: nobody removes it by mistake. */
static int make_role(struct boot *b, struct txn *t, const char *name, const char **ret_id, struct err *err)
{
    struct role role = { 0 };
    int r = role_find(t, &b->arena, "", name, &role, err);

    if (r == -ENOENT) {
        role = (struct role){
            .id = uuid_new_hex(&b->arena),
            .domain_id = "",
            .name = name,
            .options = b->spec->mutable_roles ? NULL : "{\"immutable\":true}",
        };
        r = table_insert(t, &b->arena, &role_table, &role, err);
    }
    *ret_id = role.id;
    return r;
}

static int make_roles(struct boot *b, struct txn *t, struct err *err)
{
    const char *ids[ARRAY_SIZE(role_names)];
    int r = 0;

    for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(role_names); i++)
        r = make_role(b, t, role_names[i], &ids[i], err);
    for (size_t i = 0; r >= 0 && i + 1 < IMPLYING; i++) {
        int64_t n;

        r = sql_get_int(t, &n, err,
                        "SELECT COUNT(*) FROM implied_roles WHERE prior_id = ? AND implied_id = ?",
                        val_text(ids[i]), val_text(ids[i + 1]));
        if (r >= 0 && !n)
            n = sql_exec(t, err, "INSERT INTO implied_roles (prior_id, implied_id) VALUES (?, ?)",
                         val_text(ids[i]), val_text(ids[i + 1]));
        r = r < 0 ? r : n < 0 ? (int) n : 0;
    }
    return r;
}

/* An id that was asked for is that of the row, or free for a new one. */
static int check_id(struct boot *b, struct txn *t, const struct table *table, const char *name,
                    const char *want, const char *have, struct err *err)
{
    void *other = arena_alloc(&b->arena, table->size);
    int r;

    if (!want || str_eq(want, have))
        return 0;
    if (have)
        return err_set(err, -EEXIST, "'%s' is there already, with the id %s", name, have);
    memset(other, 0, table->size);
    r = table_get(t, &b->arena, table, want, other, err);
    if (r >= 0)
        return err_set(err, -EEXIST, "the id %s is taken", want);
    return r == -ENOENT ? 0 : r;
}

static int make_project(struct boot *b, struct txn *t, const char *name, const char *id, const char **ret_id,
                        struct err *err)
{
    struct project p = { 0 };
    int r = project_find(t, &b->arena, default_domain(b->srv), name, &p, err);

    if (r >= 0 || r == -ENOENT)
        r = check_id(b, t, &project_table, name, id, p.id, err);
    if (r >= 0 && !p.id) {
        p = (struct project){ .id = id ? id : uuid_new_hex(&b->arena),
                              .domain_id = default_domain(b->srv),
                              .parent_id = default_domain(b->srv),
                              .name = name,
                              .description = "",
                              .enabled = true };
        r = table_insert(t, &b->arena, &project_table, &p, err);
    }
    *ret_id = p.id;
    return r;
}

static int grant(struct boot *b, struct txn *t, const char *user_id, const char *type, const char *target,
                 const char *role, struct err *err)
{
    struct assignment as = {
        .actor_type = "user", .actor_id = user_id, .target_type = type, .target_id = target
    };
    int r = make_role(b, t, role, &as.role_id, err);

    return r < 0 ? r : assignment_add(t, &b->arena, &as, err);
}

/* Who is here already can log in afterwards, with the password that was given. */
static int revive_user(struct boot *b, struct txn *t, struct user *u, const char *hash, int64_t now_us,
                       struct err *err)
{
    static const char *const only[] = { "enabled", NULL };
    const char *before = u->password_hash;
    int r = 0;

    if (!u->enabled) {
        u->enabled = true;
        r = table_update(t, &b->arena, &user_table, u, only, err);
    }
    if (r < 0 || !hash)
        return r;
    u->password_hash = hash;
    u->password_created_us = now_us;
    u->password_expires_us = 0;
    r = user_set_password(t, &b->arena, u, before, err);
    return r < 0 ? r : revoke_user_in(b->srv, t, u->id, err);
}

static int grant_roles(struct boot *b, struct txn *t, const struct bootstrap_user *bu, const char *user_id,
                       const char *project_id, struct err *err)
{
    int r = project_id ? grant(b, t, user_id, "project", project_id, bu->role, err) : 0;

    if (r >= 0 && bu->system_role)
        r = grant(b, t, user_id, "system", "all", bu->system_role, err);
    return r;
}

static int make_user(struct boot *b, struct txn *t, const struct bootstrap_user *bu, const char *hash,
                     struct err *err)
{
    int64_t now_us = server_now_us(b->srv);
    const char *project_id = NULL;
    struct user u = { 0 };
    int r = 0;

    if (bu->project)
        r = make_project(b, t, bu->project, NULL, &project_id, err);
    if (r >= 0)
        r = user_find(t, &b->arena, default_domain(b->srv), bu->name, &u, err);
    if (r >= 0 || r == -ENOENT)
        r = check_id(b, t, &user_table, bu->name, bu->id, u.id, err);
    if (r < 0)
        return r;
    if (!u.id) {
        u = (struct user){ .id = bu->id ? bu->id : uuid_new_hex(&b->arena),
                           .domain_id = default_domain(b->srv),
                           .name = bu->name,
                           .enabled = true,
                           .password_hash = hash,
                           .password_created_us = now_us,
                           .created_at = now_us };
        r = table_insert(t, &b->arena, &user_table, &u, err);
    } else {
        r = revive_user(b, t, &u, hash, now_us, err);
    }
    return r < 0 ? r : grant_roles(b, t, bu, u.id, project_id, err);
}

/* --- the catalog ------------------------------------------------------------------ */

static int make_endpoint(struct boot *b, struct txn *t, const char *service_id, const char *interface,
                         const char *url, struct err *err)
{
    struct endpoint e = { .service_id = service_id,
                          .region_id = b->spec->region,
                          .interface = interface,
                          .url = url,
                          .enabled = true };
    struct endpoint have = { 0 };
    const struct cond conds[] = {
        { .column = "service_id", .op = COND_EQ, .value = val_text(service_id) },
        { .column = "interface", .op = COND_EQ, .value = val_text(interface) },
        { .column = "region_id", .op = COND_EQ, .value = val_text(b->spec->region) },
    };
    static const char *const only[] = { "url", NULL };
    int r;

    if (!url)
        return 0;
    r = table_find(t, &b->arena, &endpoint_table, conds, ARRAY_SIZE(conds), &have, err);
    if (r == -ENOENT) {
        e.id = uuid_new_hex(&b->arena);
        return table_insert(t, &b->arena, &endpoint_table, &e, err);
    }
    e.id = have.id;
    return r < 0 ? r : table_update(t, &b->arena, &endpoint_table, &e, only, err);
}

static int make_service(struct boot *b, struct txn *t, const struct bootstrap_service *bs, struct err *err)
{
    const struct cond conds[] = { { .column = "type", .op = COND_EQ, .value = val_text(bs->type) } };
    struct catalog_service s = { 0 };
    int r = table_find(t, &b->arena, &catalog_service_table, conds, ARRAY_SIZE(conds), &s, err);

    if (r == -ENOENT) {
        s = (struct catalog_service){ .id = uuid_new_hex(&b->arena),
                                      .type = bs->type,
                                      .name = bs->name,
                                      .description = bs->description,
                                      .enabled = true };
        r = table_insert(t, &b->arena, &catalog_service_table, &s, err);
    }
    if (r >= 0)
        r = make_endpoint(b, t, s.id, "public", bs->public_url, err);
    if (r >= 0)
        r = make_endpoint(b, t, s.id, "internal", bs->internal_url, err);
    if (r >= 0)
        r = make_endpoint(b, t, s.id, "admin", bs->admin_url, err);
    return r;
}

static int make_region(struct boot *b, struct txn *t, struct err *err)
{
    struct region reg = { .id = b->spec->region, .description = "" }, have = { 0 };
    int r = !reg.id ? 0 : table_get(t, &b->arena, &region_table, reg.id, &have, err);

    return r == -ENOENT ? table_insert(t, &b->arena, &region_table, &reg, err) : r;
}

static int make_all(struct txn *t, void *ctx, struct err *err)
{
    struct boot *b = ctx;
    const char *made;
    int r;

    r = make_domain(b, t, err);
    if (r >= 0 && !b->spec->no_roles)
        r = make_roles(b, t, err);
    if (r >= 0)
        r = make_region(b, t, err);
    for (size_t i = 0; r >= 0 && b->spec->projects && b->spec->projects[i].name; i++)
        r = make_project(b, t, b->spec->projects[i].name, b->spec->projects[i].id, &made, err);
    for (size_t i = 0; r >= 0 && b->spec->users && b->spec->users[i].name; i++)
        r = make_user(b, t, &b->spec->users[i], b->hashes[i], err);
    for (size_t i = 0; r >= 0 && b->spec->services && b->spec->services[i].type; i++)
        r = make_service(b, t, &b->spec->services[i], err);
    return r;
}

/* True when the user has this password, so that nothing need change. */
static bool has_password(struct boot *b, const struct bootstrap_user *bu)
{
    auto_rollback struct txn *t = NULL;
    struct user u = { 0 };

    if (txn_begin(b->srv->db, false, &t, NULL) < 0 ||
        user_find(t, &b->arena, default_domain(b->srv), bu->name, &u, NULL) < 0)
        return false;
    txn_rollback(&t);
    return u.password_hash && password_fits(b->srv->state, &b->arena, &u, bu->password);
}

/* Before the transaction: it is slow. */
static int hash_passwords(struct boot *b, struct err *err)
{
    const struct identity *id = b->srv->state;
    size_t n = 0;
    int r = 0;

    while (b->spec->users && b->spec->users[n].name)
        n++;
    b->hashes = arena_array(&b->arena, char *, n + 1);
    for (size_t i = 0; r >= 0 && i < n; i++)
        if (!str_empty(secret_expose(b->spec->users[i].password)) && !has_password(b, &b->spec->users[i]))
            r = password_make(id, &b->arena, b->spec->users[i].password, &b->hashes[i], err);
    return r;
}

int identity_bootstrap(struct server *srv, const struct bootstrap_spec *spec, struct err *err)
{
    struct boot b = { .srv = srv, .spec = spec };
    struct identity *id = srv->state;
    int r;

    arena_init(&b.arena);
    r = hash_passwords(&b, err);
    if (r >= 0)
        r = txn_run(srv->db, make_all, &b, err);
    if (r >= 0)
        generation_bump(&id->generation);
    arena_done(&b.arena);
    return r;
}
