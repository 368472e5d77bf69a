/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of images, on each database. */
#include "base/str.h"
#include "image/store/conds.h"
#include "image/store/images.h"
#include "image/store/members.h"
#include "image/store/schema.h"
#include "kit/sqltest.h"

static struct image image_named(const char *id, const char *owner, const char *visibility)
{
    return (struct image){ .id = id,
                           .name = id,
                           .status = "queued",
                           .visibility = visibility,
                           .owner = owner,
                           .size = FIELD_NULL_INT,
                           .virtual_size = FIELD_NULL_INT,
                           .created_at = 5000000,
                           .updated_at = 5000000 };
}

static struct txn *begin(struct test *t, struct db *d)
{
    struct err err = { 0 };
    struct txn *x = NULL;

    EXPECT_OK(txn_begin(d, true, &x, &err), &err);
    return x;
}

static void add(struct test *t, struct txn *x, const char *id, const char *owner, const char *visibility)
{
    const struct image i = image_named(id, owner, visibility);
    struct err err = { 0 };

    EXPECT_OK(table_insert(x, test_arena(t), &image_table, &i, &err), &err);
}

/* The ids that a condition finds, in order. */
static const char *found(struct test *t, struct txn *x, struct cond c)
{
    const struct sort_key by_id = { "id", false };
    const struct query q = { .conds = &c, .n_conds = 1, .sort = &by_id, .n_sort = 1 };
    const char **ids = NULL;
    struct err err = { 0 };
    struct list l;

    EXPECT_OK(table_list(x, test_arena(t), &image_table, &q, &l, &err), &err);
    for (size_t i = 0; i < l.count; i++)
        ids = strv_add(test_arena(t), ids, ((struct image *) list_at(&l, i))->id);
    return ids ? strv_join(test_arena(t), ids, " ") : "";
}

TEST_SQL(an_image_comes_back_with_its_properties_and_tags)
{
    struct txn *x = begin(t, test_db(t, kind, image_schemas[0].migrations));
    struct image_property properties[] = { { "a", "1" }, { "b", "zwei ü" }, { NULL, NULL } };
    const char *tags[] = { "x", "y", NULL };
    struct image i = image_named("i1", "p1", "shared"), back = { 0 };
    struct list one = { &back, 1, sizeof(back), false };
    struct err err = { 0 };

    i.properties = properties;
    i.tags = tags;
    add(t, x, "i0", "p1", "shared");
    EXPECT_OK(table_insert(x, test_arena(t), &image_table, &i, &err), &err);
    EXPECT_OK(image_write_properties(x, &i, &err), &err);
    EXPECT_OK(image_write_tags(x, &i, &err), &err);
    EXPECT_OK(table_get(x, test_arena(t), &image_table, "i1", &back, &err), &err);
    EXPECT_OK(image_expand(x, test_arena(t), &one, &err), &err);
    EXPECT_STR(back.properties[1].value, "zwei ü");
    EXPECT_TRUE(!back.properties[2].name);
    EXPECT_STR(strv_join(test_arena(t), back.tags, " "), "x y");
    EXPECT_TRUE(back.size == FIELD_NULL_INT);
    txn_rollback(&x);
}

TEST_SQL(conditions_find_what_they_say)
{
    struct txn *x = begin(t, test_db(t, kind, image_schemas[0].migrations));
    const struct image_member m = { "i3", "p1", "pending", 1, 1 };
    struct image_property os[] = { { "os", "linux" }, { NULL, NULL } };
    const char *tags[] = { "x", NULL };
    struct image i1 = { .id = "i1", .properties = os, .tags = tags };
    struct arena *a = test_arena(t);
    struct err err = { 0 };

    add(t, x, "i1", "p1", "private");
    add(t, x, "i2", "p2", "private");
    add(t, x, "i3", "p2", "shared");
    add(t, x, "i4", "p2", "public");
    add(t, x, "i5", "p2", "community");
    EXPECT_OK(image_write_properties(x, &i1, &err), &err);
    EXPECT_OK(image_write_tags(x, &i1, &err), &err);
    EXPECT_OK(table_insert(x, a, &image_member_table, &m, &err), &err);
    EXPECT_STR(found(t, x, image_with_tag(a, "x")), "i1");
    EXPECT_STR(found(t, x, image_with_tag(a, "X")), "");
    EXPECT_STR(found(t, x, image_with_property(a, "os", "linux")), "i1");
    EXPECT_STR(found(t, x, image_with_property(a, "os", "dos")), "");
    EXPECT_STR(found(t, x, image_known_to(a, "p1", "accepted")), "i1 i4 i5");
    EXPECT_STR(found(t, x, image_known_to(a, "p1", "pending")), "i1 i3 i4 i5");
    EXPECT_STR(found(t, x, image_known_to(a, "p1", "all")), "i1 i3 i4 i5");
    EXPECT_STR(found(t, x, image_known_to(a, NULL, "all")), "i4 i5");
    EXPECT_STR(found(t, x, image_not_of_community(a, "p1")), "i1 i2 i3 i4");
    EXPECT_STR(found(t, x, image_not_of_community(a, "p2")), "i1 i2 i3 i4 i5");
    EXPECT_STR(found(t, x, image_none()), "");
    txn_rollback(&x);
}

TEST_SQL(times_are_compared_by_the_second_that_is_shown)
{
    struct txn *x = begin(t, test_db(t, kind, image_schemas[0].migrations));
    struct image i = image_named("i1", "p1", "shared");
    struct arena *a = test_arena(t);
    struct err err = { 0 };

    i.created_at = 5700000;
    EXPECT_OK(table_insert(x, a, &image_table, &i, &err), &err);
    EXPECT_STR(found(t, x, image_at_second(a, "created_at", COND_EQ, 5000000)), "i1");
    EXPECT_STR(found(t, x, image_at_second(a, "created_at", COND_NE, 5000000)), "");
    EXPECT_STR(found(t, x, image_at_second(a, "created_at", COND_GT, 5000000)), "");
    EXPECT_STR(found(t, x, image_at_second(a, "created_at", COND_GE, 5000000)), "i1");
    EXPECT_STR(found(t, x, image_at_second(a, "created_at", COND_LE, 5000000)), "i1");
    EXPECT_STR(found(t, x, image_at_second(a, "created_at", COND_LT, 5000000)), "");
    txn_rollback(&x);
}

TEST_SQL(the_status_changes_only_from_what_was_expected)
{
    struct txn *x = begin(t, test_db(t, kind, image_schemas[0].migrations));
    struct image i = image_named("i1", "p1", "shared");
    struct err err = { 0 };

    add(t, x, "i1", "p1", "shared");
    i.status = "saving";
    EXPECT_OK(image_change_status(x, test_arena(t), &i, "queued", &err), &err);
    i.status = "active";
    EXPECT_INT(image_change_status(x, test_arena(t), &i, "queued", &err), -ESTALE);
    EXPECT_OK(image_requeue_unfinished(x, &err), &err);
    EXPECT_OK(table_get(x, test_arena(t), &image_table, "i1", &i, &err), &err);
    EXPECT_STR(i.status, "queued");
    txn_rollback(&x);
}

TEST_SQL(a_deleted_image_leaves_its_id_and_nothing_else)
{
    struct txn *x = begin(t, test_db(t, kind, image_schemas[0].migrations));
    const char *tags[] = { "x", NULL };
    struct image i = { .id = "i1", .tags = tags };
    bool was = true;
    struct err err = { 0 };

    add(t, x, "i1", "p1", "shared");
    EXPECT_OK(image_write_tags(x, &i, &err), &err);
    EXPECT_OK(image_was_deleted(x, "i1", &was, &err), &err);
    EXPECT_TRUE(!was);
    EXPECT_OK(image_forget(x, "i1", 7, &err), &err);
    EXPECT_OK(image_was_deleted(x, "i1", &was, &err), &err);
    EXPECT_TRUE(was);
    EXPECT_STR(found(t, x, image_with_tag(test_arena(t), "x")), "");
    txn_rollback(&x);
}

TEST_MAIN()
