/* SPDX-License-Identifier: Apache-2.0 */
#include "client/image.h"

#include <string.h>

#include "wire/json.h"

static int call(const struct client_as *as, enum http_method method, char *path, const json_t *body,
                json_t **ret, struct err *err)
{
    return service_call(as, &(struct service_call){ "image", NULL, method, path, body }, ret, err);
}

int image_get(const struct client_as *as, const char *id, json_t **ret, struct err *err)
{
    return call(as, HTTP_GET, arena_printf(as->arena, "/v2/images/%s", id), NULL, ret, err);
}

int image_create(const struct client_as *as, const json_t *image, json_t **ret, struct err *err)
{
    return call(as, HTTP_POST, arena_strdup(as->arena, "/v2/images"), image, ret, err);
}

int image_find_all(const struct client_as *as, const char *query, json_t **ret, struct err *err)
{
    auto_json json_t *all = NULL;
    int r = call(as, HTTP_GET, arena_printf(as->arena, "/v2/images?%s", query), NULL, &all, err);

    if (r < 0)
        return r;
    *ret = json_incref(json_arr(all, "images"));
    return *ret ? 0 : err_set(err, -EIO, "the image service answered without 'images'");
}

int image_delete(const struct client_as *as, const char *id, struct err *err)
{
    int r = call(as, HTTP_DELETE, arena_printf(as->arena, "/v2/images/%s", id), NULL, NULL, err);

    return r == -ENOENT ? 0 : r;
}

int image_file(const struct client_as *as, const char *id, const char **ret, struct err *err)
{
    static const char scheme[] = "file://";
    auto_json json_t *places = NULL;
    size_t i;
    json_t *place;
    int r = call(as, HTTP_GET, arena_printf(as->arena, "/v2/images/%s/locations", id), NULL, &places, err);

    if (r < 0)
        return r;
    *ret = NULL;
    json_array_foreach (places, i, place) {
        const char *url = json_str(place, "url");

        if (!*ret && url && strncmp(url, scheme, sizeof(scheme) - 1) == 0)
            *ret = arena_strdup(as->arena, url + sizeof(scheme) - 1);
    }
    return 0;
}
