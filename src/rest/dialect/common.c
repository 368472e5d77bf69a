/* SPDX-License-Identifier: Apache-2.0 */
#include "rest/dialect/common.h"

#include <ctype.h>

#include "base/str.h"

const char *shown_value(struct arena *a, const json_t *v)
{
    const char *text;

    if (!v || json_is_null(v))
        return "None";
    if (json_is_boolean(v))
        return json_is_true(v) ? "True" : "False";
    text = json_is_string(v) ? json_string_value(v) : json_text(a, v);
    if (strlen(text) > 200)
        text = arena_printf(a, "%.200s...", text);
    return json_is_string(v) ? arena_printf(a, "'%s'", text) : text;
}

int common_bad_field(struct request *rq, struct err *err, const char *name, const json_t *value,
                     const char *why)
{
    if (!name)
        return err_http(err, 400, NULL, "Invalid request body: %s %s", shown_value(rq->arena, value), why);
    return err_http(err, 400, NULL, "Invalid input for field '%s': %s %s", name,
                    shown_value(rq->arena, value), why);
}

int common_unknown_field(struct request *rq, struct err *err, const char *name)
{
    return err_http(err, 400, NULL, "Additional properties are not allowed ('%.255s' was unexpected)", name);
}

int common_missing_field(struct request *rq, struct err *err, const char *name)
{
    if (!name)
        return err_http(err, 400, NULL, "The request needs a body: a JSON object.");
    return err_http(err, 400, NULL, "'%s' is a required property", name);
}

const char *page_url(struct request *rq, const char *marker, const char *extra)
{
    struct strbuf b;
    char sep = '?';

    strbuf_init(&b, rq->arena);
    strbuf_puts(&b, rq->http->path);
    for (size_t i = 0; i < rq->n_query; i++) {
        if (strcmp(rq->query[i].name, "marker") == 0 || (extra && strcmp(rq->query[i].name, extra) == 0))
            continue;
        strbuf_putc(&b, sep);
        url_encode(&b, rq->query[i].name);
        strbuf_putc(&b, '=');
        url_encode(&b, rq->query[i].value);
        sep = '&';
    }
    if (marker) {
        strbuf_putc(&b, sep);
        strbuf_puts(&b, "marker=");
        url_encode(&b, marker);
    }
    return strbuf_str(&b);
}

const char *row_key(const struct resource *res, const void *obj)
{
    for (const struct column *c = res->table->columns; c->name; c++)
        if (strcmp(c->name, res->table->key) == 0)
            return *(const char *const *) ((const char *) obj + c->offset);
    return NULL;
}

const char *capital(struct arena *a, const char *word)
{
    char *s = arena_strdup(a, word);

    *s = (char) toupper((unsigned char) *s);
    return s;
}
