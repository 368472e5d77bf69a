/* SPDX-License-Identifier: Apache-2.0 */
/* Network's way of speaking: {"NeutronError": {type, message, detail}},
 * page_reverse, fields=, "networks_links". */
#include "base/str.h"
#include "rest/dialect/common.h"
#include "rest/server.h"

static const struct {
    int status;
    const char *type;
} types[] = {
    { 400, "HTTPBadRequest" },
    { 401, "HTTPUnauthorized" },
    { 403, "PolicyNotAuthorized" },
    { 404, "HTTPNotFound" },
    { 405, "HTTPMethodNotAllowed" },
    { 409, "HTTPConflict" },
    { 413, "HTTPRequestEntityTooLarge" },
    { 415, "HTTPUnsupportedMediaType" },
    { 503, "ServiceUnavailable" },
};

static const char *neutron_error(struct request *rq, int status, const struct err *e, struct strbuf *out)
{
    const char *type = e->type;
    struct jw w;

    for (size_t i = 0; !type && i < ARRAY_SIZE(types); i++)
        if (types[i].status == status)
            type = types[i].type;
    if (status == 401)
        http_reply_header(rq->http, "WWW-Authenticate", "Keystone");
    jw_init(&w, out);
    jw_object(&w, NULL);
    jw_object(&w, "NeutronError");
    jw_str(&w, "type", type ? type : "HTTPInternalServerError");
    jw_str(&w, "message", e->msg);
    jw_str(&w, "detail", "");
    jw_end_object(&w);
    jw_end_object(&w);
    return "application/json";
}

static int neutron_bad_field(struct request *rq, struct err *err, const char *name, const json_t *value,
                             const char *why)
{
    return err_http(err, 400, "HTTPBadRequest", "Invalid input for %s. Reason: %s %s.", name ? name : "body",
                    shown_value(rq->arena, value), why);
}

static int neutron_unknown_field(struct request *rq, struct err *err, const char *name)
{
    return err_http(err, 400, "HTTPBadRequest", "Unrecognized attribute(s) '%.255s'", name);
}

static int neutron_missing_field(struct request *rq, struct err *err, const char *name)
{
    if (!name)
        return err_http(err, 400, "HTTPBadRequest", "Resource body required");
    return err_http(err, 400, "HTTPBadRequest",
                    "Failed to parse request. Required attribute '%s' not specified", name);
}

static int neutron_forbidden(struct request *rq, struct err *err, const char *rule)
{
    return err_http(err, 403, "PolicyNotAuthorized", "(rule:%s) is disallowed by policy", rule);
}

static int neutron_not_found(struct request *rq, struct err *err, const struct resource *res, const char *id)
{
    return err_http(err, 404, res->not_found, "%s %.255s could not be found.",
                    capital(rq->arena, res->label ? res->label : res->singular), id);
}

static int neutron_duplicate(struct request *rq, struct err *err, const struct resource *res, const void *obj)
{
    return err_http(err, 409, "NeutronDbObjectDuplicateEntry", "Failed to create a duplicate %s.",
                    res->label ? res->label : res->singular);
}

static int neutron_unauthorized(struct request *rq, struct err *err)
{
    return err_http(err, 401, NULL, "The request you have made requires authentication.");
}

static int neutron_query_param(struct request *rq, const struct resource *res, struct query *q,
                               const struct query_param *p, struct err *err)
{
    if (strcmp(p->name, "page_reverse") == 0) {
        bool b = false;

        (void) str_to_bool(p->value, &b);
        q->reverse = b;
        return 1;
    }
    if (strcmp(p->name, "fields") == 0)
        return 1;
    if (strcmp(p->name, "tenant_id") == 0 || strcmp(p->name, "project_id") == 0) {
        const struct field *f = field_named(res->fields, p->name);

        if (!f || !(f->use & ON_FILTER))
            return 0;
    }
    return 0;
}

static void write_link(struct request *rq, struct jw *w, const char *rel, const char *url, bool reverse)
{
    jw_object(w, NULL);
    jw_str(w, "rel", rel);
    jw_printf(w, "href", "%s%s%s", rq_base_url(rq), url, reverse ? "&page_reverse=True" : "");
    jw_end_object(w);
}

/* Links are there when the client pages. */
static void neutron_list_links(struct request *rq, struct jw *w, const struct resource *res,
                               const struct list *objs)
{
    const char *reverse = rq_query(rq, "page_reverse");
    bool back = false, next, previous;

    if (!rq_query(rq, "limit") || !objs->count)
        return;
    if (reverse)
        (void) str_to_bool(reverse, &back);
    next = back ? rq_query(rq, "marker") != NULL : objs->more;
    previous = back ? objs->more : rq_query(rq, "marker") != NULL;
    if (!next && !previous)
        return;
    jw_array(w, arena_printf(rq->arena, "%s_links", res->plural));
    if (next)
        write_link(rq, w, "next", page_url(rq, row_key(res, list_at(objs, objs->count - 1)), "page_reverse"),
                   false);
    if (previous)
        write_link(rq, w, "previous", page_url(rq, row_key(res, list_at(objs, 0)), "page_reverse"), true);
    jw_end_array(w);
}

const struct dialect neutron_dialect = {
    .name = "neutron",
    .time = TIME_ISO_Z,
    .select_fields = true,
    .error = neutron_error,
    .bad_field = neutron_bad_field,
    .unknown_field = neutron_unknown_field,
    .missing_field = neutron_missing_field,
    .forbidden = neutron_forbidden,
    .not_found = neutron_not_found,
    .duplicate = neutron_duplicate,
    .unauthorized = neutron_unauthorized,
    .query_param = neutron_query_param,
    .list_links = neutron_list_links,
    .limit_over_max_is_capped = true,
};
