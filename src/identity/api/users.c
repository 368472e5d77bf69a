/* SPDX-License-Identifier: Apache-2.0 */
/* /v3/users */
#include "identity/store/users.h"
#include "base/str.h"
#include "identity/api/common.h"
#include "identity/api/need.h"
#include "identity/api/options.h"
#include "identity/api/people.h"
#include "identity/api/replies.h"
#include "identity/api/routes.h"
#include "identity/api/targets.h"
#include "identity/model/mfa.h"
#include "identity/model/passwords.h"
#include "identity/model/revocations.h"
#include "identity/store/application_credentials.h"

#define RULES_MAX                  100

#define U(type, member, uses, ...) FIELD(type, user, member, .use = (uses), __VA_ARGS__)

static const struct field fields[] = {
    U(FIELD_STRING, id, ON_SHOW | ON_SORT),
    U(FIELD_STRING, domain_id, ON_IN | ON_SHOW | ON_FILTER, .min = 1, .max = 64, .check = check_id),
    U(FIELD_STRING, name, ON_ALL, .required = true, .min = 1, .max = 255, .check = check_not_blank,
      .trim = true),
    U(FIELD_BOOL, enabled, ON_ALL & ~ON_SHOW, .value = "true"),
    U(FIELD_STRING, default_project_id, ON_IN, .nullable = true, .min = 1, .max = 64, .check = check_id),
    U(FIELD_STRING, description, ON_IN, .nullable = true, .max = 4096),
    U(FIELD_STRING, email, ON_IN, .nullable = true, .max = 1024),
    U(FIELD_SECRET, password, ON_IN, .nullable = true),
    U(FIELD_JSON, options, ON_IN, .json = "object"),
    { 0 },
};

/* To Keystone these are further members: null is shown where it was given, and kept among the others. */
static void write_further(struct jw *w, const struct user *u)
{
    if (u->description)
        jw_str(w, "description", u->description);
    if (u->email)
        jw_str(w, "email", u->email);
    write_extra(w, u->extra);
}

/* What is null is left out, as Keystone does, and who was away too long counts as disabled.  After a change
 * the further members are shown a second time. */
static void present(struct request *rq, struct jw *w, const void *obj)
{
    const struct user *u = obj;

    jw_bool(w, "enabled", u->enabled && !user_is_away(rq->server, u));
    if (u->default_project_id)
        jw_str(w, "default_project_id", u->default_project_id);
    write_further(w, u);
    if (rq->http->method == HTTP_PATCH) {
        jw_object(w, "extra");
        write_further(w, u);
        jw_end_object(w);
    }
    jw_time(w, "password_expires_at", u->password_expires_us, TIME_ISO_MICRO);
    jw_raw(w, "options", u->options ? u->options : "{}");
    write_self(rq, w, "users", u->id);
}

/* A hash of the password that came, into the row.  An administrator sets it. */
static int hash_given(struct request *rq, struct user *u, struct err *err)
{
    int r;

    if (!secret_expose(u->password))
        return 0;
    r = password_accept(rq->server, rq->arena, NULL, u->password, false, err);
    return r < 0 ? r : password_set(rq->server, rq->arena, u, u->password, false, err);
}

static bool decides_as_before(const struct user *was, const struct user *now)
{
    return str_eq(was->password_hash, now->password_hash) && str_eq(was->options, now->options) &&
           str_eq(was->extra, now->extra) && was->enabled == now->enabled;
}

/* The same for a user who is there: hashing takes long, so nothing is locked
 * meanwhile; if what the request goes by was changed then, it begins anew. */
static int hash_unlocked(struct request *rq, const struct user *was, struct user *u, struct err *err)
{
    struct user now = { 0 };
    int r;

    if (!secret_expose(u->password))
        return 0;
    if (rq->txn)
        txn_rollback(&rq->txn);
    r = hash_given(rq, u, err);
    if (r >= 0)
        r = need_user(rq, was->id, &now, err);
    if (r >= 0 && !decides_as_before(was, &now))
        return err_set(err, -EAGAIN, "The user was changed by another request at the same time.");
    return r;
}

#define RULES "options/multi_factor_auth_rules"

/* One rule: the methods that are asked for together.  A method that nobody knows would keep the user out. */
static int check_rule(struct request *rq, size_t n, const json_t *rule, struct err *err)
{
    const char *where = arena_printf(rq->arena, RULES "/%zu", n);
    const json_t *v;
    size_t i;

    if (!json_is_array(rule))
        return bad_value(rq, where, rule, "is not of type 'array'", err);
    json_array_foreach (rule, i, v) {
        const char *at = arena_printf(rq->arena, "%s/%zu", where, i);

        if (!json_is_string(v))
            return bad_value(rq, at, v, "is not of type 'string'", err);
        if (!mfa_method_known(json_string_value(v)))
            return bad_value(rq, at, v, "is not a method", err);
    }
    if (!json_array_size(rule))
        return bad_value(rq, where, rule, "is too short", err);
    return has_repetition(rule) ? bad_value(rq, where, rule, "has non-unique elements", err) : 0;
}

static int check_rules(struct request *rq, const json_t *rules, struct err *err)
{
    const json_t *v;
    size_t i;
    int r;

    if (!json_is_array(rules))
        return bad_value(rq, RULES, rules, "is not of type 'array', 'null'", err);
    if (json_array_size(rules) > RULES_MAX)
        return bad_value(rq, RULES, NULL, "has too many items", err);
    json_array_foreach (rules, i, v) {
        r = check_rule(rq, i, v, err);
        if (r < 0)
            return r;
    }
    return has_repetition(rules) ? bad_value(rq, RULES, rules, "has non-unique elements", err) : 0;
}

/* Options are known ones, of the right kind. */
static int check_options(struct request *rq, struct err *err)
{
    static const char *const flags[] = { "ignore_change_password_upon_first_use",
                                         "ignore_password_expiry",
                                         "ignore_lockout_failure_attempts",
                                         "lock_password",
                                         "ignore_user_inactivity",
                                         "multi_factor_auth_enabled",
                                         NULL };
    const json_t *rules = json_object_get(json_obj(rq->in, "options"), "multi_factor_auth_rules");
    int r = options_check(rq, flags, "multi_factor_auth_rules", err);

    return r < 0 || !rules || json_is_null(rules) ? r : check_rules(rq, rules, err);
}

/* Nulls of what has columns are kept with what has none. */
static int further_of(struct request *rq, const char *old, const char **ret, struct err *err)
{
    static const char *const nullable[] = { "description", "email", NULL };

    int r = extra_of(rq, fields, old, ret, err);

    return r < 0 ? r : extra_keep_nulls(rq, nullable, ret, err);
}

static int before_create(struct request *rq, void *obj, struct err *err)
{
    struct user *u = obj;
    int r;

    r = check_options(rq, err);
    if (r >= 0)
        r = settle_name(rq, &u->name, err);
    if (r >= 0)
        r = drop_nulls(rq, &u->options, err);
    if (r >= 0)
        r = hash_given(rq, u, err); /* Slow: before any lock is held. */
    if (r >= 0)
        r = own_domain(rq, &u->domain_id, err);
    if (r >= 0)
        r = people_refuse_domain(rq, u->domain_id, err);
    if (r >= 0)
        r = require_domain(rq, u->domain_id, err);
    if (r >= 0)
        r = further_of(rq, NULL, &u->extra, err);
    return r;
}

static int before_update(struct request *rq, const void *old, void *obj, struct err *err)
{
    const struct user *was = old;
    struct user *u = obj;
    int r;

    if (!str_eq(u->domain_id, was->domain_id))
        return err_http(err, 400, NULL, "Cannot change Domain ID");
    r = people_refuse_change(rq, was->id, err);
    if (r < 0)
        return r;
    if (!RQ_GIVEN(rq, user, password))
        u->password = secret_of(NULL);
    else if (!secret_expose(u->password))
        u->password_hash = NULL; /* Nobody logs in with it any more. */
    r = check_options(rq, err);
    if (r >= 0)
        r = settle_name(rq, &u->name, err);
    if (r >= 0)
        r = was->options ? merge_options(rq, was->options, &u->options, err)
                         : drop_nulls(rq, &u->options, err);
    if (r >= 0)
        r = hash_unlocked(rq, was, u, err);
    if (r >= 0)
        r = further_of(rq, was->extra, &u->extra, err);
    return r;
}

/* Whom an administrator enables is neither locked out nor away any more. */
static int reopen(struct request *rq, struct user *u, struct err *err)
{
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    if (identity_of(rq)->opt->inactive_days)
        u->last_active_us = server_now_us(rq->server);
    return r < 0 ? r : user_note_login(t, u, NULL, u->last_active_us, err);
}

static int after_update(struct request *rq, const void *old, void *obj, struct err *err)
{
    const struct user *was = old;
    struct user *u = obj;
    bool disabled = was->enabled && !u->enabled, changed = !str_eq(was->password_hash, u->password_hash);
    struct txn *t;
    int r = 0;

    if (RQ_GIVEN(rq, user, enabled) && u->enabled)
        r = reopen(rq, u, err);
    if (r < 0 || (!changed && !disabled))
        return r;
    if (changed)
        r = user_remember_password(rq->txn, was, err);
    if (r >= 0 && disabled) { /* What programs hold of the user ends for good. */
        r = rq_txn(rq, &t, err);
        if (r >= 0)
            r = application_credentials_forget_user(t, u->id, err);
    }
    return r < 0 ? r : revoke_user(rq, u->id, err);
}

static int before_delete(struct request *rq, void *obj, struct err *err)
{
    const struct user *u = obj;
    struct txn *t;
    int r;

    r = people_refuse_change(rq, u->id, err);
    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = user_forget(t, rq->arena, u->id, err);
    return r < 0 ? r : revoke_user(rq, u->id, err);
}

/* --- lists ------------------------------------------------------------------------ */

static const struct {
    const char *name;
    enum cond_op op;
} comparisons[] = { { "lt", COND_LT },  { "lte", COND_LE }, { "gt", COND_GT },
                    { "gte", COND_GE }, { "eq", COND_EQ },  { "neq", COND_NE } };

/* password_expires_at=lt:2030-01-01T00:00:00Z; what never expires is not among them. */
static int filter_by_expiry(struct request *rq, struct query *q, const char *text, struct err *err)
{
    struct cond c = { .column = "password_expires_us", .op = COND_EQ };
    size_t n = strcspn(text, ":"), i = 0;
    bool has_op = text[n] && (n == 2 || n == 3); /* Times have their first colon later. */
    const char *time = has_op ? text + n + 1 : text;
    int64_t us;

    if (time_parse(time, &us) < 0)
        return err_http(
            err, 400, NULL,
            "Timestamp not in expected format. The server could not comply with the request since it is "
            "either malformed or otherwise incorrect. The client is assumed to be in error.");
    while (has_op && i < ARRAY_SIZE(comparisons) &&
           (strlen(comparisons[i].name) != n || strncmp(text, comparisons[i].name, n) != 0))
        i++;
    if (i == ARRAY_SIZE(comparisons))
        return err_http(err, 400, NULL,
                        "The given operator %.*s is not valid. It must be one of the following: 'eq', 'neq', "
                        "'lt', 'lte', 'gt', or 'gte'.",
                        (int) n, text);
    if (has_op)
        c.op = comparisons[i].op;
    c.value = val_int(us);
    rq_cond(rq, q, (struct cond){ .column = c.column, .op = COND_NOT_NULL });
    rq_cond(rq, q, c);
    return 0;
}

int user_conditions(struct request *rq, struct query *q, struct err *err)
{
    static const char *const none[] = { NULL };
    const char *expiry = rq_query(rq, "password_expires_at");

    /* Who comes from elsewhere: nobody does. */
    if (rq_query(rq, "idp_id") || rq_query(rq, "protocol_id") || rq_query(rq, "unique_id"))
        rq_cond(rq, q, (struct cond){ .column = "id", .op = COND_IN, .list = none });
    return expiry ? filter_by_expiry(rq, q, expiry, err) : 0;
}

static int before_list(struct request *rq, struct query *q, struct err *err)
{
    int r = user_conditions(rq, q, err);

    return r < 0 ? r : people_limit(rq, q, err);
}

static int list_users(struct request *rq, struct err *err)
{
    return people_list(rq, ENTITY_USER, err);
}

const struct resource user_resource = {
    .singular = "user",
    .plural = "users",
    .table = &user_table,
    .fields = fields,
    .default_sort = "name",
    .id_param = "user_id",
    .before_list = before_list,
    .before_create = before_create,
    .before_update = before_update,
    .after_update = after_update,
    .before_delete = before_delete,
    .present = present,
};

/* --- POST /v3/users/{user_id}/password --------------------------------------- */

struct password_change {
    struct secret password, original_password;
};

static const struct field password_fields[] = {
    FIELD(FIELD_SECRET, password_change, original_password, .use = ON_CREATE, .required = true),
    FIELD(FIELD_SECRET, password_change, password, .use = ON_CREATE, .required = true, .min = 1),
    { 0 },
};

/* Without a token: the old password proves who asks. */
static int change_password(struct request *rq, struct err *err)
{
    const struct password_change *c = rq->body;
    auto_rollback struct txn *reading = NULL; /* A wrong password writes nothing that would age tokens. */
    const char *proven;
    struct user u = { 0 };
    struct txn *t;
    int r;

    r = people_refuse_password(rq, rq_param(rq, "user_id"), c->original_password, err);
    if (r >= 0)
        r = txn_begin(rq->server->db, false, &reading, err);
    if (r >= 0)
        r = table_get(reading, rq->arena, &user_table, rq_param(rq, "user_id"), &u, err);
    if (r < 0 && r != -ENOENT)
        return r;
    if (reading)
        txn_rollback(&reading); /* Hashing holds no transaction. */
    proven = u.password_hash;
    r = password_prove(rq->server, rq->arena, &u, c->original_password, err);
    if (r >= 0)
        r = password_accept(rq->server, rq->arena, &u, c->password, true, err);
    if (r >= 0)
        r = password_set(rq->server, rq->arena, &u, c->password, true, err);
    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = user_set_password(t, rq->arena, &u, proven, err);
    if (r >= 0)
        r = revoke_user(rq, u.id, err);
    return r < 0 ? r : reply_empty(rq, 204);
}

/* clang-format off */
const struct route user_routes[] = {
    { HTTP_GET,    "/v3/users",           "identity:list_users",  list_users,      &user_resource, LISTED },
    { HTTP_POST,   "/v3/users",           "identity:create_user", resource_create, &user_resource,
      .flags = ROUTE_IGNORE_UNKNOWN, .load = load_new_target, .target = domain_target, .target_prefix = "target.user" },
    { HTTP_GET,    "/v3/users/{user_id}", "identity:get_user",    resource_show,   &user_resource,
      .target_prefix = "target.user" },
    { HTTP_PATCH,  "/v3/users/{user_id}", "identity:update_user", resource_update, &user_resource,
      .flags = ROUTE_IGNORE_UNKNOWN, .target_prefix = "target.user" },
    { HTTP_DELETE, "/v3/users/{user_id}", "identity:delete_user", resource_delete, &user_resource,
      .target_prefix = "target.user" },
    { HTTP_POST,   "/v3/users/{user_id}/password", POLICY_OPEN,   change_password,
      .key = "user", .in = password_fields, .in_size = sizeof(struct password_change), .status = 204 },
    { 0 },
};
/* clang-format on */
