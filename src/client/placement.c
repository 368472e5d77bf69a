/* SPDX-License-Identifier: Apache-2.0 */
#include "client/placement.h"

#include "wire/json.h"

#define VERSION "placement 1.36"
#define RETRIES 3

static int call(const struct client_as *as, enum http_method method, char *path, const json_t *body,
                json_t **ret, struct err *err)
{
    return service_call(as, &(struct service_call){ "placement", VERSION, method, path, body }, ret, err);
}

static char *provider_path(const struct client_as *as, const char *id, const char *more)
{
    return arena_printf(as->arena, "/resource_providers/%s%s", id, more);
}

int placement_provider_ensure(const struct client_as *as, const char *id, const char *name, struct err *err)
{
    auto_json json_t *body = json_pack("{ssss}", "uuid", id, "name", name);
    struct err why = { 0 };
    int r = call(as, HTTP_GET, provider_path(as, id, ""), NULL, NULL, &why);

    if (r != -ENOENT) {
        if (r < 0 && err)
            *err = why;
        return r;
    }
    return call(as, HTTP_POST, arena_strdup(as->arena, "/resource_providers"), body, NULL, err);
}

int placement_provider_delete(const struct client_as *as, const char *id, struct err *err)
{
    int r = call(as, HTTP_DELETE, provider_path(as, id, ""), NULL, NULL, err);

    return r == -ENOENT ? 0 : r;
}

int placement_inventories_set(const struct client_as *as, const char *id, const json_t *inventories,
                              struct err *err)
{
    int r = -EEXIST;

    for (int tries = 0; r == -EEXIST && tries < RETRIES; tries++) {
        auto_json json_t *provider = NULL, *body = NULL;

        err_clear(err);
        r = call(as, HTTP_GET, provider_path(as, id, ""), NULL, &provider, err);
        if (r < 0)
            return r;
        body = json_pack("{sIsO}", "resource_provider_generation",
                         (json_int_t) json_int(provider, "generation", 0), "inventories", inventories);
        r = call(as, HTTP_PUT, provider_path(as, id, "/inventories"), body, NULL, err);
    }
    return r;
}

int placement_candidates(const struct client_as *as, const char *query, json_t **ret, struct err *err)
{
    return call(as, HTTP_GET, arena_printf(as->arena, "/allocation_candidates?%s", query), NULL, ret, err);
}

int placement_allocations(const struct client_as *as, const char *consumer, json_t **ret, struct err *err)
{
    auto_json json_t *all = NULL;
    int r = call(as, HTTP_GET, arena_printf(as->arena, "/allocations/%s", consumer), NULL, &all, err);

    if (r < 0)
        return r;
    *ret = json_incref(json_object_get(all, "allocations"));
    return *ret ? 0 : err_set(err, -EIO, "the placement service answered without 'allocations'");
}

int placement_traits(const struct client_as *as, const char *provider, json_t **ret, struct err *err)
{
    auto_json json_t *all = NULL;
    int r = call(as, HTTP_GET, arena_printf(as->arena, "/resource_providers/%s/traits", provider), NULL, &all,
                 err);

    if (r < 0)
        return r;
    *ret = json_incref(json_object_get(all, "traits"));
    return *ret ? 0 : err_set(err, -EIO, "the placement service answered without 'traits'");
}

int placement_claim(const struct client_as *as, const char *consumer, const json_t *allocations,
                    const char *project_id, const char *user_id, struct err *err)
{
    auto_json json_t *body = json_pack("{sOsssssn}", "allocations", allocations, "project_id", project_id,
                                       "user_id", user_id, "consumer_generation");

    return call(as, HTTP_PUT, arena_printf(as->arena, "/allocations/%s", consumer), body, NULL, err);
}

int placement_release(const struct client_as *as, const char *consumer, struct err *err)
{
    int r = call(as, HTTP_DELETE, arena_printf(as->arena, "/allocations/%s", consumer), NULL, NULL, err);

    return r == -ENOENT ? 0 : r;
}
