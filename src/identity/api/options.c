/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/api/options.h"

#include "base/str.h"
#include "identity/api/common.h"

int options_check(struct request *rq, const char *const *flags, const char *other, struct err *err)
{
    const char *name;
    json_t *v;

    json_object_foreach (json_obj(rq->in, "options"), name, v) {
        if (str_eq(name, other))
            continue;
        if (!strv_contains(flags, name))
            return err_http(err, 400, NULL,
                            "Invalid input for field 'options': Additional properties are not allowed "
                            "('%.64s' was unexpected)",
                            name);
        if (!json_is_null(v) && !json_is_boolean(v))
            return bad_value(rq, arena_printf(rq->arena, "options/%s", name), v,
                             "is not of type 'boolean', 'null'", err);
    }
    return 0;
}

int merge_options(struct request *rq, const char *old, const char **options, struct err *err)
{
    auto_json json_t *all = NULL, *new = NULL;
    const char *name;
    json_t *v;
    int r;

    if (!old || !*options || old == *options)
        return 0;
    r = json_read(old, strlen(old), &all, err);
    if (r >= 0)
        r = json_read(*options, strlen(*options), &new, err);
    if (r < 0)
        return r;
    json_object_foreach (new, name, v) {
        if (json_is_null(v))
            json_object_del(all, name);
        else
            json_object_set(all, name, v);
    }
    *options = json_text(rq->arena, all);
    return 0;
}

int drop_nulls(struct request *rq, const char **options, struct err *err)
{
    return *options ? merge_options(rq, "{}", options, err) : 0;
}

static bool is_immutable(const char *options)
{
    auto_json json_t *o = NULL;

    return options && json_read(options, strlen(options), &o, NULL) >= 0 && json_truth(o, "immutable", false);
}

int check_mark(struct request *rq, struct err *err)
{
    static const char *const flags[] = { "immutable", NULL };

    return options_check(rq, flags, NULL, err);
}

int settle_mark(struct request *rq, const char **options, struct err *err)
{
    int r = check_mark(rq, err);

    return r < 0 ? r : drop_nulls(rq, options, err);
}

static int immutable(const char *verb, const char *kind, const char *id, struct err *err)
{
    return err_http(
        err, 403, NULL,
        "Unable to %s immutable %s resource: `%s. Set resource option \"immutable\" to false first.", verb,
        kind, id);
}

int refuse_immutable(const char *kind, const char *id, const char *options, struct err *err)
{
    return is_immutable(options) ? immutable("delete", kind, id, err) : 0;
}

int refuse_immutable_update(struct request *rq, const char *kind, const char *id, const char *options,
                            const char *new_options, struct err *err)
{
    bool unmarks =
        json_object_size(rq->in) == 1 && json_object_get(rq->in, "options") && !is_immutable(new_options);

    if (unmarks || !is_immutable(options))
        return 0;
    return immutable("update", kind, id, err);
}
