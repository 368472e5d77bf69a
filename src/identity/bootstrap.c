/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/bootstrap.h"

#include "base/str.h"
#include "base/uuid.h"
#include "identity/identity.h"
#include "identity/model/passwords.h"
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
    char **hashes; /* One for each user; null where no password was given. */
};

static const char *const role_names[] = { "admin", "manager", "member", "reader", "service" };

/* Each implies the next: admin > manager > member > reader. */
#define IMPLYING 4

static int make_domain(struct boot *b, struct txn *t, struct err *err)
{
    struct project d = { .id = IDENTITY_DEFAULT_DOMAIN,
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
            .id = uuid_new_hex(&b->arena), .domain_id = "", .name = name, .options = "{\"immutable\":true}"
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

static int make_project(struct boot *b, struct txn *t, const char *name, const char **ret_id, struct err *err)
{
    struct project p = { 0 };
    int r = project_find(t, &b->arena, IDENTITY_DEFAULT_DOMAIN, name, &p, err);

    if (r == -ENOENT) {
        p = (struct project){ .id = uuid_new_hex(&b->arena),
                              .domain_id = IDENTITY_DEFAULT_DOMAIN,
                              .parent_id = IDENTITY_DEFAULT_DOMAIN,
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

static int reset_password(struct boot *b, struct txn *t, struct user *u, const char *hash, int64_t now_us,
                          struct err *err)
{
    u->password_hash = hash;
    u->password_created_us = now_us;
    u->password_expires_us = 0;
    return user_set_password(t, &b->arena, u, err);
}

static int make_user(struct boot *b, struct txn *t, const struct bootstrap_user *bu, const char *hash,
                     struct err *err)
{
    int64_t now_us = server_now_us(b->srv);
    const char *project_id;
    struct user u = { 0 };
    int r;

    r = make_project(b, t, bu->project, &project_id, err);
    if (r >= 0)
        r = user_find(t, &b->arena, IDENTITY_DEFAULT_DOMAIN, bu->name, &u, err);
    if (r == -ENOENT) {
        u = (struct user){ .id = uuid_new_hex(&b->arena),
                           .domain_id = IDENTITY_DEFAULT_DOMAIN,
                           .name = bu->name,
                           .enabled = true,
                           .password_hash = hash,
                           .password_created_us = now_us,
                           .created_at = now_us };
        r = table_insert(t, &b->arena, &user_table, &u, err);
    } else if (r >= 0 && hash) {
        r = reset_password(b, t, &u, hash, now_us, err);
    }
    if (r >= 0)
        r = grant(b, t, u.id, "project", project_id, bu->role, err);
    if (r >= 0 && bu->system_role)
        r = grant(b, t, u.id, "system", "all", bu->system_role, err);
    return r;
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
    int r = table_get(t, &b->arena, &region_table, reg.id, &have, err);

    return r == -ENOENT ? table_insert(t, &b->arena, &region_table, &reg, err) : r;
}

static int make_all(struct txn *t, void *ctx, struct err *err)
{
    struct boot *b = ctx;
    int r;

    r = make_domain(b, t, err);
    if (r >= 0)
        r = make_roles(b, t, err);
    if (r >= 0)
        r = make_region(b, t, err);
    for (size_t i = 0; r >= 0 && b->spec->users && b->spec->users[i].name; i++)
        r = make_user(b, t, &b->spec->users[i], b->hashes[i], err);
    for (size_t i = 0; r >= 0 && b->spec->services && b->spec->services[i].type; i++)
        r = make_service(b, t, &b->spec->services[i], err);
    return r;
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
        if (!str_empty(secret_expose(b->spec->users[i].password)))
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
