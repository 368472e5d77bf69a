/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/api/role_refs.h"

#include "base/str.h"
#include "identity/api/common.h"
#include "identity/store/roles.h"

static const char *wrong_in_role_ref(const char *name, const json_t *v)
{
    const char *s = json_string_value(v);
    bool is_id = str_eq(name, "id");

    if (!s)
        return "is not of type 'string'";
    if (!*s || str_utf8_len(s) > (is_id ? 64 : 255))
        return *s ? "is too long" : "is too short";
    return is_id ? check_id(s) : check_not_blank(s);
}

static int check_role_ref(struct request *rq, const char *where, const json_t *ref, struct err *err)
{
    static const char *const known[] = { "id", "name", NULL };

    if (!json_is_object(ref))
        return bad_value(rq, where, ref, "is not of type 'object'", err);
    if (json_object_size(ref) != 1)
        return bad_value(
            rq, where, ref,
            json_object_size(ref) ? "has too many properties" : "does not have enough properties", err);
    return check_members(rq, where, ref, known, wrong_in_role_ref, err);
}

int check_role_refs(struct request *rq, struct err *err)
{
    const json_t *all = json_object_get(rq->in, "roles"), *v;
    size_t i;
    int r = 0;

    if (all && (!json_is_array(all) || json_array_size(all) > 1000))
        return bad_value(rq, "roles", all, json_is_array(all) ? "is too long" : "is not of type 'array'",
                         err);
    json_array_foreach (all, i, v)
        r = r < 0 ? r : check_role_ref(rq, arena_printf(rq->arena, "roles/%zu", i), v, err);
    return r;
}

static int read_role_ref(struct request *rq, const json_t *v, const char **ret_id, struct err *err)
{
    const char *name = json_str(v, "name");
    struct role role = { 0 };
    int r;

    *ret_id = json_str(v, "id");
    if (*ret_id)
        return 0;
    r = role_find(rq->txn, rq->arena, "", name, &role, err);
    if (r == -ENOENT)
        return err_http(err, 404, NULL, "Role %.255s is not defined", name);
    *ret_id = role.id;
    return r;
}

int read_role_refs(struct request *rq, const json_t *list, const char ***ret_ids, struct err *err)
{
    const char **ids = NULL, *id = NULL;
    const json_t *v;
    size_t i;
    int r = 0;

    json_array_foreach (list, i, v) {
        r = read_role_ref(rq, v, &id, err);
        if (r < 0)
            return r;
        if (!strv_contains(ids, id))
            ids = strv_add(rq->arena, ids, id);
    }
    *ret_ids = ids;
    return 0;
}
