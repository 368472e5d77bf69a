/* SPDX-License-Identifier: Apache-2.0 */
/* More of something than most clouds have: it is answered, and in time. */
#include "kit.h"

#define MANY 33000 /* More values than a statement of SQLite takes. */

static void run(struct cloud *c, const char *sql)
{
    auto_rollback struct txn *t = NULL;
    struct err err = { 0 };

    EXPECT_OK(txn_begin(c->s->db, true, &t, &err), &err);
    EXPECT_OK((int) (sql_exec_v(t, &err, sql, NULL, 0) > 0 ? 0 : -EIO), &err);
    EXPECT_OK(txn_commit(&t, &err), &err);
}

/* A table of the numbers up to 'n'. */
static const char *numbers(struct cloud *c, int n)
{
    return arena_printf(
        c->a, "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %d)", n);
}

static size_t count(struct cloud *c, const char *token, const char *path, const char *plural)
{
    struct httpc_reply r = call(c, HTTP_GET, path, token, NULL, NULL);
    auto_json json_t *j = NULL;
    struct err err = { 0 };

    EXPECT_INT(r.status, 200);
    EXPECT_OK(json_read(r.body, r.body_len, &j, &err), &err);
    return json_array_size(json_arr(j, plural));
}

static const char *id_in(struct cloud *c, const char *admin, const char *plural, const char *name)
{
    struct httpc_reply r =
        call(c, HTTP_GET, arena_printf(c->a, "/v3/%s?name=%s", plural, name), admin, NULL, NULL);
    auto_json json_t *j = NULL;

    EXPECT_OK(json_read(r.body, r.body_len, &j, NULL), NULL);
    return arena_strdup(c->a, json_str(json_array_get(json_arr(j, plural), 0), "id"));
}

TEST(the_members_of_a_large_group_are_listed)
{
    struct cloud *c = cloud_start(t);
    const char *admin = log_in(c, "admin", "secret"), *path;

    EXPECT_INT(call(c, HTTP_POST, "/v3/groups", admin, NULL, "{\"group\":{\"name\":\"g\"}}").status, 201);
    path = id_in(c, admin, "groups", "g");
    run(c, arena_printf(
               c->a,
               "%s INSERT INTO users (id, domain_id, name, enabled) SELECT 'u' || n, 'default', 'u' || n, 1 "
               "FROM numbers",
               numbers(c, MANY)));
    run(c, arena_printf(c->a,
                        "%s INSERT INTO memberships (user_id, group_id) SELECT 'u' || n, '%s' FROM numbers",
                        numbers(c, MANY), path));
    path = arena_printf(c->a, "/v3/groups/%s/users", path);
    EXPECT_INT(count(c, admin, path, "users"), MANY);
    EXPECT_INT(count(c, admin, arena_printf(c->a, "%s?name=u7", path), "users"), 1);
}

/* Below a project on which the role is inherited: ten hold the others. */
TEST(whoever_has_many_projects_sees_them)
{
    struct cloud *c = cloud_start(t);
    const char *admin = log_in(c, "admin", "secret"), *demo, *member = id_in(c, admin, "roles", "member");
    const char *user = id_in(c, admin, "users", "demo"), *top = id_in(c, admin, "projects", "demo");
    int64_t began_us;

    run(c,
        arena_printf(
            c->a,
            "%s INSERT INTO projects (id, domain_id, parent_id, name, enabled, is_domain) SELECT 'p' || n, "
            "'default', CASE WHEN n <= 10 THEN '%s' ELSE 'p' || (n %% 10 + 1) END, 'p' || n, n <> 11, 0 "
            "FROM numbers",
            numbers(c, MANY), top));
    EXPECT_INT(call(c, HTTP_PUT,
                    arena_printf(c->a, "/v3/OS-INHERIT/projects/%s/users/%s/roles/%s/inherited_to_projects",
                                 top, user, member),
                    admin, NULL, NULL)
                   .status,
               204);
    demo = log_in(c, "demo", "demo");
    began_us = time_mono_us();
    EXPECT_INT(count(c, demo, "/v3/auth/projects", "projects"), MANY + 1); /* With its own. */
    EXPECT_INT(count(c, demo, arena_printf(c->a, "/v3/users/%s/projects", user), "projects"), MANY + 1);
    EXPECT_INT(call(c, HTTP_GET, arena_printf(c->a, "/v3/projects/%s?subtree_as_list", top), demo, NULL, NULL)
                   .status,
               200);
    printf("%lld ms\n", (long long) (time_mono_us() - began_us) / 1000);
    EXPECT_TRUE(time_mono_us() - began_us < 20000000);
    EXPECT_INT(count(c, demo, "/v3/auth/domains", "domains"), 0);
}

/* A name is found by what is in it, whatever the letters mean to LIKE. */
TEST(projects_are_found_by_any_number_of_tags)
{
    struct cloud *c = cloud_start(t);
    const char *admin = log_in(c, "admin", "secret"), *many = "t0";
    const char *one = arena_printf(c->a, "/v3/projects/%s/tags", id_in(c, admin, "projects", "demo"));

    EXPECT_INT(call(c, HTTP_PUT, one, admin, NULL, "{\"tags\":[\"a_b\",\"50%!\"]}").status, 200);
    EXPECT_INT(count(c, admin, "/v3/projects?tags=a_b", "projects"), 1);
    EXPECT_INT(count(c, admin, "/v3/projects?tags=axb", "projects"), 0);
    EXPECT_INT(count(c, admin, "/v3/projects?tags=5%25%25", "projects"), 0);
    EXPECT_INT(count(c, admin, "/v3/projects?tags=50%25!", "projects"), 1);
    for (int i = 1; i < 2000; i++)
        many = arena_printf(c->a, "%s,t%d", many, i);
    EXPECT_INT(call(c, HTTP_GET, arena_printf(c->a, "/v3/projects?tags=%s", many), admin, NULL, NULL).status,
               400);
    EXPECT_INT(
        call(c, HTTP_GET, arena_printf(c->a, "/v3/projects?not-tags-any=%s", many), admin, NULL, NULL).status,
        400);
}

TEST_MAIN()
