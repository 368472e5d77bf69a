/* SPDX-License-Identifier: Apache-2.0 */
/* Compute's way of speaking: {"itemNotFound": {code, message}}, "servers_links". */
#include "base/str.h"
#include "rest/dialect/common.h"
#include "rest/server.h"

static const struct {
    int status;
    const char *name;
} faults[] = {
    { 400, "badRequest" },         { 401, "unauthorized" },   { 403, "forbidden" },
    { 404, "itemNotFound" },       { 405, "badMethod" },      { 406, "notAcceptable" },
    { 409, "conflictingRequest" }, { 413, "overLimit" },      { 415, "badMediaType" },
    { 429, "overLimit" },          { 501, "notImplemented" }, { 503, "serviceUnavailable" },
};

static const char *nova_error(struct request *rq, int status, const struct err *e, struct strbuf *out)
{
    const char *name = "computeFault";
    struct jw w;

    for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
        if (faults[i].status == status)
            name = faults[i].name;
    if (status == 401)
        http_reply_header(rq->http, "WWW-Authenticate", "Keystone");
    jw_init(&w, out);
    jw_object(&w, NULL);
    jw_object(&w, name);
    jw_int(&w, "code", status);
    jw_str(&w, "message", e->msg);
    jw_end_object(&w);
    jw_end_object(&w);
    return "application/json";
}

static int nova_bad_field(struct request *rq, struct err *err, const char *name, const json_t *value,
                          const char *why)
{
    const char *v = shown_value(rq->arena, value);

    if (!name)
        return err_http(err, 400, NULL, "Invalid input for field/attribute body. Value: %s. %s %s", v, v,
                        why);
    return err_http(err, 400, NULL, "Invalid input for field/attribute %s. Value: %s. %s %s", name, v, v,
                    why);
}

static int nova_forbidden(struct request *rq, struct err *err, const char *rule)
{
    return err_http(err, 403, NULL, "Policy doesn't allow %s to be performed.", rule);
}

static int nova_not_found(struct request *rq, struct err *err, const struct resource *res, const char *id)
{
    return err_http(err, 404, NULL, "%s %.255s could not be found.",
                    capital(rq->arena, res->label ? res->label : res->singular), id);
}

static int nova_duplicate(struct request *rq, struct err *err, const struct resource *res, const void *obj)
{
    const struct field *f = field_named(res->fields, "name");

    return err_http(err, 409, NULL, "%s with name %s already exists.",
                    capital(rq->arena, res->label ? res->label : res->singular),
                    f ? field_text(rq->arena, f, obj) : row_key(res, obj));
}

static int nova_unauthorized(struct request *rq, struct err *err)
{
    return err_http(err, 401, NULL, "The request you have made requires authentication.");
}

static void nova_list_links(struct request *rq, struct jw *w, const struct resource *res,
                            const struct list *objs)
{
    if (!objs->more || !objs->count)
        return;
    jw_array(w, arena_printf(rq->arena, "%s_links", res->plural));
    jw_object(w, NULL);
    jw_str(w, "rel", "next");
    jw_printf(w, "href", "%s%s", rq_base_url(rq),
              page_url(rq, row_key(res, list_at(objs, objs->count - 1)), NULL));
    jw_end_object(w);
    jw_end_array(w);
}

const struct dialect nova_dialect = {
    .name = "nova",
    .time = TIME_ISO_Z,
    .project_in_path = true,
    .exact_paths = true,
    .own_request_id = "X-Compute-Request-Id",
    .error = nova_error,
    .bad_field = nova_bad_field,
    .unknown_field = common_unknown_field,
    .missing_field = common_missing_field,
    .forbidden = nova_forbidden,
    .not_found = nova_not_found,
    .duplicate = nova_duplicate,
    .unauthorized = nova_unauthorized,
    .list_links = nova_list_links,
    .default_limit = 1000,
    .max_limit = 1000,
    .limit_over_max_is_capped = true,
};
