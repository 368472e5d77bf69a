/* SPDX-License-Identifier: Apache-2.0 */
/* What a guest asks the metadata service for, and what its owner gave it: the
 * first line is the path, the rest a JSON object with the server's members. */
#include "compute/model/metadata.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "compute/model/hosts.h"
#include "rest/server.h"
#include "wire/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char *text_of(struct arena *a, const json_t *o, const char *name)
{
    const json_t *v = json_object_get(o, name);

    return json_is_string(v) ? json_string_value(v) : v ? json_text(a, v) : NULL;
}

/* What the API lets through (check_personality()). */
static const char *personality_of(struct arena *a, const json_t *o)
{
    const json_t *all = json_arr(o, "files");
    size_t k;
    json_t *f;

    json_array_foreach ((json_t *) all, k, f)
        if (!json_str(f, "path") || !json_str(f, "contents") || strstr(json_str(f, "path"), ".."))
            return NULL;
    return text_of(a, o, "files");
}

static void check_drive(struct server *s, struct arena *a, const struct instance *i)
{
    auto_json json_t *drive = metadata_config_drive(s, a, i);
    size_t k;
    json_t *file;

    json_array_foreach (json_arr(drive, "files"), k, file) {
        const char *path = json_str(file, "path");

        if (!path || *path == '/' || strstr(path, "..") || !json_str(file, "data"))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct host_table *hosts;
    struct compute_options options = { .dhcp_domain = "novalocal", .default_availability_zone = "nova" };
    struct compute compute = { .opt = &options };
    struct server server = { .state = &compute, .options = &options };
    const uint8_t *end = memchr(data, '\n', n);
    auto_json json_t *j = NULL;
    auto_arena struct arena a = { 0 };
    struct instance i = { .id = "11111111-0000-4000-8000-000000000001", .project_id = "p", .user_id = "u" };
    const char *text, *type;
    size_t len = 0;

    if (!end)
        return 0;
    if (!hosts)
        hosts = host_table_new();
    compute.hosts = hosts;
    compute.server = &server;
    arena_init(&a);
    if (json_read((const char *) end + 1, n - (size_t) (end + 1 - data), &j, NULL) < 0)
        return 0;
    i.name = text_of(&a, j, "name");
    i.hostname = text_of(&a, j, "hostname");
    i.metadata = text_of(&a, j, "metadata");
    i.user_data = text_of(&a, j, "user_data");
    i.ports = text_of(&a, j, "ports");
    i.files = personality_of(&a, j);
    i.key_name = text_of(&a, j, "key_name");
    i.key_data = text_of(&a, j, "key_data");
    i.admin_password = text_of(&a, j, "admin_password");
    if (metadata_get(&server, &a, &i, arena_strndup(&a, (const char *) data, (size_t) (end - data)), &text,
                     &len, &type) >= 0 &&
        (!text || !type))
        abort();
    check_drive(&server, &a, &i);
    return 0;
}
