/* SPDX-License-Identifier: Apache-2.0 */
#include "placement/api/params.h"

#include "base/str.h"
#include "base/uuid.h"

#define VERSION_FORBIDDEN_TRAITS 22
#define VERSION_MANY_MEMBER_OF   24
#define VERSION_NOT_MEMBER_OF    32
#define VERSION_ANY_TRAITS       39

#define FORM                     "?resources=VCPU:2,MEMORY_MB:1024"

static int read_amount(struct request *rq, const char *text, struct candidate_amount *ret, struct err *err)
{
    const char *colon = strchr(text, ':');
    int64_t n;

    if (!colon || strchr(colon + 1, ':'))
        return err_http(
            err, 400, NULL,
            "Badly formed resources parameter. Expected resources query string parameter in form: " FORM
            ". Got: %.255s.",
            text);
    ret->class_name = arena_strndup(rq->arena, text, (size_t) (colon - text));
    if (str_to_i64(str_trim(rq->arena, colon + 1), &n) < 0)
        return err_http(err, 400, NULL,
                        "Requested resource %.255s expected positive integer amount. Got: %.64s.",
                        ret->class_name, colon + 1);
    if (n < 1)
        return err_http(err, 400, NULL, "Requested resource %.255s requires amount >= 1. Got: %lld.",
                        ret->class_name, (long long) n);
    ret->amount = n;
    return 0;
}

/* A class that comes twice counts as it came last. */
static void put_amount(struct candidate_group *g, const struct candidate_amount *amount)
{
    for (size_t i = 0; i < g->n_amounts; i++)
        if (str_eq(g->amounts[i].class_name, amount->class_name)) {
            g->amounts[i] = *amount;
            return;
        }
    g->amounts[g->n_amounts++] = *amount;
}

int params_resources(struct request *rq, const char *value, struct candidate_group *g, struct err *err)
{
    const char **parts = str_split(rq->arena, value, ',');
    int r;

    if (!*str_trim(rq->arena, value))
        return err_http(
            err, 400, NULL,
            "Badly formed resources parameter. Expected resources query string parameter in form: " FORM
            ". Got: empty string.");
    g->n_amounts = 0;
    g->amounts = arena_array(rq->arena, struct candidate_amount, strv_len(parts) + 1);
    strv_foreach (part, parts) {
        struct candidate_amount amount = { 0 };

        r = read_amount(rq, *part, &amount, err);
        if (r < 0)
            return r;
        put_amount(g, &amount);
    }
    return 0;
}

/* --- traits ------------------------------------------------------------------------- */

#define TRAITS_WORDS "Invalid query string parameters: Expected 'required' parameter value of the form: "

static int refuse_traits(struct request *rq, struct err *err, const char *what, const char *value)
{
    return err_http(err, 400, NULL, TRAITS_WORDS "%s. Got%s: %.255s",
                    rq->version >= VERSION_FORBIDDEN_TRAITS ? "HW_CPU_X86_VMX,!CUSTOM_MAGIC"
                                                            : "HW_CPU_X86_VMX,CUSTOM_MAGIC",
                    what, value);
}

int params_traits(struct request *rq, const char *value, const char ***all, const char ***none,
                  struct err *err)
{
    strv_foreach (part, str_split(rq->arena, value, ',')) {
        const char *name = str_trim(rq->arena, *part);
        bool forbidden = *name == '!';

        name += strspn(name, "!");
        if (!*name)
            return refuse_traits(rq, err, " an empty trait in", value);
        if (forbidden && rq->version < VERSION_FORBIDDEN_TRAITS)
            return refuse_traits(rq, err, "", value);
        if (forbidden)
            *none = strv_add(rq->arena, *none, name);
        else
            *all = strv_add(rq->arena, *all, name);
    }
    return 0;
}

static void add_required(struct request *rq, struct candidate_group *g, const char **any)
{
    g->required = arena_grow(rq->arena, g->required, g->n_required * sizeof(*g->required),
                             (g->n_required + 1) * sizeof(*g->required));
    g->required[g->n_required++] = (struct trait_set){ .names = any };
}

static int read_any(struct request *rq, const char *value, struct candidate_group *g, struct err *err)
{
    const char **any = NULL;

    if (rq->version < VERSION_ANY_TRAITS)
        return err_http(err, 400, NULL,
                        "Invalid query string parameters: The format 'in:HW_CPU_X86_VMX,CUSTOM_MAGIC' only "
                        "supported since microversion 1.39. Got: %.255s",
                        value);
    strv_foreach (part, str_split(rq->arena, value + 3, ',')) {
        const char *name = str_trim(rq->arena, *part);

        if (!*name)
            return err_http(err, 400, NULL,
                            TRAITS_WORDS "in:HW_CPU_X86_VMX,CUSTOM_MAGIC. Got an empty trait in: %.255s",
                            value);
        if (*name == '!')
            return err_http(
                err, 400, NULL,
                "Invalid query string parameters: The format 'in:HW_CPU_X86_VMX,CUSTOM_MAGIC' does "
                "not support forbidden traits. Got: %.255s",
                value);
        any = strv_add(rq->arena, any, name);
    }
    add_required(rq, g, any);
    return 0;
}

static int read_required(struct request *rq, const char *value, struct candidate_group *g, struct err *err)
{
    const char **all = NULL;
    int r;

    if (str_has_prefix(value, "in:"))
        return read_any(rq, value, g, err);
    r = params_traits(rq, value, &all, &g->forbidden.names, err);
    strv_foreach (name, all)
        add_required(rq, g, strv_add(rq->arena, NULL, *name));
    return r;
}

int params_required(struct request *rq, struct candidate_group *g, struct err *err)
{
    const char *name = arena_printf(rq->arena, "required%s", g->suffix), *last = NULL;
    int r = 0;

    g->n_required = 0;
    g->required = NULL;
    g->forbidden.names = NULL;
    for (size_t i = 0; r >= 0 && i < rq->n_query; i++) {
        if (strcmp(rq->query[i].name, name) != 0)
            continue;
        last = rq->query[i].value;
        if (rq->version >= VERSION_ANY_TRAITS)
            r = read_required(rq, last, g, err);
    }
    if (last && rq->version < VERSION_ANY_TRAITS) /* Before, only the last one counted. */
        r = read_required(rq, last, g, err);
    return r;
}

/* --- aggregates ---------------------------------------------------------------------- */

static int read_member_of(struct request *rq, const char *value, struct candidate_group *g, struct err *err)
{
    bool none = *value == '!', many = str_has_prefix(value + none, "in:");
    const char **uuids;

    if (strchr(value, ',') && !many)
        return err_http(err, 400, NULL,
                        "Multiple values for 'member_of' must be prefixed with the 'in:' or '!in:' keyword "
                        "using the valid microversion. Got: %.255s",
                        value);
    if (none && rq->version < VERSION_NOT_MEMBER_OF)
        return err_http(err, 400, NULL,
                        "Forbidden member_of%s parameters are not supported in the specified microversion",
                        g->suffix);
    uuids = str_split(rq->arena, value + none + (many ? 3 : 0), ',');
    strv_foreach (u, uuids)
        if (!uuid_is_valid(*u))
            return err_http(
                err, 400, NULL,
                "Invalid query string parameters: Expected 'member_of' parameter to contain valid "
                "UUID(s). Got: %.255s",
                *u);
    if (none) {
        strv_foreach (u, uuids)
            g->forbidden_aggregates = strv_add(rq->arena, g->forbidden_aggregates, *u);
        return 0;
    }
    g->member_of = arena_grow(rq->arena, g->member_of, g->n_member_of * sizeof(*g->member_of),
                              (g->n_member_of + 1) * sizeof(*g->member_of));
    g->member_of[g->n_member_of++] = uuids;
    return 0;
}

int params_member_of(struct request *rq, struct candidate_group *g, struct err *err)
{
    const char *name = arena_printf(rq->arena, "member_of%s", g->suffix);
    size_t n = 0;
    int r = 0;

    g->n_member_of = 0;
    g->member_of = NULL;
    g->forbidden_aggregates = NULL;
    for (size_t i = 0; r >= 0 && i < rq->n_query; i++) {
        if (strcmp(rq->query[i].name, name) != 0)
            continue;
        if (n++ && rq->version < VERSION_MANY_MEMBER_OF)
            return err_http(err, 400, NULL, "Multiple member_of%s parameters are not supported", g->suffix);
        r = read_member_of(rq, rq->query[i].value, g, err);
    }
    return r;
}

int params_in_tree(struct request *rq, const char *value, struct candidate_group *g, struct err *err)
{
    const char *uuid = str_trim(rq->arena, value);

    if (!uuid_is_valid(uuid))
        return err_http(
            err, 400, NULL,
            "Invalid query string parameters: Expected 'in_tree' parameter to be a format of uuid. "
            "Got: %.255s",
            value);
    g->in_tree = uuid;
    return 0;
}
