/* SPDX-License-Identifier: Apache-2.0 */
#include "rest/field.h"

#include <math.h>

#include "base/secret.h"
#include "base/str.h"
#include "base/uuid.h"
#include "rest/dialect.h"
#include "rest/server.h"

bool field_exists(const struct field *f, unsigned v)
{
    return v >= f->since && (!f->until || v <= f->until);
}

const struct field *field_named(const struct field *fields, const char *name)
{
    for (const struct field *f = fields; f->name; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

const char *check_uuid(const char *v)
{
    return uuid_is_valid(v) ? NULL : "is not a valid UUID";
}

const char *check_not_blank(const char *v)
{
    return v[strspn(v, " \t\n\v\f\r")] ? NULL : "does not match '[\\\\S]+'";
}

const char *check_no_space(const char *v)
{
    size_t n = strlen(v);

    if (n && (v[0] == ' ' || v[0] == '\t' || v[n - 1] == ' ' || v[n - 1] == '\t'))
        return "must not begin or end with white space";
    return NULL;
}

const char *check_url(const char *v)
{
    const char *rest = strstr(v, "://");

    if (!rest || rest == v || !rest[3])
        return "is not a URL";
    for (const char *p = v; *p; p++)
        if ((unsigned char) *p <= ' ')
            return "is not a URL";
    return NULL;
}

/* --- reading --------------------------------------------------------------- */

struct reading {
    struct request *rq;
    const struct field *f;
    const json_t *v;
    void *at; /* The member. */
    struct err *err;
};

static int bad(const struct reading *r, const char *why)
{
    return r->rq->server->service->dialect->bad_field(r->rq, r->err, r->f->name, r->v, why);
}

/* In JSON schema's words. */
static const char *type_name(const struct field *f)
{
    switch (f->type) {
    case FIELD_BOOL:
        return "boolean";
    case FIELD_INT:
        return "integer";
    case FIELD_DOUBLE:
        return "number";
    case FIELD_STRV:
        return "array";
    case FIELD_JSON:
        return f->json;
    default:
        return "string";
    }
}

static int bad_type(const struct reading *r)
{
    return bad(r, arena_printf(r->rq->arena, "is not of type '%s'%s", type_name(r->f),
                               r->f->nullable ? ", 'null'" : ""));
}

static bool choice_fits(const char *choices, const char *v)
{
    size_t n = strlen(v);

    for (const char *p = choices; p; p = strchr(p, '|'), p = p ? p + 1 : NULL)
        if (strncmp(p, v, n) == 0 && (p[n] == '|' || !p[n]))
            return true;
    return false;
}

/* As Python shows a list of texts. */
static const char *choices_shown(struct arena *a, const char *choices)
{
    const char *comma = "";
    struct strbuf b;

    strbuf_init(&b, a);
    strbuf_putc(&b, '[');
    strv_foreach (choice, str_split(a, choices, '|')) {
        strbuf_printf(&b, "%s'%s'", comma, *choice);
        comma = ", ";
    }
    strbuf_putc(&b, ']');
    return strbuf_str(&b);
}

static int check_text(const struct reading *r, const char *s)
{
    const struct field *f = r->f;
    size_t n = str_utf8_len(s);
    const char *why;

    if (f->max && (int64_t) n > f->max)
        return bad(r, "is too long");
    if ((int64_t) n < f->min)
        return bad(r, "is too short");
    if (f->choices && !choice_fits(f->choices, s))
        return bad(r,
                   arena_printf(r->rq->arena, "is not one of %s", choices_shown(r->rq->arena, f->choices)));
    why = f->check ? f->check(s) : NULL;
    return why ? bad(r, why) : 0;
}

static int read_string(const struct reading *r)
{
    const char *s = json_string_value(r->v);
    int e;

    if (!s && r->f->lax && json_is_number(r->v))
        s = json_text(r->rq->arena, r->v);
    if (!s)
        return bad_type(r);
    e = check_text(r, s);
    if (e < 0)
        return e;
    *(const char **) r->at = r->f->trim ? str_trim(r->rq->arena, s) : arena_strdup(r->rq->arena, s);
    return 0;
}

static int read_secret(const struct reading *r)
{
    const char *s = json_string_value(r->v);
    int e;

    if (!s)
        return bad_type(r);
    e = check_text(r, s);
    if (e < 0)
        return e;
    *(struct secret *) r->at = secret_of(arena_strdup(r->rq->arena, s));
    return 0;
}

static int read_bool(const struct reading *r)
{
    bool b = json_is_true(r->v);
    const char *s = json_string_value(r->v);

    if (!json_is_boolean(r->v)) {
        if (!r->f->lax)
            return bad_type(r);
        if (s ? str_to_bool(s, &b) < 0 : !json_is_integer(r->v) || json_integer_value(r->v) >> 1)
            return bad_type(r);
        if (!s)
            b = json_integer_value(r->v) == 1;
    }
    *(bool *) r->at = b;
    return 0;
}

static int read_int(const struct reading *r)
{
    int64_t i = json_integer_value(r->v);

    if (!json_is_integer(r->v) &&
        !(r->f->lax && json_is_string(r->v) && str_to_i64(json_string_value(r->v), &i) == 0))
        return bad_type(r);
    if ((r->f->min || r->f->max) && i < r->f->min)
        return bad(r, arena_printf(r->rq->arena, "is less than the minimum of %lld", (long long) r->f->min));
    if (r->f->max && i > r->f->max)
        return bad(r,
                   arena_printf(r->rq->arena, "is greater than the maximum of %lld", (long long) r->f->max));
    *(int64_t *) r->at = i;
    return 0;
}

static int read_double(const struct reading *r)
{
    double d = json_number_value(r->v);

    if (!json_is_number(r->v) &&
        !(r->f->lax && json_is_string(r->v) && str_to_double(json_string_value(r->v), &d) == 0))
        return bad_type(r);
    if ((r->f->min || r->f->max) && d < (double) r->f->min)
        return bad(r, arena_printf(r->rq->arena, "is less than the minimum of %lld", (long long) r->f->min));
    if (r->f->max && d > (double) r->f->max)
        return bad(r,
                   arena_printf(r->rq->arena, "is greater than the maximum of %lld", (long long) r->f->max));
    *(double *) r->at = d;
    return 0;
}

static int read_time(const struct reading *r)
{
    int64_t us;

    if (!json_is_string(r->v) || time_parse(json_string_value(r->v), &us) < 0)
        return bad(r, "is not a 'date-time'");
    *(int64_t *) r->at = us;
    return 0;
}

static int read_strv(const struct reading *r)
{
    const char **v = json_is_array(r->v) ? json_strv(r->rq->arena, r->v) : NULL;
    const json_t *item;
    size_t i;

    if (!json_is_array(r->v))
        return bad_type(r);
    json_array_foreach (r->v, i, item)
        if (!json_is_string(item))
            return r->rq->server->service->dialect->bad_field(
                r->rq, r->err, arena_printf(r->rq->arena, "%s/%zu", r->f->name, i), item,
                "is not of type 'string'");
    if (!v)
        return bad(r, "is not a list of strings");
    if (r->f->max && (int64_t) strv_len(v) > r->f->max)
        return bad(r, "is too long");
    *(const char ***) r->at = v;
    return 0;
}

static int read_json(const struct reading *r)
{
    if (r->f->json && !(str_eq(r->f->json, "array") ? json_is_array(r->v) : json_is_object(r->v)))
        return bad_type(r);
    *(const char **) r->at = json_text(r->rq->arena, r->v);
    return 0;
}

static int (*const readers[])(const struct reading *) = {
    [FIELD_STRING] = read_string, [FIELD_BOOL] = read_bool,     [FIELD_INT] = read_int,
    [FIELD_DOUBLE] = read_double, [FIELD_TIME] = read_time,     [FIELD_STRV] = read_strv,
    [FIELD_JSON] = read_json,     [FIELD_SECRET] = read_secret,
};

static void set_null(const struct field *f, void *at)
{
    switch (f->type) {
    case FIELD_INT:
        *(int64_t *) at = FIELD_NULL_INT;
        break;
    case FIELD_DOUBLE:
        *(double *) at = NAN;
        break;
    case FIELD_TIME:
        *(int64_t *) at = 0;
        break;
    case FIELD_BOOL:
        *(bool *) at = false;
        break;
    default:
        *(const char **) at = NULL;
    }
}

static int set_default(struct request *rq, const struct field *f, void *at, struct err *err)
{
    struct reading r = { rq, f, NULL, at, err };
    auto_json json_t *v = NULL;
    int e;

    if (!f->value) {
        if (f->nullable)
            set_null(f, at);
        return 0;
    }
    switch (f->type) {
    case FIELD_STRING:
    case FIELD_JSON:
        *(const char **) at = f->value;
        return 0;
    case FIELD_BOOL:
        *(bool *) at = str_eq(f->value, "true");
        return 0;
    case FIELD_INT:
        return str_to_i64(f->value, at);
    default:
        e = json_read(f->value, strlen(f->value), &v, err);
        r.v = v;
        return e < 0 ? e : readers[f->type](&r);
    }
}

static int refuse_unknown(struct request *rq, const struct field *fields, unsigned use, const json_t *o,
                          struct err *err)
{
    const char *name;
    json_t *v;

    json_object_foreach ((json_t *) o, name, v) {
        const struct field *f;

        for (f = fields; f->name; f++)
            if ((f->use & use) && strcmp(f->name, name) == 0 && field_exists(f, rq->version))
                break;
        if (!f->name)
            return rq->server->service->dialect->unknown_field(rq, err, name);
    }
    return 0;
}

int fields_read(struct request *rq, const struct field *fields, unsigned use, enum unknown_fields unknown,
                const json_t *o, void *ret, uint64_t *given, struct err *err)
{
    int e;

    *given = 0;
    if (!json_is_object(o))
        return rq->server->service->dialect->bad_field(rq, err, NULL, o, "is not of type 'object'");
    if (unknown == UNKNOWN_REFUSE) {
        e = refuse_unknown(rq, fields, use, o, err);
        if (e < 0)
            return e;
    }
    for (const struct field *f = fields; f->name; f++) {
        struct reading r = { rq, f, NULL, (char *) ret + f->offset, err };

        if (!(f->use & use) || !field_exists(f, rq->version))
            continue;
        r.v = json_object_get(o, f->name);
        if (!r.v) {
            if (!(use & ON_CREATE))
                continue;
            if (f->required)
                return rq->server->service->dialect->missing_field(rq, err, f->name);
            e = set_default(rq, f, r.at, err);
            if (e < 0)
                return e;
            continue;
        }
        *given |= UINT64_C(1) << (f - fields);
        if (json_is_null(r.v)) {
            if (!f->nullable)
                return bad_type(&r);
            set_null(f, r.at);
            continue;
        }
        e = readers[f->type](&r);
        if (e < 0)
            return e;
    }
    return 0;
}

/* --- writing --------------------------------------------------------------- */

/* "fields=id&fields=name" or "fields=id,name" as Neutron has it. */
static bool selected(const struct request *rq, const char *name)
{
    size_t n = strlen(name);
    bool any = false;

    for (size_t i = 0; i < rq->n_query; i++) {
        if (strcmp(rq->query[i].name, "fields") != 0 || !*rq->query[i].value)
            continue;
        any = true;
        for (const char *p = rq->query[i].value; p; p = strchr(p, ','), p = p ? p + 1 : NULL)
            if (strncmp(p, name, n) == 0 && (p[n] == ',' || !p[n]))
                return true;
    }
    return !any;
}

uint64_t fields_shown(struct request *rq, const struct field *fields)
{
    uint64_t shown = 0;

    if (rq->shown_fields == fields)
        return rq->shown;
    for (const struct field *f = fields; f->name; f++)
        if ((f->use & ON_SHOW) && field_exists(f, rq->version) && (!f->policy || rq_can(rq, f->policy)) &&
            (!rq->server->service->dialect->select_fields || selected(rq, f->name)))
            shown |= UINT64_C(1) << (f - fields);
    rq->shown_fields = fields;
    return rq->shown = shown;
}

static void write_one(struct request *rq, struct jw *w, const struct field *f, const void *at)
{
    switch (f->type) {
    case FIELD_STRING:
        jw_str(w, f->name, *(const char *const *) at);
        break;
    case FIELD_BOOL:
        jw_bool(w, f->name, *(const bool *) at);
        break;
    case FIELD_INT:
        if (*(const int64_t *) at == FIELD_NULL_INT)
            jw_null(w, f->name);
        else
            jw_int(w, f->name, *(const int64_t *) at);
        break;
    case FIELD_DOUBLE:
        jw_double(w, f->name, *(const double *) at);
        break;
    case FIELD_TIME:
        jw_time(w, f->name, *(const int64_t *) at, rq->server->service->dialect->time);
        break;
    case FIELD_STRV:
        jw_strv(w, f->name, *(const char *const *const *) at);
        break;
    case FIELD_JSON:
        jw_raw(w, f->name, *(const char *const *) at);
        break;
    case FIELD_SECRET:
        break; /* Never leaves. */
    }
}

void fields_write(struct request *rq, struct jw *w, const struct field *fields, const void *obj)
{
    uint64_t shown = fields_shown(rq, fields);

    for (const struct field *f = fields; f->name; f++)
        if (shown & UINT64_C(1) << (f - fields))
            write_one(rq, w, f, (const char *) obj + f->offset);
}

const char *field_text(struct arena *a, const struct field *f, const void *obj)
{
    const void *at = (const char *) obj + f->offset;

    switch (f->type) {
    case FIELD_STRING:
    case FIELD_JSON:
        return *(const char *const *) at;
    case FIELD_BOOL:
        return *(const bool *) at ? "True" : "False";
    case FIELD_INT:
    case FIELD_TIME:
        if (*(const int64_t *) at == FIELD_NULL_INT)
            return NULL;
        return arena_printf(a, "%lld", (long long) *(const int64_t *) at);
    default:
        return NULL;
    }
}
