/* SPDX-License-Identifier: Apache-2.0 */
/* EC2 pairs of a user, and tokens for who signs with one: /v3/users/ID/credentials/OS-EC2,
 * /v3/ec2tokens, /v3/s3tokens. */
#include "identity/model/ec2.h"
#include "base/str.h"
#include "base/uuid.h"
#include "identity/api/common.h"
#include "identity/api/credentials.h"
#include "identity/api/need.h"
#include "identity/api/routes.h"
#include "identity/model/auth.h"
#include "identity/model/credentials.h"
#include "identity/store/credentials.h"
#include "identity/store/trusts.h"

#define MINUTE_US 60000000LL

/* --- a user's pairs ---------------------------------------------------------------------- */

/* What policy looks at. */
struct ec2_target {
    const char *user_id;
    struct credential c;
};

static const struct field target_fields[] = { FIELD(FIELD_STRING, ec2_target, user_id), { 0 } };

static int load_new(struct request *rq, struct err *err)
{
    struct ec2_target *target = arena_new(rq->arena, struct ec2_target);

    target->user_id = rq_param(rq, "user_id");
    rq->object = target;
    return 0;
}

static int not_found(struct err *err, const char *id)
{
    return err_http(err, 404, NULL, "Could not find credential: %.255s.", id);
}

/* Policy asks whose pair it is, whatever user the path names. */
static int load_pair(struct request *rq, struct err *err)
{
    struct ec2_target *target = arena_new(rq->arena, struct ec2_target);
    const char *id = ec2_credential_id(rq->arena, rq_param(rq, "credential_id"));
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    if (r < 0)
        return r;
    r = table_get(t, rq->arena, &credential_table, id, &target->c, err);
    if (r == -ENOENT || (r >= 0 && !str_eq_nocase(target->c.type, "ec2")))
        return not_found(err, id);
    if (r < 0)
        return r;
    target->user_id = target->c.user_id;
    rq->object = target;
    return 0;
}

static void write_pair(struct request *rq, struct jw *w, const struct credential *c, const json_t *blob)
{
    const char *access = json_str(blob, "access");

    jw_str(w, "user_id", c->user_id);
    jw_str(w, "tenant_id", c->project_id);
    jw_str(w, "access", access);
    jw_str(w, "secret", json_str(blob, "secret"));
    jw_str(w, "trust_id", json_str(blob, "trust_id"));
    jw_object(w, "links");
    jw_printf(w, "self", "%s/v3/users/%s/credentials/OS-EC2/%s", rq_base_url(rq), c->user_id,
              access ? access : "");
    jw_end_object(w);
}

static int read_blob(struct request *rq, struct credential *c, json_t **ret, struct err *err)
{
    int r = credential_open(identity_of(rq), rq->arena, c, err);

    return r < 0 ? r : json_read(c->blob, strlen(c->blob), ret, err);
}

static int reply_pair(struct request *rq, struct credential *c, int status, struct err *err)
{
    auto_json json_t *blob = NULL;
    int r = read_blob(rq, c, &blob, err);
    struct jw *w;

    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_object(w, "credential");
    write_pair(rq, w, c, blob);
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, status);
}

static int create_pair(struct request *rq, struct err *err)
{
    const char *project_id = json_str(rq->json, "tenant_id");
    const char *access = uuid_new_hex(rq->arena);
    struct credential c = { .id = ec2_credential_id(rq->arena, access), .type = "ec2" };
    auto_json json_t *blob = NULL;
    struct project p = { 0 };
    struct user u = { 0 };
    int r;

    if (!project_id)
        return err_http(err, 400, NULL, "'tenant_id' is a required property");
    r = need_user(rq, rq_param(rq, "user_id"), &u, err);
    if (r >= 0)
        r = need_project(rq, project_id, &p, err);
    if (r >= 0)
        r = refuse_delegated_on_credentials(rq, err);
    if (r >= 0)
        r = check_credential_limit(rq, u.id, err);
    if (r < 0)
        return r;
    c.user_id = u.id;
    c.project_id = p.id;
    blob = json_pack("{s:s, s:s, s:n}", "access", access, "secret", uuid_new_hex(rq->arena), "trust_id");
    c.blob = ec2_blob_text(rq->arena, blob);
    credential_seal(identity_of(rq), rq->arena, &c, server_now_us(rq->server));
    r = table_insert(rq->txn, rq->arena, &credential_table, &c, err);
    return r < 0 ? r : reply_pair(rq, &c, 201, err);
}

static int list_pairs(struct request *rq, struct err *err)
{
    const struct cond conds[] = {
        { .column = "user_id", .op = COND_EQ, .value = val_text(rq_param(rq, "user_id")) },
        { .column = "type", .op = COND_EQ, .value = val_text("ec2") },
    };
    struct user u = { 0 };
    struct list all;
    struct jw *w;
    int r = refuse_delegated_on_credentials(rq, err);

    if (r >= 0)
        r = need_user(rq, rq_param(rq, "user_id"), &u, err);
    if (r >= 0)
        r = table_list(rq->txn, rq->arena, &credential_table,
                       &(struct query){ .conds = conds, .n_conds = ARRAY_SIZE(conds) }, &all, err);
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_array(w, "credentials");
    for (size_t i = 0; i < all.count; i++) {
        struct credential *c = list_at(&all, i);
        auto_json json_t *blob = NULL;

        r = read_blob(rq, c, &blob, err);
        if (r < 0)
            return r;
        jw_object(w, NULL);
        write_pair(rq, w, c, blob);
        jw_end_object(w);
    }
    jw_end_array(w);
    jw_object(w, "links");
    jw_null(w, "next");
    jw_printf(w, "self", "%s%s%s%s", rq_base_url(rq), rq->http->path, *rq->http->query ? "?" : "",
              rq->http->query);
    jw_null(w, "previous");
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

/* Of a user who is there, and not by a delegation. */
static int may_touch_pair(struct request *rq, struct err *err)
{
    struct user u = { 0 };
    int r = need_user(rq, rq_param(rq, "user_id"), &u, err);

    return r < 0 ? r : refuse_delegated_on_credentials(rq, err);
}

static int show_pair(struct request *rq, struct err *err)
{
    struct ec2_target *target = rq->object;
    int r = may_touch_pair(rq, err);

    return r < 0 ? r : reply_pair(rq, &target->c, 200, err);
}

static int delete_pair(struct request *rq, struct err *err)
{
    struct ec2_target *target = rq->object;
    int r = may_touch_pair(rq, err);

    if (r >= 0)
        r = table_delete(rq->txn, &credential_table, target->c.id, err);
    return r < 0 ? r : reply_empty(rq, 204);
}

/* --- tokens for signed requests ---------------------------------------------------------------- */

static const json_t *signed_request(const struct request *rq)
{
    static const char *const names[] = { "credentials", "credential", "ec2Credentials" };
    const json_t *v = NULL;

    for (size_t i = 0; i < ARRAY_SIZE(names) && !v; i++)
        v = json_obj(rq->json, names[i]);
    return v;
}

static int check_time(struct request *rq, const json_t *sent, struct err *err)
{
    int64_t at = ec2_request_time(rq->arena, sent);

    if (at < 0)
        return auth_refused(err);
    if (at && server_now_us(rq->server) > at + identity_of(rq)->opt->credential_auth_ttl_min * MINUTE_US)
        return auth_refused(err);
    return 0;
}

/* The rights of the pair: its user's on its project, or what the delegation
 * gives now by which it was made (in a Keystone before it forbade that).  A blob may say anything: each of its words
 * is held against whose pair it is. */
static int describe_pair(struct request *rq, struct txn *t, const struct credential *c, const json_t *blob,
                         struct auth_request *scope, struct issued_token *is, struct err *err)
{
    const struct identity *id = identity_of(rq);
    const char *trust_id = json_str(blob, "trust_id"), *app_cred_id = json_str(blob, "app_cred_id");
    struct trust trust = { 0 };
    int r = 0;

    if (json_str(blob, "access_token_id"))
        return auth_refused(err);
    *is = (struct issued_token){ .user_id = c->user_id,
                                 .methods = METHOD_EC2,
                                 .expires_us =
                                     server_now_us(rq->server) + id->opt->token_expiration_s * 1000000,
                                 .audit_ids = { audit_id_new(rq->arena) } };
    *scope = (struct auth_request){ .scope = SCOPE_PROJECT, .scope_id = c->project_id };
    if (trust_id) {
        r = table_get(t, rq->arena, &trust_table, trust_id, &trust, err);
        if (r < 0)
            return r == -ENOENT ? auth_refused(err) : r;
        if (!str_eq(trust.project_id, c->project_id) ||
            !str_eq(trust.impersonation ? trust.trustor_user_id : trust.trustee_user_id, c->user_id))
            return auth_refused(err);
        is->user_id = trust.trustee_user_id;
        scope->trust_id = trust_id;
    } else if (app_cred_id) {
        is->app_cred_id = app_cred_id;
        is->scope_id = c->project_id;
    }
    return 0;
}

typedef bool signature_check(struct arena *a, const json_t *rq, const char *secret);

static int find_signer(struct request *rq, const json_t *sent, signature_check *check,
                       struct auth_request *scope, struct issued_token *is, struct err *err)
{
    const char *id = ec2_credential_id(rq->arena, json_str(sent, "access")), *secret;
    auto_rollback struct txn *t = NULL;
    auto_json json_t *blob = NULL;
    struct credential c = { 0 };
    int r = txn_begin(rq->server->db, false, &t,
                      err); /* Nothing is written, so nothing ages the cached tokens. */

    if (r >= 0)
        r = table_get(t, rq->arena, &credential_table, id, &c, err);
    if (r == -ENOENT || (r >= 0 && !str_eq_nocase(c.type, "ec2")))
        return not_found(err, id);
    if (r >= 0)
        r = read_blob(rq, &c, &blob, err);
    if (r < 0)
        return r;
    secret = json_str(blob, "secret");
    if (!secret || !check(rq->arena, sent, secret))
        return auth_refused(err);
    r = check_time(rq, sent, err);
    if (r >= 0)
        r = describe_pair(rq, t, &c, blob, scope, is, err);
    if (is->user_id)
        is->user_id = arena_strdup(rq->arena, is->user_id);
    scope->trust_id = arena_strdup(rq->arena, scope->trust_id);
    is->app_cred_id = arena_strdup(rq->arena, is->app_cred_id);
    return r;
}

static int issue_signed(struct request *rq, signature_check *check, const char **ret_text,
                        struct token_view *ret, struct err *err)
{
    const json_t *sent = signed_request(rq);
    struct auth_request scope = { 0 };
    struct issued_token is = { 0 };
    const struct user nobody = { 0 };
    int r;

    if (!json_object_size(rq->json))
        return err_http(err, 400, NULL, "request must include a request body");
    if (!json_str(sent, "access"))
        return auth_refused(err);
    r = find_signer(rq, sent, check, &scope, &is, err);
    return r < 0 ? r : auth_issue_proven(rq->server, rq->arena, &scope, &nobody, &is, ret_text, ret, err);
}

static int issue_ec2(struct request *rq, struct err *err)
{
    struct token_view view;
    const char *text;
    int r = issue_signed(rq, ec2_signature_check, &text, &view, err);

    if (r < 0)
        return r;
    reply_header(rq, "X-Subject-Token", text);
    return reply_text(rq, 200, "application/json", view.body, strlen(view.body));
}

static int issue_s3(struct request *rq, struct err *err)
{
    struct token_view view;
    const char *text;
    int r = issue_signed(rq, s3_signature_check, &text, &view, err);

    return r < 0 ? r : reply_text(rq, 200, "application/json", view.body, strlen(view.body));
}

#define PAIRS    "/v3/users/{user_id}/credentials/OS-EC2"
#define ON_PAIRS .load = load_new, .target = target_fields, .target_prefix = "target.credential"
#define ON_PAIR                                                             \
    .flags = ROUTE_FOUND_FIRST, .load = load_pair, .target = target_fields, \
    .target_prefix = "target.credential"

/* clang-format off */
const struct route ec2_routes[] = {
    { HTTP_GET,    PAIRS,             "identity:ec2_list_credentials",  list_pairs,  ON_PAIRS },
    { HTTP_POST,   PAIRS,             "identity:ec2_create_credential", create_pair, ON_PAIRS, .in = no_fields },
    { HTTP_GET,    PAIRS "/{credential_id}", "identity:ec2_get_credential",    show_pair,   ON_PAIR },
    { HTTP_DELETE, PAIRS "/{credential_id}", "identity:ec2_delete_credential", delete_pair, ON_PAIR },
    { HTTP_POST,   "/v3/ec2tokens",   "identity:ec2tokens_validate",    issue_ec2,   .in = no_fields },
    { HTTP_POST,   "/v3/s3tokens",    "identity:s3tokens_validate",     issue_s3,    .in = no_fields },
    { 0 },
};
/* clang-format on */
