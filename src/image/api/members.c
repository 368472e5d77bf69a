/* SPDX-License-Identifier: Apache-2.0 */
/* /v2/images/{image_id}/members: with which projects an image is shared. */
#include "image/store/members.h"
#include "base/str.h"
#include "image/api/common.h"
#include "image/api/routes.h"

#define M(type, member) FIELD(type, image_member, member, .use = ON_SHOW)

static const struct field fields[] = {
    M(FIELD_STRING, member_id), M(FIELD_STRING, image_id), M(FIELD_STRING, status),
    M(FIELD_TIME, created_at),  M(FIELD_TIME, updated_at), { 0 },
};

static void write_member(struct request *rq, struct jw *w, const struct image_member *m)
{
    jw_object(w, NULL);
    fields_write(rq, w, fields, m);
    jw_str(w, "schema", "/v2/schemas/member");
    jw_end_object(w);
}

static int reply_member(struct request *rq, const struct image_member *m)
{
    write_member(rq, reply_begin(rq), m);
    return reply_end(rq, 200);
}

static bool is_owner(struct request *rq, const struct image *i)
{
    return i->owner && str_eq(i->owner, rq->token->project_id);
}

static int refuse(const char *verb, const struct image *i, struct err *err)
{
    return err_http(err, 403, NULL, "Not allowed to %s members for image %s.", verb, i->id);
}

/* Only a shared image has members; changes are for its owner. */
static int check_owner(struct request *rq, const char *verb, const char *rule, const struct image *i,
                       struct err *err)
{
    bool must_own = !rq->server->opt.enforce_new_defaults && !image_caller_is_admin(rq);

    if (!str_eq(i->visibility, "shared") || (must_own && !is_owner(rq, i)))
        return refuse(verb, i, err);
    return image_authorize(rq, rule, i, err);
}

/* The owner sees all members, a member only itself. */
static bool may_see(struct request *rq, const struct image *i, const char *member_id)
{
    return is_owner(rq, i) || image_caller_is_admin(rq) || str_eq(member_id, rq->token->project_id);
}

static int find(struct request *rq, const struct image *i, struct image_member *ret, struct err *err)
{
    const char *id = rq_param(rq, "member_id");
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    if (r >= 0)
        r = may_see(rq, i, id) ? image_member_find(t, rq->arena, i->id, id, ret, err) : -ENOENT;
    if (r == -ENOENT)
        return err_http(err, 404, NULL, "%.255s not found in the member list of the image %s.", id, i->id);
    return r;
}

/* --- reading -------------------------------------------------------------------- */

static int list(struct request *rq, struct err *err)
{
    const struct image *i = rq->object;
    struct list l;
    struct txn *t;
    struct jw *w;
    int r;

    if (!str_eq(i->visibility, "shared"))
        return err_http(err, 403, NULL,
                        "Not allowed to list members for image %s: Only shared images have members.", i->id);
    r = image_authorize(rq, "get_members", i, err);
    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = image_member_list(t, rq->arena, i->id, &l, err);
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_array(w, "members");
    for (size_t k = 0; k < l.count; k++) {
        const struct image_member *m = list_at(&l, k);

        if (may_see(rq, i, m->member_id) && image_allows(rq, "get_member", i))
            write_member(rq, w, m);
    }
    jw_end_array(w);
    jw_str(w, "schema", "/v2/schemas/members");
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int show(struct request *rq, struct err *err)
{
    const struct image *i = rq->object;
    struct image_member m;
    int r;

    if (!str_eq(i->visibility, "shared"))
        return err_http(err, 404, NULL, "Only shared images have members.");
    if (!image_allows(rq, "get_member", i))
        return err_http(err, 404, NULL, "You are not authorized to lookup the members of the image %s.",
                        i->id);
    r = find(rq, i, &m, err);
    return r < 0 ? r : reply_member(rq, &m);
}

/* --- changing --------------------------------------------------------------------- */

static int read_new(struct request *rq, struct image_member *m, struct err *err)
{
    const json_t *v = json_object_get(rq->json, "member");

    if (!json_is_object(rq->json))
        return err_http(err, 400, NULL, "Expected a member in the form: {\"member\": \"image_id\"}");
    if (!v)
        return err_http(err, 400, NULL, "Member to be added not specified");
    if (!json_is_string(v) || !*json_string_value(v))
        return err_http(err, 400, NULL, "Member can't be empty");
    if (str_utf8_len(json_string_value(v)) > 255)
        return err_http(err, 400, NULL, "Member is longer than 255 characters");
    m->member_id = json_string_value(v);
    m->status = "pending";
    m->created_at = m->updated_at = server_now_us(rq->server);
    return 0;
}

static int check_quota(struct request *rq, struct txn *t, const struct image *i, struct err *err)
{
    int64_t max = image_of(rq)->opt->image_member_quota, n;
    const struct cond of_image = { .column = "image_id", .op = COND_EQ, .value = val_text(i->id) };
    int r = table_count(t, rq->arena, &image_member_table, &of_image, 1, &n, err);

    if (r < 0 || max < 0 || n < max)
        return r;
    return err_http(err, 413, NULL,
                    "Image member limit exceeded for image %s: The limit has been exceeded on the number of "
                    "allowed image members for this image. Attempted: %lld, Maximum: %lld:",
                    i->id, (long long) n + 1, (long long) max);
}

static int add(struct request *rq, struct err *err)
{
    const struct image *i = rq->object;
    struct image_member m = { .image_id = i->id };
    struct txn *t;
    int r = read_new(rq, &m, err);

    if (r >= 0)
        r = check_owner(rq, "create", "add_member", i, err);
    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = check_quota(rq, t, i, err);
    if (r >= 0)
        r = table_insert(t, rq->arena, &image_member_table, &m, err);
    if (r == -EEXIST)
        return err_http(err, 409, NULL, "Member %s is duplicated for image %s", m.member_id, i->id);
    return r < 0 ? r : reply_member(rq, &m);
}

static int read_status(struct request *rq, const char **ret, struct err *err)
{
    const json_t *v = json_object_get(rq->json, "status");
    const char *s = json_string_value(v);

    if (!json_is_object(rq->json))
        return err_http(err, 400, NULL, "Expected a status in the form: {\"status\": \"status\"}");
    if (!v)
        return err_http(err, 400, NULL, "Status not specified");
    if (!str_eq(s, "pending") && !str_eq(s, "accepted") && !str_eq(s, "rejected"))
        return err_http(err, 400, NULL,
                        "Incorrect request: Status must be \"pending\", \"accepted\" or \"rejected\".");
    *ret = s;
    return 0;
}

/* Whether it wants the image is the member's own decision. */
static int update(struct request *rq, struct err *err)
{
    const struct image *i = rq->object;
    bool must_not_own = !rq->server->opt.enforce_new_defaults && !image_caller_is_admin(rq);
    struct image_member m;
    const char *status = NULL;
    struct txn *t;
    int r;

    if (!str_eq(i->visibility, "shared") || (must_not_own && is_owner(rq, i)))
        return refuse("update", i, err);
    r = find(rq, i, &m, err);
    if (r >= 0)
        r = image_authorize(rq, "modify_member", i, err);
    if (r >= 0)
        r = read_status(rq, &status, err);
    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r < 0)
        return r;
    m.status = status;
    m.updated_at = server_now_us(rq->server);
    r = image_member_set_status(t, &m, err);
    return r < 0 ? r : reply_member(rq, &m);
}

static int take_away(struct request *rq, struct err *err)
{
    const struct image *i = rq->object;
    struct image_member m;
    struct txn *t;
    int r = check_owner(rq, "delete", "delete_member", i, err);

    if (r >= 0)
        r = find(rq, i, &m, err);
    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = image_member_delete(t, &m, err);
    return r < 0 ? r : reply_empty(rq, 204);
}

/* clang-format off */
const struct route image_member_routes[] = {
    { HTTP_GET,    "/v2/images/{image_id}/members",             POLICY_OWN, list,      .load = image_load },
    { HTTP_POST,   "/v2/images/{image_id}/members",             POLICY_OWN, add,       .load = image_load },
    { HTTP_GET,    "/v2/images/{image_id}/members/{member_id}", POLICY_OWN, show,      .load = image_load },
    { HTTP_PUT,    "/v2/images/{image_id}/members/{member_id}", POLICY_OWN, update,    .load = image_load },
    { HTTP_DELETE, "/v2/images/{image_id}/members/{member_id}", POLICY_OWN, take_away, .load = image_load },
    { 0 },
};
/* clang-format on */
