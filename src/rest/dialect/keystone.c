/* SPDX-License-Identifier: Apache-2.0 */
/* Identity's way of speaking: {"error": {code, message, title}}, lists with
 * links, filters such as name__contains. */
#include "base/str.h"
#include "rest/dialect/common.h"
#include "rest/server.h"

static const char *keystone_error(struct request *rq, int status, const struct err *e, struct strbuf *out)
{
    struct jw w;

    if (status == 401)
        http_reply_header(rq->http, "WWW-Authenticate",
                          arena_printf(rq->arena, "Keystone uri=\"%s/v3\"", rq_base_url(rq)));
    jw_init(&w, out);
    jw_object(&w, NULL);
    jw_object(&w, "error");
    jw_int(&w, "code", status);
    jw_str(&w, "message", e->msg);
    jw_str(&w, "title", http_status_text(status));
    jw_end_object(&w);
    jw_end_object(&w);
    return "application/json";
}

#define MALFORMED                                                                                         \
    " The server could not comply with the request since it is either malformed or otherwise incorrect. " \
    "The client is assumed to be in error."

static int keystone_bad_body(struct request *rq, struct err *err, bool is_type)
{
    return err_http(err, 400, NULL,
                    is_type ? "Expecting to find application/json in Content-Type header." MALFORMED
                            : "Expecting to find valid JSON in request body." MALFORMED);
}

static int keystone_forbidden(struct request *rq, struct err *err, const char *rule)
{
    return err_http(err, 403, NULL, "You are not authorized to perform the requested action: %s.", rule);
}

static int keystone_not_found(struct request *rq, struct err *err, const struct resource *res, const char *id)
{
    return err_http(err, 404, NULL, "Could not find %s: %.255s.", res->label ? res->label : res->singular,
                    id);
}

/* A change names what it gave, a creation what came of it. */
static const char *given_text(struct request *rq, const struct resource *res, const void *obj,
                              const char *name)
{
    const struct field *f = field_named(res->fields, name);

    if (rq->http->method == HTTP_PATCH)
        return json_str(rq->in, name);
    return f ? field_text(rq->arena, f, obj) : NULL;
}

static int keystone_duplicate(struct request *rq, struct err *err, const struct resource *res,
                              const void *obj)
{
    const char *label = res->label ? res->label : res->singular;
    const char *name = given_text(rq, res, obj, "name"), *domain = given_text(rq, res, obj, "domain_id");

    if (!name && !field_named(res->fields, "name"))
        return err_http(err, 409, NULL,
                        "Conflict occurred attempting to store %s - Duplicate entry found with ID %s.", label,
                        row_key(res, obj));
    return err_http(err, 409, NULL, "Conflict occurred attempting to store %s - Duplicate entry%s%s%s%s.",
                    label, name ? " found with name " : "", name ? name : "",
                    str_empty(domain) ? "" : " at domain ID ", str_empty(domain) ? "" : domain);
}

static int keystone_unauthorized(struct request *rq, struct err *err)
{
    return err_http(err, 401, NULL, "The request you have made requires authentication.");
}

static const struct {
    const char *suffix;
    enum cond_op op;
    bool folded; /* Compared in lower case. */
} comparisons[] = {
    { "__contains", COND_CONTAINS, false }, { "__icontains", COND_CONTAINS, true },
    { "__startswith", COND_STARTS, false }, { "__istartswith", COND_STARTS, true },
    { "__endswith", COND_ENDS, false },     { "__iendswith", COND_ENDS, true },
};

/* "?enabled" asks for what is, and so does every word that does not say no. */
static bool is_flag(struct request *rq, const struct resource *res, struct query *q,
                    const struct query_param *p)
{
    const struct field *f = field_named(res->fields, p->name);
    bool is = true;

    if (!f || f->type != FIELD_BOOL || !(f->use & ON_FILTER))
        return false;
    if (*p->value && str_to_bool(p->value, &is) < 0)
        is = true;
    rq_cond(rq, q,
            (struct cond){ .column = f->column ? f->column : f->name, .op = COND_EQ, .value = val_int(is) });
    return true;
}

/* Named twice, it must be both. */
static bool is_plain_filter(struct request *rq, const struct resource *res, struct query *q,
                            const struct query_param *p)
{
    const struct field *f = field_named(res->fields, p->name);

    if (!f || f->type != FIELD_STRING || !(f->use & ON_FILTER))
        return false;
    rq_cond(rq, q,
            (struct cond){
                .column = f->column ? f->column : f->name, .op = COND_EQ, .value = val_text(p->value) });
    return true;
}

/* name__contains and its kin. */
static int keystone_query_param(struct request *rq, const struct resource *res, struct query *q,
                                const struct query_param *p, struct err *err)
{
    const char *mark = strstr(p->name, "__");
    const struct field *f;

    if (!mark)
        return is_flag(rq, res, q, p) || is_plain_filter(rq, res, q, p);
    f = field_named(res->fields, arena_strndup(rq->arena, p->name, (size_t) (mark - p->name)));
    if (!f || f->type != FIELD_STRING || !(f->use & ON_FILTER))
        return 1;
    for (size_t i = 0; i < ARRAY_SIZE(comparisons); i++)
        if (strcmp(mark, comparisons[i].suffix) == 0) {
            const char *column = f->column ? f->column : f->name;

            if (comparisons[i].folded)
                column = arena_printf(rq->arena, "LOWER(%s)", column);
            rq_cond(rq, q,
                    (struct cond){ .column = column,
                                   .op = comparisons[i].op,
                                   .value = val_text(comparisons[i].folded ? str_lower(rq->arena, p->value)
                                                                           : p->value) });
        }
    return 1;
}

static void keystone_list_links(struct request *rq, struct jw *w, const struct resource *res,
                                const struct list *objs)
{
    const char *base = rq_base_url(rq), *path = rq->http->path, *query = rq->http->query;
    size_t n = strlen(path);

    n -= n && path[n - 1] == '/';
    jw_object(w, "links");
    if (objs->more && objs->count)
        jw_printf(w, "next", "%s%s", base, page_url(rq, row_key(res, list_at(objs, objs->count - 1)), NULL));
    else
        jw_null(w, "next");
    jw_printf(w, "self", "%s%.*s%s%s", base, (int) n, path, *query ? "?" : "", query);
    jw_null(w, "previous");
    jw_end_object(w);
    if (objs->more)
        jw_bool(w, "truncated", true);
}

/* An update says something, and not another id. */
static int keystone_check_update(struct request *rq, const char *id, struct err *err)
{
    const json_t *given = json_object_get(rq->in, "id");

    if (!json_object_size(rq->in))
        return err_http(err, 400, NULL, "{} does not have enough properties");
    if (given && !str_eq(json_string_value(given), id))
        return err_http(err, 400, NULL, "Cannot change ID");
    return 0;
}

const struct dialect keystone_dialect = {
    .name = "keystone",
    .time = TIME_ISO_MICRO_Z,
    .hex_ids = true,
    .policy_first = true,
    .empty_envelope = true,
    .vary = "X-Auth-Token",
    .error = keystone_error,
    .bad_body = keystone_bad_body,
    .bad_field = common_bad_field,
    .unknown_field = common_unknown_field,
    .missing_field = common_missing_field,
    .forbidden = keystone_forbidden,
    .not_found = keystone_not_found,
    .duplicate = keystone_duplicate,
    .unauthorized = keystone_unauthorized,
    .check_update = keystone_check_update,
    .query_param = keystone_query_param,
    .list_links = keystone_list_links,
    .limit_over_max_is_capped = true,
};
