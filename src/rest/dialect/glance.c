/* SPDX-License-Identifier: Apache-2.0 */
/* Image's way of speaking: errors as small pages (or JSON for who asks),
 * "first" and "next", in: filters (the service's own store knows those). */
#include "base/str.h"
#include "rest/dialect/common.h"
#include "rest/server.h"

static const char *glance_error(struct request *rq, int status, const struct err *e, struct strbuf *out)
{
    const char *accept = rq_header(rq, "Accept"), *title = http_status_text(status);
    struct jw w;

    if (status == 401)
        http_reply_header(rq->http, "WWW-Authenticate", "Keystone");
    if (accept && strstr(accept, "application/json") && !strstr(accept, "text/html")) {
        jw_init(&w, out);
        jw_object(&w, NULL);
        jw_str(&w, "message", e->msg);
        jw_printf(&w, "code", "%d %s", status, title);
        jw_str(&w, "title", title);
        jw_end_object(&w);
        return "application/json";
    }
    strbuf_printf(out, "<html>\n <head>\n  <title>%d %s</title>\n </head>\n <body>\n  <h1>%d %s</h1>\n  ",
                  status, title, status, title);
    strbuf_put_markup(out, e->msg);
    strbuf_puts(out, "<br /><br />\n\n\n </body>\n</html>");
    return "text/html; charset=UTF-8";
}

static int glance_bad_field(struct request *rq, struct err *err, const char *name, const json_t *value,
                            const char *why)
{
    if (!name)
        return err_http(err, 400, NULL, "Provided object does not match schema: %s %s",
                        shown_value(rq->arena, value), why);
    return err_http(err, 400, NULL, "Provided object does not match schema: %s %s (property '%s')",
                    shown_value(rq->arena, value), why, name);
}

static int glance_forbidden(struct request *rq, struct err *err, const char *rule)
{
    return err_http(err, 403, NULL, "You are not authorized to complete %s action.", rule);
}

static int glance_not_found(struct request *rq, struct err *err, const struct resource *res, const char *id)
{
    return err_http(err, 404, NULL, "Failed to find %s %.255s", res->label ? res->label : res->singular, id);
}

static int glance_duplicate(struct request *rq, struct err *err, const struct resource *res, const void *obj)
{
    return err_http(err, 409, NULL, "%s ID %s already exists!",
                    capital(rq->arena, res->label ? res->label : res->singular), row_key(res, obj));
}

static int glance_unauthorized(struct request *rq, struct err *err)
{
    return err_http(
        err, 401, NULL,
        "This server could not verify that you are authorized to access the document you requested.");
}

static void glance_list_links(struct request *rq, struct jw *w, const struct resource *res,
                              const struct list *objs)
{
    jw_str(w, "first", page_url(rq, NULL, NULL));
    if (objs->more && objs->count)
        jw_str(w, "next", page_url(rq, row_key(res, list_at(objs, objs->count - 1)), NULL));
    jw_printf(w, "schema", "/v2/schemas/%s", res->plural);
}

const struct dialect glance_dialect = {
    .name = "glance",
    .time = TIME_ISO_Z,
    .exact_paths = true,
    .error = glance_error,
    .bad_field = glance_bad_field,
    .unknown_field = common_unknown_field,
    .missing_field = common_missing_field,
    .forbidden = glance_forbidden,
    .not_found = glance_not_found,
    .duplicate = glance_duplicate,
    .unauthorized = glance_unauthorized,
    .list_links = glance_list_links,
    .default_limit = 25,
    .max_limit = 1000,
    .limit_over_max_is_capped = true,
    .default_sort = "-created_at",
};
