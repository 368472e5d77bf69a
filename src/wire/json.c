/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/json.h"

#include <errno.h>
#include <string.h>

#include "base/strbuf.h"

#define DEPTH_MAX 64

/* The first place where containers are nested too deep, or null.  Before the
 * parser, which recurses; what is no JSON at all it finds itself. */
static const char *find_too_deep(const char *text, size_t n)
{
    unsigned depth = 0;
    bool in_string = false;

    for (size_t i = 0; i < n; i++) {
        char c = text[i];

        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > DEPTH_MAX)
                return text + i;
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    return NULL;
}

static int say_too_deep(const char *text, const char *at, struct err *err)
{
    int line = 1;

    for (const char *p = text; p < at; p++)
        line += *p == '\n';
    return err_set(err, -EINVAL, "Malformed JSON: more than %d levels at line %d", DEPTH_MAX, line);
}

/* jansson's words without what it quotes: that may be a secret, and the words
 * go to the log as well. */
static int say_malformed(const json_error_t *e, struct err *err)
{
    const char *near = strstr(e->text, " near '");
    size_t n = near ? (size_t) (near - e->text) : strlen(e->text);

    if (json_error_code(e) == json_error_duplicate_key)
        return err_set(err, -EINVAL, "Malformed JSON: a name is there twice, at line %d column %d", e->line,
                       e->column);
    return err_set(err, -EINVAL, "Malformed JSON: %.*s, at line %d column %d", (int) n, e->text, e->line,
                   e->column);
}

int json_read(const char *text, size_t n, json_t **ret, struct err *err)
{
    const char *deep;
    json_error_t e;
    json_t *j;

    if (n == 0)
        return err_set(err, -EINVAL, "Malformed JSON: there is nothing");
    deep = find_too_deep(text, n);
    if (deep)
        return say_too_deep(text, deep, err);
    j = json_loadb(text, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);
    if (!j)
        return say_malformed(&e, err);
    *ret = j;
    return 0;
}

const char *json_str(const json_t *o, const char *name)
{
    return json_string_value(json_object_get(o, name));
}

int64_t json_int(const json_t *o, const char *name, int64_t otherwise)
{
    const json_t *v = json_object_get(o, name);

    return json_is_integer(v) ? json_integer_value(v) : otherwise;
}

bool json_truth(const json_t *o, const char *name, bool otherwise)
{
    const json_t *v = json_object_get(o, name);

    return json_is_boolean(v) ? json_is_true(v) : otherwise;
}

json_t *json_obj(const json_t *o, const char *name)
{
    json_t *v = json_object_get(o, name);

    return json_is_object(v) ? v : NULL;
}

json_t *json_arr(const json_t *o, const char *name)
{
    json_t *v = json_object_get(o, name);

    return json_is_array(v) ? v : NULL;
}

json_t *json_at(const json_t *o, const char *path)
{
    const json_t *v = o;

    for (;;) {
        size_t n = strcspn(path, ".");

        v = json_object_getn(v, path, n);
        if (!v || !path[n])
            return (json_t *) v;
        path += n + 1;
    }
}

char *json_text(struct arena *a, const json_t *v)
{
    struct strbuf b;
    struct jw w;

    strbuf_init(&b, a);
    jw_init(&w, &b);
    jw_value(&w, NULL, v);
    return b.data;
}

const char **json_strv(struct arena *a, const json_t *v)
{
    const char **ret;
    size_t i;
    json_t *s;

    if (!json_is_array(v))
        return NULL;
    ret = arena_array(a, const char *, json_array_size(v) + 1);
    json_array_foreach (v, i, s) {
        if (!json_is_string(s))
            return NULL;
        ret[i] = arena_strdup(a, json_string_value(s));
    }
    return ret;
}
