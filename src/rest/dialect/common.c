/* SPDX-License-Identifier: Apache-2.0 */
#include "rest/dialect/common.h"

#include <ctype.h>

#include "base/str.h"

#define SHOWN_MAX 600 /* Bytes of a value in words about it. */

/* As Python's repr() quotes text. */
static void show_text(struct strbuf *b, const char *s)
{
    char quote = strchr(s, '\'') && !strchr(s, '"') ? '"' : '\'';

    strbuf_putc(b, quote);
    for (; *s; s++) {
        if (*s == quote || *s == '\\')
            strbuf_putc(b, '\\');
        if (*s == '\n' || *s == '\t' || *s == '\r')
            strbuf_puts(b, *s == '\n' ? "\\n" : *s == '\t' ? "\\t" : "\\r");
        else
            strbuf_putc(b, *s);
    }
    strbuf_putc(b, quote);
}

static void show(struct arena *a, struct strbuf *b, const json_t *v);

static void show_object(struct arena *a, struct strbuf *b, const json_t *o)
{
    const char *name, *comma = "";
    json_t *v;

    strbuf_putc(b, '{');
    json_object_foreach ((json_t *) o, name, v) {
        strbuf_puts(b, comma);
        show_text(b, name);
        strbuf_puts(b, ": ");
        show(a, b, v);
        comma = ", ";
    }
    strbuf_putc(b, '}');
}

static void show_array(struct arena *a, struct strbuf *b, const json_t *all)
{
    const json_t *v;
    size_t i;

    strbuf_putc(b, '[');
    json_array_foreach (all, i, v) {
        strbuf_puts(b, i ? ", " : "");
        show(a, b, v);
    }
    strbuf_putc(b, ']');
}

/* How deep it may be is bounded where JSON is read. */
static void show(struct arena *a, struct strbuf *b, const json_t *v)
{
    if (!v || json_is_null(v))
        strbuf_puts(b, "None");
    else if (json_is_boolean(v))
        strbuf_puts(b, json_is_true(v) ? "True" : "False");
    else if (json_is_string(v))
        show_text(b, json_string_value(v));
    else if (json_is_object(v))
        show_object(a, b, v);
    else if (json_is_array(v))
        show_array(a, b, v);
    else
        strbuf_puts(b, json_text(a, v));
}

const char *shown_value(struct arena *a, const json_t *v)
{
    struct strbuf b;

    strbuf_init(&b, a);
    show(a, &b, v);
    return b.len > SHOWN_MAX ? arena_printf(a, "%.*s...", SHOWN_MAX, strbuf_str(&b)) : strbuf_str(&b);
}

int common_bad_field(struct request *rq, struct err *err, const char *name, const json_t *value,
                     const char *why)
{
    if (!name)
        return err_http(err, 400, NULL, "%s %s", shown_value(rq->arena, value), why);
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
