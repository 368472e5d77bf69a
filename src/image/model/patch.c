/* SPDX-License-Identifier: Apache-2.0 */
#include "image/model/patch.h"

#include <ctype.h>

#include "base/str.h"
#include "image/model/check.h"

static const char *const words[] = {
    [PATCH_ADD] = "add", [PATCH_REPLACE] = "replace", [PATCH_REMOVE] = "remove"
};

/* --- the operation --------------------------------------------------------------- */

static int op_named(const char *name, enum patch_op *ret)
{
    for (size_t i = 0; i < ARRAY_SIZE(words); i++)
        if (str_eq(words[i], name)) {
            *ret = (enum patch_op) i;
            return 0;
        }
    return -EINVAL;
}

/* {"op": "add", "path": "/name", "value": …} */
static int read_draft_10(const json_t *o, struct patch *p, const char **ret_path, struct err *err)
{
    const char *op = json_string_value(json_object_get(o, "op"));

    if (!op)
        return err_http(
            err, 400, NULL,
            "Unable to find `op` in JSON Schema change. It must be one of the following: add, remove, "
            "replace.");
    if (op_named(op, &p->op) < 0)
        return err_http(err, 400, NULL,
                        "Invalid operation: `%.100s`. It must be one of the following: add, remove, replace.",
                        op);
    *ret_path = json_string_value(json_object_get(o, "path"));
    return *ret_path ? 0 : err_http(err, 400, NULL, "Unable to find 'path' in JSON Schema change");
}

/* {"add": "/name", "value": …} */
static int read_draft_4(const json_t *o, struct patch *p, const char **ret_path, struct err *err)
{
    unsigned found = 0;

    *ret_path = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(words); i++)
        if (json_object_get(o, words[i])) {
            found++;
            p->op = (enum patch_op) i;
            *ret_path = json_string_value(json_object_get(o, words[i]));
        }
    if (found > 1)
        return err_http(
            err, 400, NULL,
            "Operation objects must contain only one member named \"add\", \"remove\", or \"replace\".");
    if (!*ret_path)
        return err_http(
            err, 400, NULL,
            "Operation objects must contain exactly one member named \"add\", \"remove\", or \"replace\".");
    return 0;
}

/* --- the path ----------------------------------------------------------------------- */

static bool has_adjacent_slashes(const char *s)
{
    for (; *s; s++)
        if (*s == '/') {
            const char *p = s + 1;

            while (isspace((unsigned char) *p))
                p++;
            if (*p == '/')
                return true;
        }
    return false;
}

static bool has_broken_escape(const char *s)
{
    for (; *s; s++)
        if (*s == '~' && s[1] != '0' && s[1] != '1')
            return true;
    return false;
}

static int check_pointer(const char *s, struct err *err)
{
    size_t n = strlen(s);

    if (*s != '/')
        return err_http(err, 400, NULL, "Pointer `%.200s` does not start with \"/\".", s);
    if (has_adjacent_slashes(s))
        return err_http(err, 400, NULL, "Pointer `%.200s` contains adjacent \"/\".", s);
    if (n > 1 && s[n - 1] == '/')
        return err_http(err, 400, NULL, "Pointer `%.200s` end with \"/\".", s);
    if (has_broken_escape(s))
        return err_http(err, 400, NULL,
                        "Pointer `%.200s` contains \"~\" not part of a recognized escape sequence.", s);
    return 0;
}

static const char *unescape(struct arena *a, const char *s)
{
    char *copy = arena_strdup(a, s), *out = copy;

    for (; *s; s++, out++) {
        *out = *s;
        if (*s == '~')
            *out = *++s == '1' ? '/' : '~';
    }
    *out = 0;
    return str_trim(a, copy);
}

static int read_path(struct arena *a, const char *path, struct patch *p, struct err *err)
{
    const char **parts;
    size_t want;
    int r = check_pointer(path, err);

    if (r < 0)
        return r;
    parts = str_split(a, path + 1, '/');
    p->name = unescape(a, parts[0]);
    want = str_eq(p->name, "locations") && p->op != PATCH_REPLACE ? 2 : 1;
    if (strv_len(parts) != want)
        return err_http(err, 400, NULL, "Invalid JSON pointer for this resource: '%.200s'", path);
    p->at = want == 2 ? unescape(a, parts[1]) : NULL;
    return 0;
}

/* --- the value ----------------------------------------------------------------------- */

static bool is_base(const char *name)
{
    static const char *const base[] = { "name",      "visibility",  "protected",        "os_hidden",
                                        "owner",     "min_ram",     "min_disk",         "tags",
                                        "locations", "disk_format", "container_format", NULL };

    return strv_contains(base, name);
}

/* Base members are read by their rows when the change is made. */
static int check_value(const struct patch *p, struct err *err)
{
    if (is_base(p->name))
        return 0;
    if (!json_is_string(p->value))
        return schema_error(err, "the value of '%.255s' is not of type 'string'", p->name);
    if (str_utf8_len(p->name) > 255)
        return err_http(err, 400, NULL, "Custom property should not be greater than 255 characters.");
    return 0;
}

static int read_one(struct arena *a, const json_t *o, struct patch *p, struct err *err)
{
    const char *path = NULL;
    int r;

    if (!json_is_object(o))
        return err_http(err, 400, NULL, "Operations must be JSON objects.");
    r = p->draft_4 ? read_draft_4(o, p, &path, err) : read_draft_10(o, p, &path, err);
    if (r >= 0)
        r = read_path(a, path, p, err);
    if (r < 0)
        return r;
    p->value = p->op == PATCH_REMOVE ? NULL : json_object_get(o, "value");
    if (p->op != PATCH_REMOVE && !p->value)
        return err_http(err, 400, NULL, "Operation \"%s\" requires a member named \"value\".", words[p->op]);
    r = check_name(p->name, NAME_CHANGE, err);
    return r < 0 || p->op == PATCH_REMOVE ? r : check_value(p, err);
}

int patch_read(struct arena *a, json_t *body, bool draft_4, struct patch **ret, size_t *ret_n,
               struct err *err)
{
    size_t n = json_array_size(body);
    struct patch *all = arena_array(a, struct patch, n + 1);
    int r = 0;

    if (!json_is_array(body))
        return err_http(err, 400, NULL,
                        body ? "Request body must be a JSON array of operation objects."
                             : "Body expected in request.");
    for (size_t i = 0; r >= 0 && i < n; i++) {
        all[i].draft_4 = draft_4;
        r = read_one(a, json_array_get(body, i), &all[i], err);
    }
    if (r < 0)
        return r;
    *ret = all;
    *ret_n = n;
    return 0;
}
