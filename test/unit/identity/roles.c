/* SPDX-License-Identifier: Apache-2.0 */
/* What roles a user has somewhere: own, of groups, inherited, implied. */
#include "base/str.h"
#include "identity/store/assignments.h"
#include "identity/store/projects.h"
#include "identity/store/schema.h"
#include "kit/sqltest.h"

/* Domain d, project p in it, q below p; user u is in group g. */
static const char *const world[] = {
    "INSERT INTO projects (id, domain_id, parent_id, name, enabled, is_domain) VALUES ('d', '', '', 'd', 1, 1)",
    "INSERT INTO projects (id, domain_id, parent_id, name, enabled, is_domain) VALUES ('p', 'd', 'd', 'p', 1, 0)",
    "INSERT INTO projects (id, domain_id, parent_id, name, enabled, is_domain) VALUES ('q', 'd', 'p', 'q', 1, 0)",
    "INSERT INTO memberships (user_id, group_id) VALUES ('u', 'g')",
    "INSERT INTO roles (id, domain_id, name) VALUES ('r1', '', 'one')",
    "INSERT INTO roles (id, domain_id, name) VALUES ('r2', '', 'two')",
    "INSERT INTO roles (id, domain_id, name) VALUES ('r3', '', 'three')",
    "INSERT INTO roles (id, domain_id, name) VALUES ('rd', 'd', 'of a domain')",
    "INSERT INTO implied_roles (prior_id, implied_id) VALUES ('r1', 'r2')",
    "INSERT INTO implied_roles (prior_id, implied_id) VALUES ('rd', 'r3')",
    "INSERT INTO implied_roles (prior_id, implied_id) VALUES ('r2', 'r1')", /* In a circle. */
    NULL,
};

static struct txn *begin_world(struct test *t, enum db_kind kind)
{
    struct db *d = test_db(t, kind, identity_schemas[0].migrations);
    struct err err = { 0 };
    struct txn *x;

    EXPECT_OK(txn_begin(d, true, &x, &err), &err);
    strv_foreach (sql, world)
        EXPECT_OK(sql_exec(x, &err, *sql), &err);
    return x;
}

static void assign(struct test *t, struct txn *x, struct assignment as)
{
    struct err err = { 0 };

    EXPECT_OK(assignment_add(x, test_arena(t), &as, &err), &err);
}

/* The names of u's roles there, sorted. */
static const char *roles_on(struct test *t, struct txn *x, const char *type, const char *id)
{
    struct role_ref *roles;
    const char **names = NULL;
    struct err err = { 0 };
    size_t n;

    EXPECT_OK(roles_of_user(x, test_arena(t), "u", type, id, NULL, &roles, &n, &err), &err);
    for (size_t i = 0; i < n; i++)
        names = strv_add(test_arena(t), names, roles[i].name);
    if (names)
        strv_sort(names);
    return names ? strv_join(test_arena(t), names, " ") : "";
}

TEST_SQL(a_role_brings_what_it_implies_once)
{
    auto_rollback struct txn *x = begin_world(t, kind);

    assign(t, x, (struct assignment){ "user", "u", "project", "p", "r1", false });
    assign(t, x, (struct assignment){ "group", "g", "project", "p", "r2", false });
    EXPECT_STR(roles_on(t, x, "project", "p"), "one two");
    EXPECT_STR(roles_on(t, x, "project", "q"), "");
    EXPECT_STR(roles_on(t, x, "domain", "d"), "");
}

TEST_SQL(a_group_gives_its_members_roles_and_nobody_else)
{
    auto_rollback struct txn *x = begin_world(t, kind);

    assign(t, x, (struct assignment){ "group", "g", "project", "p", "r3", false });
    assign(t, x, (struct assignment){ "group", "other", "project", "p", "r1", false });
    assign(t, x,
           (struct assignment){ "user", "g", "project", "p", "r1", false }); /* The same id, but a user. */
    assign(t, x, (struct assignment){ "group", "u", "project", "p", "r1", false });
    EXPECT_STR(roles_on(t, x, "project", "p"), "three");
}

TEST_SQL(what_is_inherited_holds_below_and_not_there)
{
    auto_rollback struct txn *x = begin_world(t, kind);

    assign(t, x, (struct assignment){ "user", "u", "project", "p", "r3", true });
    EXPECT_STR(roles_on(t, x, "project", "p"), "");
    EXPECT_STR(roles_on(t, x, "project", "q"), "three");
    assign(t, x, (struct assignment){ "group", "g", "domain", "d", "r1", true });
    EXPECT_STR(roles_on(t, x, "domain", "d"), "");
    EXPECT_STR(roles_on(t, x, "project", "p"), "one two");
    EXPECT_STR(roles_on(t, x, "project", "q"), "one three two");
}

TEST_SQL(a_domain_and_the_project_that_it_also_is_are_two_targets)
{
    auto_rollback struct txn *x = begin_world(t, kind);

    assign(t, x, (struct assignment){ "user", "u", "domain", "d", "r1", false });
    EXPECT_STR(roles_on(t, x, "domain", "d"), "one two");
    EXPECT_STR(roles_on(t, x, "project", "d"), "");
    assign(t, x, (struct assignment){ "user", "u", "project", "d", "r3", true });
    EXPECT_STR(roles_on(t, x, "project", "q"), "three");
}

TEST_SQL(a_role_of_a_domain_stands_only_for_what_it_implies)
{
    auto_rollback struct txn *x = begin_world(t, kind);

    assign(t, x, (struct assignment){ "user", "u", "project", "p", "rd", false });
    EXPECT_STR(roles_on(t, x, "project", "p"), "three");
}

TEST_SQL(the_system_is_a_target_of_its_own)
{
    auto_rollback struct txn *x = begin_world(t, kind);

    assign(t, x, (struct assignment){ "group", "g", "system", "all", "r3", false });
    EXPECT_STR(roles_on(t, x, "system", "all"), "three");
    EXPECT_STR(roles_on(t, x, "project", "all"), "");
}

TEST_SQL(what_is_above_a_project_ends_with_its_domain)
{
    auto_rollback struct txn *x = begin_world(t, kind);
    struct err err = { 0 };
    const char **above;

    EXPECT_OK(project_ancestors(x, test_arena(t), "q", &above, &err), &err);
    EXPECT_STR(strv_join(test_arena(t), above, " "), "p d");
    EXPECT_OK(project_ancestors(x, test_arena(t), "p", &above, &err), &err);
    EXPECT_STR(strv_join(test_arena(t), above, " "), "d");
    EXPECT_OK(project_ancestors(x, test_arena(t), "d", &above, &err), &err);
    EXPECT_TRUE(above == NULL);
    EXPECT_OK(project_ancestors(x, test_arena(t), "gone", &above, &err), &err);
    EXPECT_TRUE(above == NULL);
}

/* Ids of u's projects, or domains, sorted; by the condition that lists use, too. */
static const char *places_of(struct test *t, struct txn *x, bool domains)
{
    struct arena *a = test_arena(t);
    const struct cond c = projects_of_user_cond(a, "u", domains);
    const char **ids = NULL, **projects = NULL;
    struct err err = { 0 };
    struct list l;

    EXPECT_OK(table_list(x, a, &project_table, &(struct query){ .conds = &c, .n_conds = 1 }, &l, &err), &err);
    for (size_t i = 0; i < l.count; i++)
        ids = strv_add(a, ids, ((struct project *) list_at(&l, i))->id);
    if (!ids)
        return "";
    strv_sort(ids);
    if (!domains) {
        EXPECT_OK(projects_of_user(x, a, "u", &projects, &err), &err);
        strv_sort(projects);
        EXPECT_STR(strv_join(a, ids, " "), strv_join(a, projects, " "));
    }
    return strv_join(a, ids, " ");
}

TEST_SQL(a_user_is_where_roles_are_and_below_where_they_are_inherited)
{
    auto_rollback struct txn *x = begin_world(t, kind);

    EXPECT_STR(places_of(t, x, false), "");
    assign(t, x, (struct assignment){ "user", "u", "domain", "d", "r1", false });
    EXPECT_STR(places_of(t, x, false), "");
    EXPECT_STR(places_of(t, x, true), "d");
    assign(t, x, (struct assignment){ "group", "g", "project", "p", "r1", true });
    EXPECT_STR(places_of(t, x, false), "q");
    assign(t, x, (struct assignment){ "group", "u", "project", "p", "r1", false }); /* Another group's. */
    EXPECT_STR(places_of(t, x, false), "q");
    assign(t, x, (struct assignment){ "user", "u", "project", "q", "r1", false });
    EXPECT_STR(places_of(t, x, false), "q");
    assign(t, x, (struct assignment){ "user", "u", "domain", "d", "r3", true });
    EXPECT_STR(places_of(t, x, false), "p q");
    EXPECT_STR(places_of(t, x, true), "d");
}

/* With a million users nobody may wait while all projects are looked through. */
TEST(a_users_projects_are_found_by_indexes_of_their_ids)
{
    auto_rollback struct txn *x = begin_world(t, DB_SQLITE);
    const struct cond c = projects_of_user_cond(test_arena(t), "u", false);
    struct err err = { 0 };
    struct rows rows;

    EXPECT_OK(
        sql_query_v(x, test_arena(t), &rows, &err,
                    arena_printf(test_arena(t),
                                 "EXPLAIN QUERY PLAN SELECT name FROM projects WHERE (%s) ORDER BY name, id",
                                 c.column),
                    c.vals, c.n_vals),
        &err);
    for (size_t i = 0; i < rows.count; i++) {
        const char *step = rows_text(&rows, i, 3);

        if (strstr(step, " projects ") || str_has_prefix(step, "SEARCH p "))
            EXPECT_TRUE(strstr(step, "(id=?)") || strstr(step, "(parent_id=?)"));
    }
}

TEST_MAIN()
