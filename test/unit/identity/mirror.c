/* SPDX-License-Identifier: Apache-2.0 */
/* People of a directory as rows: when it is asked, and what becomes of them
 * when it changes. */
#include "identity/model/mirror.h"

#include "fake_directory.h"
#include "identity/store/users.h"
#include "kit.h"
#include "kit/sqltest.h"

struct lab {
    struct cloud *c;
    struct fake_directory dir;
    const char *domain_id, *admin;
};

static struct lab *lab_start(struct test *t, enum db_kind kind)
{
    const char *const options[] = {
        "domain_specific_drivers_enabled",
        "true",
        "cache_time",
        "60",
        "token_expiration_s",
        "36000",
        kind == DB_SQLITE ? NULL : "database",
        kind == DB_SQLITE ? NULL : test_db_url(t, kind),
        NULL,
    };
    struct lab *l = arena_new(test_arena(t), struct lab);
    struct httpc_reply r;

    l->c = cloud_start_with(t, options);
    l->c->s->clock.fixed_us = time_now_us();
    l->dir.people[0] = (struct fake_person){ "a1", "ann", "pa", false, "devs" };
    l->dir.people[1] = (struct fake_person){ "b1", "ben", "pb", false, NULL };
    l->dir.groups[0] = "devs";
    l->admin = log_in(l->c, "admin", "secret");
    r = call(l->c, HTTP_POST, "/v3/domains", l->admin, NULL, "{\"domain\":{\"name\":\"corp\"}}");
    EXPECT_INT(r.status, 201);
    l->domain_id = text_at(l->c, &r, "domain.id");
    directories_set(((struct identity *) l->c->s->state)->directories, l->domain_id, &fake_driver, &l->dir);
    return l;
}

static struct httpc_reply enter(struct lab *l, const char *name, const char *password)
{
    return call(l->c, HTTP_POST, "/v3/auth/tokens", NULL, NULL,
                arena_printf(l->c->a,
                             "{\"auth\":{\"identity\":{\"methods\":[\"password\"],\"password\":{\"user\":{"
                             "\"name\":\"%s\",\"domain\":{\"id\":\"%s\"},\"password\":\"%s\"}}}}}",
                             name, l->domain_id, password));
}

static int validate(struct lab *l, const char *token)
{
    return call(l->c, HTTP_GET, "/v3/auth/tokens", l->admin, token, NULL).status;
}

static void pass_seconds(struct lab *l, int64_t n)
{
    l->c->s->clock.fixed_us += n * 1000000;
}

static size_t count_users(struct lab *l, const char *query)
{
    auto_json json_t *j = NULL;
    struct httpc_reply r =
        call(l->c, HTTP_GET, arena_printf(l->c->a, "/v3/users?domain_id=%s%s", l->domain_id, query), l->admin,
             NULL, NULL);
    struct err err = { 0 };

    EXPECT_INT(r.status, 200);
    EXPECT_OK(json_read(r.body, r.body_len, &j, &err), &err);
    return json_array_size(json_at(j, "users"));
}

TEST(ids_are_those_of_keystones_generator)
{
    /* sha256("domain" "user" "local") as sha256sum gives it. */
    EXPECT_STR(entity_public_id(test_arena(t), "domain", ENTITY_USER, "local"),
               "a33b8cbe693910886a7eb6ce3a3ab28963c9c192dcbb292411c664242be5a1d9");
}

TEST_SQL(a_directory_is_asked_at_login_and_again_when_its_answer_is_old)
{
    struct lab *l = lab_start(t, kind);
    struct httpc_reply r = enter(l, "ann", "pa");
    const char *token = httpc_header(&r, "X-Subject-Token");
    unsigned asked = l->dir.asked;

    EXPECT_INT(r.status, 201);
    EXPECT_INT(asked, 3); /* Who, in which groups, with this password? */
    EXPECT_INT(validate(l, token), 200);
    pass_seconds(l, 59);
    EXPECT_INT(validate(l, token), 200);
    EXPECT_INT(l->dir.asked, asked);
    pass_seconds(l, 2);
    EXPECT_INT(validate(l, token), 200);
    EXPECT_INT(l->dir.asked, asked + 2);
    l->dir.people[0].disabled = true;
    pass_seconds(l, 61);
    EXPECT_INT(validate(l, token), 404);
    EXPECT_INT(enter(l, "ann", "pa").status, 401);
}

TEST_SQL(people_of_the_tables_never_ask_it)
{
    struct lab *l = lab_start(t, kind);
    const char *demo = log_in(l->c, "demo", "demo");

    EXPECT_INT(validate(l, demo), 200);
    pass_seconds(l, 100);
    EXPECT_INT(validate(l, demo), 200);
    EXPECT_INT(call(l->c, HTTP_GET, "/v3/users?domain_id=default", l->admin, NULL, NULL).status, 200);
    EXPECT_INT(l->dir.asked, 0);
}

TEST_SQL(a_directory_that_is_down_is_503_and_comes_back)
{
    struct lab *l = lab_start(t, kind);
    struct httpc_reply r = enter(l, "ann", "pa");
    const char *token = httpc_header(&r, "X-Subject-Token");

    l->dir.down = true;
    EXPECT_INT(enter(l, "ann", "pa").status, 503);
    EXPECT_INT(validate(l, token), 200); /* Known for a while. */
    pass_seconds(l, 61);
    EXPECT_INT(validate(l, token), 503);
    l->dir.down = false;
    EXPECT_INT(validate(l, token), 200);
}

TEST_SQL(names_may_be_swapped_and_ids_stay)
{
    struct lab *l = lab_start(t, kind);
    struct httpc_reply before = enter(l, "ann", "pa"), after;

    EXPECT_INT(enter(l, "ben", "pb").status, 201);
    l->dir.people[0].name = "ben";
    l->dir.people[1].name = "ann";
    after = enter(l, "ben", "pa");
    EXPECT_INT(after.status, 201);
    EXPECT_STR(text_at(l->c, &after, "token.user.id"), text_at(l->c, &before, "token.user.id"));
    EXPECT_INT(enter(l, "ann", "pb").status, 201);
    EXPECT_INT(validate(l, httpc_header(&after, "X-Subject-Token")), 200);
    EXPECT_INT(count_users(l, ""), 2);
}

TEST_SQL(a_name_of_the_tables_is_not_taken_over)
{
    struct lab *l = lab_start(t, kind);
    auto_rollback struct txn *txn = NULL;
    struct user u = { .id = "old", .domain_id = l->domain_id, .name = "ann", .enabled = true }, again = { 0 };
    struct err err = { 0 };

    EXPECT_OK(txn_begin(l->c->s->db, true, &txn, &err), &err);
    EXPECT_OK(table_insert(txn, l->c->a, &user_table, &u, &err), &err);
    EXPECT_OK(txn_commit(&txn, &err), &err);
    EXPECT_INT(enter(l, "ann", "pa").status, 401);
    EXPECT_INT(count_users(l, ""), 1);
    EXPECT_OK(txn_begin(l->c->s->db, false, &txn, &err), &err);
    EXPECT_OK(table_get(txn, l->c->a, &user_table, "old", &again, &err), &err);
    EXPECT_STR(again.name, "ann");
}

TEST_SQL(who_leaves_the_directory_is_gone_and_whoever_returns_has_the_old_id)
{
    struct lab *l = lab_start(t, kind);
    struct httpc_reply r = enter(l, "ann", "pa");
    const char *token = httpc_header(&r, "X-Subject-Token"), *id = text_at(l->c, &r, "token.user.id");
    struct fake_person ann = l->dir.people[0];
    const char *path = arena_printf(l->c->a, "/v3/users/%s", id);

    EXPECT_INT(call(l->c, HTTP_GET, path, l->admin, NULL, NULL).status, 200);
    l->dir.people[0].id = NULL;
    pass_seconds(l, 61);
    EXPECT_INT(validate(l, token), 404);
    EXPECT_INT(call(l->c, HTTP_GET, path, l->admin, NULL, NULL).status, 404);
    l->dir.people[0] = ann;
    EXPECT_INT(call(l->c, HTTP_GET, path, l->admin, NULL, NULL).status, 200);
    EXPECT_INT(validate(l, token), 200);
}

TEST_SQL(a_purge_removes_what_fits_and_nothing_else)
{
    struct lab *l = lab_start(t, kind);
    auto_rollback struct txn *txn = NULL;
    const struct id_mapping like[] = { { .local_id = "a1", .entity_type = "group" },
                                       { .domain_id = l->domain_id, .local_id = "a1" },
                                       { .entity_type = "user" },
                                       { 0 } };
    struct httpc_reply r = enter(l, "ann", "pa");
    const char *token = httpc_header(&r, "X-Subject-Token");
    struct err err = { 0 };

    EXPECT_INT(count_users(l, ""), 2);
    EXPECT_OK(txn_begin(l->c->s->db, true, &txn, &err), &err);
    EXPECT_INT(id_mappings_purge(txn, &like[0], &err), 0);
    EXPECT_INT(id_mappings_purge(txn, &like[1], &err), 1);
    EXPECT_INT(id_mappings_purge(txn, &like[2], &err), 1);
    EXPECT_INT(id_mappings_purge(txn, &like[3], &err), 1); /* The group. */
    EXPECT_OK(txn_commit(&txn, &err), &err);
    pass_seconds(l, 61);
    EXPECT_INT(validate(l, token), 404);
    EXPECT_INT(enter(l, "ann", "pa").status, 201);
    EXPECT_INT(validate(l, token), 200);
}

TEST_MAIN()
