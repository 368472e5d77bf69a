/* SPDX-License-Identifier: Apache-2.0 */
/* A body is read by rows of every type into a structure, or refused with 400;
 * what was read keeps to the limits of its row. */
#include "rest/field.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "rest/request.h"
#include "rest/server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct thing {
    const char *name, *kind, *any, *list;
    bool on;
    int64_t count, when, maybe;
    double ratio;
    const char **tags;
    struct secret password;
};

static const struct field fields[] = {
    FIELD(FIELD_STRING, thing, name, .use = ON_ALL, .min = 1, .max = 8),
    FIELD(FIELD_STRING, thing, kind, .use = ON_ALL, .choices = "a|b", .nullable = true),
    FIELD(FIELD_JSON, thing, any, .use = ON_ALL),
    FIELD(FIELD_JSON, thing, list, .use = ON_ALL, .json = "array", .max = 3),
    FIELD(FIELD_BOOL, thing, on, .use = ON_ALL, .lax = true),
    FIELD(FIELD_INT, thing, count, .use = ON_ALL, .min = -1, .max = 100, .lax = true),
    FIELD(FIELD_INT, thing, maybe, .use = ON_ALL, .nullable = true),
    FIELD(FIELD_TIME, thing, when, .use = ON_ALL),
    FIELD(FIELD_DOUBLE, thing, ratio, .use = ON_ALL),
    FIELD(FIELD_STRV, thing, tags, .use = ON_ALL, .max = 4),
    FIELD(FIELD_SECRET, thing, password, .use = ON_ALL),
    { 0 },
};

extern const struct dialect nova_dialect;

static void check(const struct thing *t, uint64_t given)
{
    size_t tags = 0;

    if ((given & 1) && (!t->name || !*t->name || strlen(t->name) > 8 * 4))
        abort();
    if (t->kind && strcmp(t->kind, "a") != 0 && strcmp(t->kind, "b") != 0)
        abort();
    if (t->count < -1 || t->count > 100)
        abort();
    while (t->tags && t->tags[tags])
        tags++;
    if (tags > 4)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const struct service service = { .name = "x", .dialect = &nova_dialect };
    struct server server = { .service = &service };
    struct request rq = { .server = &server };
    auto_json json_t *j = NULL;
    auto_arena struct arena a;
    struct thing t = { 0 };
    struct err err = { 0 };
    uint64_t given = 0;

    arena_init(&a);
    rq.arena = &a;
    if (json_read((const char *) data, n, &j, &err) < 0)
        return 0;
    if (fields_read(&rq, fields, ON_UPDATE, UNKNOWN_REFUSE, j, &t, &given, &err) >= 0)
        check(&t, given);
    else if (err_status(&err) != 400)
        abort();
    return 0;
}
