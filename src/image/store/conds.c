/* SPDX-License-Identifier: Apache-2.0 */
#include "image/store/conds.h"

#include "base/str.h"

#define SECOND_US 1000000

static struct cond sql(struct arena *a, const char *text, size_t n, const struct val *vals)
{
    return (struct cond){
        .column = text, .op = COND_SQL, .vals = arena_memdup(a, vals, n * sizeof(*vals)), .n_vals = n
    };
}

struct cond image_with_tag(struct arena *a, const char *tag)
{
    const struct val vals[] = { val_text(tag) };

    return sql(a, "id IN (SELECT x.image_id FROM image_tags x WHERE x.value = ?)", 1, vals);
}

struct cond image_with_property(struct arena *a, const char *name, const char *value)
{
    const struct val vals[] = { val_text(name), val_text(value) };

    return sql(a, "id IN (SELECT x.image_id FROM image_properties x WHERE x.name = ? AND x.value = ?)", 2,
               vals);
}

struct cond image_known_to(struct arena *a, const char *project_id, const char *member_status)
{
    const struct val vals[] = { val_text(project_id), val_text(project_id), val_text(member_status) };
    bool any = str_eq(member_status, "all");

    return sql(
        a,
        any ? "(visibility IN ('public', 'community') OR owner = ? OR (visibility = 'shared' AND id IN "
              "(SELECT x.image_id FROM image_members x WHERE x.member_id = ?)))"
            : "(visibility IN ('public', 'community') OR owner = ? OR (visibility = 'shared' AND id IN "
              "(SELECT x.image_id FROM image_members x WHERE x.member_id = ? AND x.status = ?)))",
        any ? 2 : 3, vals);
}

struct cond image_not_of_community(struct arena *a, const char *project_id)
{
    const struct val vals[] = { val_text(project_id) };

    return sql(a, "(owner = ? OR visibility <> 'community')", 1, vals);
}

struct cond image_at_second(struct arena *a, const char *column, enum cond_op op, int64_t us)
{
    const struct val range[] = { val_int(us), val_int(us + SECOND_US) };

    switch (op) {
    case COND_EQ:
        return sql(a, arena_printf(a, "(%s >= ? AND %s < ?)", column, column), 2, range);
    case COND_NE:
        return sql(a, arena_printf(a, "NOT (%s >= ? AND %s < ?)", column, column), 2, range);
    case COND_GT: /* Beyond all of that second. */
        return (struct cond){ .column = column, .op = COND_GE, .value = range[1] };
    case COND_LE:
        return (struct cond){ .column = column, .op = COND_LT, .value = range[1] };
    default:
        return (struct cond){ .column = column, .op = op, .value = range[0] };
    }
}

struct cond image_none(void)
{
    return (struct cond){ .column = "1 = 0", .op = COND_SQL };
}
