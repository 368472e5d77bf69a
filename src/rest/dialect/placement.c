/* SPDX-License-Identifier: Apache-2.0 */
/* Placement's way of speaking: {"errors": [{status, title, detail,
 * request_id, code}]}. */
#include "base/str.h"
#include "rest/dialect/common.h"
#include "rest/server.h"

#define VERSION_WITH_CODE 23

static const char *placement_error(struct request *rq, int status, const struct err *e, struct strbuf *out)
{
    struct jw w;

    if (status == 401)
        http_reply_header(rq->http, "WWW-Authenticate", "Keystone");
    jw_init(&w, out);
    jw_object(&w, NULL);
    jw_array(&w, "errors");
    jw_object(&w, NULL);
    jw_int(&w, "status", status);
    jw_str(&w, "title", http_status_text(status));
    jw_str(&w, "detail", e->msg);
    if (rq->version >= VERSION_WITH_CODE)
        jw_str(&w, "code", e->type ? e->type : "placement.undefined_code");
    if (status == 406) {
        jw_printf(&w, "max_version", "%u.%u", rq->server->service->version_major,
                  rq->server->service->version_max);
        jw_printf(&w, "min_version", "%u.%u", rq->server->service->version_major,
                  rq->server->service->version_min);
    }
    jw_str(&w, "request_id", rq->request_id);
    jw_end_object(&w);
    jw_end_array(&w);
    jw_end_object(&w);
    return "application/json";
}

static int placement_forbidden(struct request *rq, struct err *err, const char *rule)
{
    return err_http(err, 403, NULL, "%s is disallowed by policy", rule);
}

static int placement_not_found(struct request *rq, struct err *err, const struct resource *res,
                               const char *id)
{
    return err_http(err, 404, NULL, "No %s with id %.255s found", res->label ? res->label : res->singular,
                    id);
}

static int placement_duplicate(struct request *rq, struct err *err, const struct resource *res,
                               const void *obj)
{
    return err_http(err, 409, NULL, "Conflicting %s already exists", res->label ? res->label : res->singular);
}

static int placement_unauthorized(struct request *rq, struct err *err)
{
    return err_http(err, 401, NULL, "Authentication required");
}

static int placement_bad_field(struct request *rq, struct err *err, const char *name, const json_t *value,
                               const char *why)
{
    return err_http(err, 400, NULL, "JSON does not validate: %s%s%s %s", name ? name : "", name ? ": " : "",
                    shown_value(rq->arena, value), why);
}

static int placement_unknown_field(struct request *rq, struct err *err, const char *name)
{
    return err_http(err, 400, NULL,
                    "JSON does not validate: Additional properties are not allowed ('%.255s' was unexpected)",
                    name);
}

static int placement_missing_field(struct request *rq, struct err *err, const char *name)
{
    return err_http(err, 400, NULL, "JSON does not validate: '%s' is a required property",
                    name ? name : "body");
}

const struct dialect placement_dialect = {
    .name = "placement",
    .time = TIME_ISO_Z,
    .error = placement_error,
    .bad_field = placement_bad_field,
    .unknown_field = placement_unknown_field,
    .missing_field = placement_missing_field,
    .forbidden = placement_forbidden,
    .not_found = placement_not_found,
    .duplicate = placement_duplicate,
    .unauthorized = placement_unauthorized,
};
