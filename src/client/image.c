/* SPDX-License-Identifier: Apache-2.0 */
#include "client/image.h"

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

int image_delete(const struct client_as *as, const char *id, struct err *err)
{
    int r = call(as, HTTP_DELETE, arena_printf(as->arena, "/v2/images/%s", id), NULL, NULL, err);

    return r == -ENOENT ? 0 : r;
}
