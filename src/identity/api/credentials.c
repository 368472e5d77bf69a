/* SPDX-License-Identifier: Apache-2.0 */
/* /v3/credentials: secrets of users, encrypted at rest. */
#include "identity/store/credentials.h"

#include "base/str.h"
#include "identity/api/common.h"
#include "identity/api/credentials.h"
#include "identity/api/routes.h"
#include "identity/api/targets.h"
#include "identity/model/credentials.h"

#define C(type, member, uses, ...) FIELD(type, credential, member, .use = (uses), __VA_ARGS__)

static const struct field fields[] = {
    C(FIELD_STRING, id, ON_SHOW | ON_SORT),
    C(FIELD_STRING, user_id, ON_ALL, .required = true, .max = 64),
    C(FIELD_STRING, project_id, ON_IN | ON_SHOW, .max = 64),
    C(FIELD_STRING, type, ON_ALL, .required = true, .max = 255),
    C(FIELD_STRING, blob, ON_IN | ON_SHOW, .required = true, .max = 65536),
    { 0 },
};

int check_credential_limit(struct request *rq, const char *user_id, struct err *err)
{
    int64_t limit = identity_of(rq)->opt->credential_limit, n;
    struct txn *t;
    int r;

    if (limit < 0)
        return 0;
    r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = credentials_count(t, user_id, &n, err);
    if (r >= 0 && n >= limit)
        return err_http(err, 403, NULL,
                        "Unable to create additional credentials, maximum of %lld already exceeded for user.",
                        (long long) limit);
    return r;
}

int refuse_delegated_on_credentials(struct request *rq, struct err *err)
{
    return token_is_delegated(rq->token)
               ? err_http(err, 403, NULL,
                          "You are not authorized to perform the requested action: Delegated tokens cannot "
                          "access credentials directly.")
               : 0;
}

static void present(struct request *rq, struct jw *w, const void *obj)
{
    const struct credential *c = obj;

    write_extra(w, c->extra);
    write_self(rq, w, "credentials", c->id);
}

static int expand(struct request *rq, struct list *objs, struct err *err)
{
    int r = 0;

    for (size_t i = 0; r >= 0 && i < objs->count; i++) {
        struct credential *c = list_at(objs, i);

        r = c->blob ? 0 : credential_open(identity_of(rq), rq->arena, c, err);
    }
    return r;
}

/* --- EC2 pairs ------------------------------------------------------------------------- */

/* The blob of an EC2 credential: an object with an access key. */
static int read_ec2_blob(const char *blob, json_t **ret, struct err *err)
{
    if (json_read(blob, strlen(blob), ret, NULL) < 0)
        return err_http(err, 400, NULL, "Invalid blob in credential");
    if (!json_object_size(*ret))
        return expecting(err, "blob", "credential");
    return json_str(*ret, "access") ? 0 : expecting(err, "access", "credential");
}

/* Words that bind a pair to what it was made with, written by who made it. */
static const char *const bonds[] = { "trust_id", "app_cred_id", "access_token_id", "access_id" };

/* It is found by its access key, and a body binds it to nothing. */
static int settle_pair(struct request *rq, struct credential *c, struct err *err)
{
    auto_json json_t *blob = NULL;
    int r = read_ec2_blob(c->blob, &blob, err);
    bool bound = false;

    if (r < 0)
        return r;
    c->id = ec2_credential_id(rq->arena, json_str(blob, "access"));
    for (size_t i = 0; i < ARRAY_SIZE(bonds); i++)
        bound |= json_object_del(blob, bonds[i]) == 0;
    if (bound)
        c->blob = ec2_blob_text(rq->arena, blob);
    return 0;
}

/* Null is as good as not there. */
static const char *bond_of(struct arena *a, const json_t *blob, const char *name)
{
    json_t *v = json_object_get(blob, name);

    return json_is_null(v) ? NULL : v ? json_text(a, v) : NULL;
}

/* A pair that left its kind could come back without them, so it stays. */
static int keep_bonds(struct request *rq, const struct credential *was, const struct credential *c,
                      struct err *err)
{
    auto_json json_t *old = NULL, *new = NULL;
    bool bound = false;
    int r = str_eq_nocase(c->type, "ec2") ? read_ec2_blob(c->blob, &new, err) : 0;

    if (r < 0 || json_read(was->blob, strlen(was->blob), &old, NULL) < 0)
        return r;
    for (size_t i = 0; i < ARRAY_SIZE(bonds); i++) {
        const char *a = bond_of(rq->arena, old, bonds[i]);

        bound |= a != NULL;
        if (new && !str_eq(a, bond_of(rq->arena, new, bonds[i])))
            return err_http(err, 400, NULL, "%s can not be updated for credential", bonds[i]);
    }
    return !new &&bound ? err_http(err, 400, NULL, "type can not be updated for credential") : 0;
}

/* --- changes ------------------------------------------------------------------------------ */

static int before_create(struct request *rq, void *obj, struct err *err)
{
    struct credential *c = obj;
    int r = refuse_delegated_on_credentials(rq, err);

    if (r >= 0 && str_eq_nocase(c->type, "ec2"))
        r = str_eq(c->type, "ec2") && str_empty(c->project_id)
                ? err_http(err, 400, NULL, "'project_id' is a required property")
                : settle_pair(rq, c, err);
    if (r >= 0)
        r = check_credential_limit(rq, c->user_id, err);
    if (r < 0)
        return r;
    credential_seal(identity_of(rq), rq->arena, c, server_now_us(rq->server));
    return extra_of(rq, fields, NULL, &c->extra, err);
}

/* Who changes it must also be allowed to have what comes out. */
static int before_update(struct request *rq, const void *old, void *obj, struct err *err)
{
    const struct credential *was = old;
    struct credential *c = obj;
    const char *given_id = json_str(rq->in, "id");
    const struct policy_fields target = { fields, c, "target.credential" };
    int r;

    if (given_id && !str_eq(given_id, was->id))
        return err_http(err, 400, NULL, "Cannot change credential ID");
    r = authorize_fields(rq, "identity:update_credential", &target, err);
    if (r >= 0 && (str_eq_nocase(was->type, "ec2") || str_eq_nocase(c->type, "ec2")))
        r = keep_bonds(rq, was, c, err);
    if (r < 0)
        return r;
    if (!str_eq(was->blob, c->blob))
        credential_seal(identity_of(rq), rq->arena, c, server_now_us(rq->server));
    json_object_del(rq->in, "id");
    return extra_of(rq, fields, was->extra, &c->extra, err);
}

static int refuse_duplicate(struct request *rq, const void *obj, struct err *err)
{
    const struct credential *c = obj;

    return err_http(err, 409, NULL,
                    "Conflict occurred attempting to store credential - Duplicate entry found with ID %s.",
                    c->id);
}

static const struct resource resource = {
    .singular = "credential",
    .plural = "credentials",
    .table = &credential_table,
    .fields = fields,
    .default_sort = "id",
    .id_param = "credential_id",
    .before_create = before_create,
    .before_update = before_update,
    .expand = expand,
    .present = present,
    .refuse_duplicate = refuse_duplicate,
};

static int show(struct request *rq, struct err *err)
{
    int r = refuse_delegated_on_credentials(rq, err);

    return r < 0 ? r : resource_show(rq, err);
}

static int update(struct request *rq, struct err *err)
{
    int r = refuse_delegated_on_credentials(rq, err);

    return r < 0 ? r : resource_update(rq, err);
}

static int delete (struct request *rq, struct err *err)
{
    int r = refuse_delegated_on_credentials(rq, err);

    return r < 0 ? r : resource_delete(rq, err);
}

static int load_new(struct request *rq, struct err *err)
{
    struct credential *c = arena_new(rq->arena, struct credential);
    const json_t *in = json_obj(rq->json, "credential");

    c->user_id = json_str(in, "user_id");
    c->project_id = json_str(in, "project_id");
    c->type = json_str(in, "type");
    rq->object = c;
    return 0;
}

/* --- the list -------------------------------------------------------------------------------- */

static bool may_see(struct request *rq, const struct credential *c)
{
    const struct policy_fields target = { fields, c, "target.credential" };

    return authorize_fields(rq, "identity:get_credential", &target, NULL) >= 0;
}

/* Whoever may see a credential of nobody sees all; others their own; by a
 * delegation nobody sees any. */
static int list(struct request *rq, struct err *err)
{
    static const char *const none[] = { NULL };
    const struct credential own = { .user_id = rq->token->user_id }, nobodys = { .user_id = "" };
    const struct policy_fields own_target = { fields, &own, "target.credential" };
    const struct policy_fields any = { fields, &nobodys, "target.credential" };
    struct query q = { 0 };
    struct list all;
    struct txn *t;
    size_t n = 0;
    int r = authorize_fields(rq, "identity:list_credentials", &own_target, err);

    if (r >= 0)
        r = resource_query(rq, &resource, &q, err);
    if (r >= 0 && authorize_fields(rq, "identity:get_credential", &any, NULL) < 0)
        rq_cond(rq, &q,
                (struct cond){ .column = "user_id", .op = COND_EQ, .value = val_text(rq->token->user_id) });
    if (token_is_delegated(rq->token))
        rq_cond(rq, &q, (struct cond){ .column = "id", .op = COND_IN, .list = none });
    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = table_list(t, rq->arena, &credential_table, &q, &all, err);
    if (r < 0)
        return r;
    for (size_t i = 0; i < all.count; i++)
        if (may_see(rq, list_at(&all, i)))
            memmove(list_at(&all, n++), list_at(&all, i), all.size);
    all.count = n;
    r = expand(rq, &all, err);
    return r < 0 ? r : reply_resources(rq, &resource, &all);
}

#define ONE .load = resource_load, .target_prefix = "target.credential"

/* clang-format off */
const struct route credential_routes[] = {
    { HTTP_GET,    "/v3/credentials",                 POLICY_OWN,                   list,            &resource },
    { HTTP_POST,   "/v3/credentials",                 "identity:create_credential", resource_create, &resource,
      .load = load_new, .target_prefix = "target.credential", .flags = ROUTE_IGNORE_UNKNOWN },
    { HTTP_GET,    "/v3/credentials/{credential_id}", "identity:get_credential",    show,            &resource, ONE },
    { HTTP_PATCH,  "/v3/credentials/{credential_id}", "identity:update_credential", update,          &resource, ONE,
      .flags = ROUTE_IGNORE_UNKNOWN },
    { HTTP_DELETE, "/v3/credentials/{credential_id}", "identity:delete_credential", delete,          &resource, ONE },
    { 0 },
};
/* clang-format on */
