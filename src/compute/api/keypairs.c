/* SPDX-License-Identifier: Apache-2.0 */
/* /v2.1/os-keypairs */
#include "compute/store/keypairs.h"

#include "base/str.h"
#include "base/uuid.h"
#include "compute/api/common.h"
#include "compute/api/routes.h"
#include "compute/model/quota.h"
#include "compute/store/common.h"
#include "crypto/keypair.h"
#include "rest/dialect.h"

static const char *check_name(const char *v)
{
    const char *why = check_no_space(v);

    for (const char *p = v; *p && !why; p++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_- @.", *p))
            why = "has other characters than letters, digits, '_', '-', '@', '.' and space";
    return why;
}

static const struct field fields[] = {
    FIELD(FIELD_STRING, keypair, name, .use = ON_CREATE, .required = true, .min = 1, .max = 255,
          .check = check_name),
    FIELD(FIELD_STRING, keypair, public_key, .use = ON_CREATE, .min = 1, .max = 16384),
    FIELD(FIELD_STRING, keypair, type, .use = ON_CREATE, .choices = "ssh|x509", .value = "ssh", .since = 2),
    FIELD(FIELD_STRING, keypair, user_id, .use = ON_CREATE, .min = 1, .max = 255, .since = 10),
    { 0 },
};

static const struct resource keypair_resource = {
    .singular = "keypair",
    .plural = "keypairs",
    .table = &keypair_table,
    .fields = fields,
    .default_sort = "name",
};

/* Whose key pairs: one's own, or since 2.10 those of the user asked for, if
 * policy (admin or that user) allows. */
struct owner {
    const char *user_id, *project_id;
};

static const struct field owner_fields[] = { FIELD(FIELD_STRING, owner, user_id), { 0 } };

static int load_owner(struct request *rq, struct err *err)
{
    struct owner *o = arena_new(rq->arena, struct owner);
    const char *asked =
        rq->json ? json_str(json_obj(rq->json, "keypair"), "user_id") : rq_query(rq, "user_id");

    o->user_id = rq->version >= 10 && asked ? asked : rq->token->user_id;
    o->user_id = arena_strdup(rq->arena, o->user_id);
    rq->object = o;
    return 0;
}

static int find_named(struct request *rq, struct keypair *ret, struct err *err)
{
    const struct owner *o = rq->object;
    const char *name = rq_param(rq, "name");
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    if (r >= 0)
        r = keypair_find(t, rq->arena, o->user_id, name, ret, err);
    if (r == -ENOENT)
        return err_http(err, 404, NULL, "Keypair %.255s not found for user %s", name, o->user_id);
    return r;
}

static void write_common(struct request *rq, struct jw *w, const struct keypair *k)
{
    jw_str(w, "name", k->name);
    jw_str(w, "public_key", k->public_key);
    jw_str(w, "fingerprint", k->fingerprint);
    if (rq->version >= 2)
        jw_str(w, "type", k->type);
}

static int before_list(struct request *rq, struct query *q, struct err *err)
{
    const struct owner *o = rq->object;
    struct keypair marker;
    struct txn *t;
    int r;

    rq_cond(rq, q, (struct cond){ .column = "user_id", .op = COND_EQ, .value = val_text(o->user_id) });
    if (rq->version < 35) {
        q->marker = NULL;
        q->limit = 0;
        return 0;
    }
    if (!q->marker)
        return 0;
    r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = keypair_find(t, rq->arena, o->user_id, q->marker, &marker, err);
    if (r == -ENOENT)
        return err_http(err, 400, NULL, "marker [%.255s] not found", q->marker);
    if (r >= 0)
        q->marker = marker.id;
    return r;
}

static int list_keypairs(struct request *rq, struct err *err)
{
    struct resource by_name = keypair_resource;
    struct list l;
    struct jw *w;
    int r = list_rows(rq, &keypair_resource, before_list, &l, err);

    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_array(w, "keypairs");
    for (size_t i = 0; i < l.count; i++) {
        jw_object(w, NULL);
        jw_object(w, "keypair");
        write_common(rq, w, list_at(&l, i));
        jw_end_object(w);
        jw_end_object(w);
    }
    jw_end_array(w);
    if (l.more) { /* The marker is the name here. */
        struct table t = *keypair_resource.table;

        t.key = "name";
        by_name.table = &t;
        write_next(rq, w, "keypairs", &by_name, &l);
    }
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int show_keypair(struct request *rq, struct err *err)
{
    struct keypair k;
    struct jw *w;
    int r = find_named(rq, &k, err);

    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_object(w, "keypair");
    write_common(rq, w, &k);
    jw_str(w, "user_id", k.user_id);
    jw_int(w, "id", k.number);
    jw_bool(w, "deleted", false);
    jw_time(w, "created_at", k.created_at, TIME_ISO_MICRO);
    jw_null(w, "updated_at");
    jw_null(w, "deleted_at");
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

/* --- create ---------------------------------------------------------------- */

static int import_key(struct request *rq, struct keypair *k, struct err *err)
{
    struct err why = { 0 };
    char *fp;
    int r = str_eq(k->type, "x509") ? x509_fingerprint(rq->arena, k->public_key, &fp, &why)
                                    : ssh_key_fingerprint(rq->arena, k->public_key, &fp, &why);

    if (r < 0)
        return err_http(err, 400, NULL, "Keypair data is invalid: failed to generate fingerprint: %s",
                        why.msg);
    k->fingerprint = fp;
    return 0;
}

static int make_key(struct request *rq, struct keypair *k, struct secret *ret, struct err *err)
{
    struct keypair_made made = { 0 };
    int r = str_eq(k->type, "x509") ? x509_make(rq->arena, k->user_id, &made, err)
                                    : ssh_key_make(rq->arena, "Generated-by-Nova", &made, err);

    if (r < 0)
        return r;
    k->public_key = made.public_key;
    k->fingerprint = made.fingerprint;
    *ret = made.private_key;
    return 0;
}

static int record(struct request *rq, struct keypair *k, struct err *err)
{
    struct txn *t;
    int r = rq_txn_write(rq, &t, err);

    if (r >= 0)
        r = quota_check_keypairs(rq, t, k->user_id, err);
    if (r >= 0)
        r = counter_next(t, "keypairs", &k->number, err);
    if (r >= 0)
        r = table_insert(t, rq->arena, &keypair_table, k, err);
    if (r == -EEXIST)
        return err_http(err, 409, NULL, "Key pair '%s' already exists.", k->name);
    return r;
}

static int reply_created(struct request *rq, const struct keypair *k, struct secret private_key)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_object(w, "keypair");
    write_common(rq, w, k);
    jw_str(w, "user_id", k->user_id);
    if (secret_expose(private_key)) /* The only time that anybody sees it. */
        jw_str(w, "private_key", secret_expose(private_key));
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, rq->version >= 2 ? 201 : 200);
}

static int create_keypair(struct request *rq, struct err *err)
{
    struct keypair *k = rq->body;
    struct secret private_key = secret_of(NULL);
    int r;

    k->id = uuid_new_hex(rq->arena);
    k->user_id = ((const struct owner *) rq->object)->user_id;
    k->type = k->type ? k->type : "ssh";
    k->created_at = server_now_us(rq->server);
    if (!k->public_key && rq->version >= 92)
        return rq->server->service->dialect->missing_field(rq, err, "public_key");
    if (rq->version < 92 && strpbrk(k->name, "@."))
        return err_http(err, 400, NULL,
                        "Invalid input for field/attribute name. Value: %s. Keypair name contains unsafe "
                        "characters",
                        k->name);
    r = k->public_key ? import_key(rq, k, err) : make_key(rq, k, &private_key, err);
    if (r >= 0)
        r = record(rq, k, err);
    return r < 0 ? r : reply_created(rq, k, private_key);
}

static int delete_keypair(struct request *rq, struct err *err)
{
    struct keypair k;
    struct txn *t;
    int r = find_named(rq, &k, err);

    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = table_delete(t, &keypair_table, k.id, err);
    return r < 0 ? r : reply_empty(rq, rq->version >= 2 ? 204 : 202);
}

/* clang-format off */
const struct route compute_keypair_routes[] = {
    { HTTP_GET,    "/v2.1/os-keypairs", "os_compute_api:os-keypairs:index", list_keypairs, .load = load_owner, .target = owner_fields },
    { HTTP_POST,   "/v2.1/os-keypairs", "os_compute_api:os-keypairs:create", create_keypair, &keypair_resource,
      .flags = ROUTE_WORKER, .load = load_owner, .target = owner_fields },
    { HTTP_GET,    "/v2.1/os-keypairs/{name}", "os_compute_api:os-keypairs:show", show_keypair, .load = load_owner, .target = owner_fields },
    { HTTP_DELETE, "/v2.1/os-keypairs/{name}", "os_compute_api:os-keypairs:delete", delete_keypair, .load = load_owner, .target = owner_fields },
    { 0 },
};
/* clang-format on */
