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

/* The word of JSON schema for what 'why' says. */
static const char *schema_word(const char *why)
{
    static const struct {
        const char *words, *keyword;
    } known[] = {
        { "is too long", "maxLength" }, { "must not be empty", "minLength" }, { "is too short", "minLength" },
        { "less than", "minimum" },     { "greater than", "maximum" },        { "does not match", "pattern" },
        { "UUID", "format" },           { "is not one of", "enum" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(known); i++)
        if (strstr(why, known[i].words))
            return known[i].keyword;
    return "type";
}

static int placement_bad_field(struct request *rq, struct err *err, const char *name, const json_t *value,
                               const char *why)
{
    const char *at = name ? arena_printf(rq->arena, "['properties']['%s']", name) : "";

    return err_http(err, 400, NULL, "JSON does not validate: %s %s\n\nFailed validating '%s' in schema%s",
                    shown_value(rq->arena, value), why, schema_word(why), at);
}

static int placement_unknown_field(struct request *rq, struct err *err, const char *name)
{
    return err_http(err, 400, NULL,
                    "JSON does not validate: Additional properties are not allowed ('%.255s' was "
                    "unexpected)\n\nFailed validating 'additionalProperties' in schema",
                    name);
}

static int placement_missing_field(struct request *rq, struct err *err, const char *name)
{
    return err_http(
        err, 400, NULL,
        "JSON does not validate: '%s' is a required property\n\nFailed validating 'required' in schema",
        name ? name : "body");
}

static int placement_bad_version(struct request *rq, struct err *err, const char *version, bool malformed)
{
    if (malformed)
        return err_http(err, 400, NULL, "invalid version string: %.100s", version);
    return err_http(err, 406, NULL, "Unacceptable version header: %.100s", version);
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
    .bad_version = placement_bad_version,
};
