/* SPDX-License-Identifier: Apache-2.0 */
#include "image/store/members.h"

static const struct column columns[] = {
    COLUMN(FIELD_STRING, image_member, image_id), COLUMN(FIELD_STRING, image_member, member_id),
    COLUMN(FIELD_STRING, image_member, status),   COLUMN(FIELD_TIME, image_member, created_at),
    COLUMN(FIELD_TIME, image_member, updated_at), { 0 },
};

/* The key is a pair in truth; what is asked by one column is the image's list. */
const struct table image_member_table = { "image_members", "member_id", sizeof(struct image_member),
                                          columns };

static struct cond of_image(const char *image_id)
{
    return (struct cond){ .column = "image_id", .op = COND_EQ, .value = val_text(image_id) };
}

int image_member_find(struct txn *t, struct arena *a, const char *image_id, const char *member_id,
                      struct image_member *ret, struct err *err)
{
    const struct cond conds[] = {
        of_image(image_id),
        { .column = "member_id", .op = COND_EQ, .value = val_text(member_id) },
    };

    return table_find(t, a, &image_member_table, conds, ARRAY_SIZE(conds), ret, err);
}

int image_member_list(struct txn *t, struct arena *a, const char *image_id, struct list *ret, struct err *err)
{
    const struct cond conds[] = { of_image(image_id) };
    const struct query q = { .conds = conds, .n_conds = 1 };

    return table_list(t, a, &image_member_table, &q, ret, err);
}

int image_member_set_status(struct txn *t, const struct image_member *m, struct err *err)
{
    int64_t r = sql_exec(
        t, err, "UPDATE image_members SET status = ?, updated_at = ? WHERE image_id = ? AND member_id = ?",
        val_text(m->status), val_int(m->updated_at), val_text(m->image_id), val_text(m->member_id));

    return r < 0 ? (int) r : 0;
}

int image_member_delete(struct txn *t, const struct image_member *m, struct err *err)
{
    int64_t r = sql_exec(t, err, "DELETE FROM image_members WHERE image_id = ? AND member_id = ?",
                         val_text(m->image_id), val_text(m->member_id));

    return r < 0 ? (int) r : 0;
}
