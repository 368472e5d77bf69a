/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v2.1/servers */
#include <ctype.h>

#include "agent/compute_wishes.h"
#include "base/str.h"
#include "base/uuid.h"
#include "client/image.h"
#include "compute/api/flavors.h"
#include "compute/api/routes.h"
#include "compute/api/servers.h"
#include "compute/model/hosts.h"
#include "compute/model/quota.h"
#include "compute/store/common.h"
#include "compute/store/keypairs.h"
#include "compute/store/server_groups.h"
#include "rest/dialect.h"

#define GIB        1073741824LL
#define COUNT_MAX  1000
#define HOST_LABEL 63

struct server_spec {
    const char *name, *image, *flavor, *password, *metadata, *networks, *zone, *disk_config, *ip4, *ip6,
        *files, *description, *key_name, *groups, *user_data, *devices, *devices_v1, *host, *node, *hostname;
    const char **tags, **certs;
    bool config_drive, return_reservation;
    int64_t min_count, max_count;
};

/* clang-format off */
#define IN(json, type, member, ...) FIELD_AS(json, FIELD_##type, server_spec, member, .use = ON_CREATE, __VA_ARGS__)

static const struct field create_fields[] = {
    IN("name", STRING, name, .required = true, .min = 1, .max = 255),
    IN("imageRef", STRING, image, .max = 255),
    IN("flavorRef", STRING, flavor, .required = true, .lax = true, .min = 1, .max = 1024),
    IN("adminPass", STRING, password, .max = 255),
    IN("metadata", JSON, metadata, .json = "object"),
    IN("networks", JSON, networks),
    IN("availability_zone", STRING, zone, .nullable = true, .min = 1, .max = 255),
    IN("OS-DCF:diskConfig", STRING, disk_config, .choices = "AUTO|MANUAL"),
    IN("accessIPv4", STRING, ip4, .max = 39, .check = check_ipv4),
    IN("accessIPv6", STRING, ip6, .max = 45, .check = check_ipv6),
    IN("personality", JSON, files, .json = "array", .until = 56),
    IN("description", STRING, description, .nullable = true, .max = 255, .since = 19),
    IN("config_drive", BOOL, config_drive, .lax = true, .nullable = true),
    IN("key_name", STRING, key_name, .nullable = true, .min = 1, .max = 255),
    IN("security_groups", JSON, groups, .json = "array"),
    IN("user_data", STRING, user_data, .nullable = true, .max = 65535),
    IN("block_device_mapping_v2", JSON, devices, .json = "array"),
    IN("block_device_mapping", JSON, devices_v1, .json = "array"),
    IN("min_count", INT, min_count, .lax = true, .min = 1, .max = COUNT_MAX),
    IN("max_count", INT, max_count, .lax = true, .min = 1, .max = COUNT_MAX),
    IN("return_reservation_id", BOOL, return_reservation, .lax = true),
    IN("tags", STRV, tags, .max = 50, .since = 52),
    IN("trusted_image_certificates", STRV, certs, .nullable = true, .max = 50, .since = 63,
       .policy = "os_compute_api:servers:create:trusted_certs"),
    IN("host", STRING, host, .min = 1, .max = 255, .since = 74),
    IN("hypervisor_hostname", STRING, node, .min = 1, .max = 255, .since = 74),
    IN("hostname", STRING, hostname, .min = 2, .max = 255, .since = 90),
    { 0 },
};
/* clang-format on */

const char *new_password(struct arena *a)
{
    static const char letters[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    uint8_t raw[12];
    char *p = arena_alloc(a, sizeof(raw) + 1);

    random_bytes(raw, sizeof(raw));
    for (size_t k = 0; k < sizeof(raw); k++)
        p[k] = letters[raw[k] % (sizeof(letters) - 1)];
    return p;
}

const char *host_name_of(struct arena *a, const char *name, const char *id)
{
    char *h = arena_alloc(a, strlen(name) + 1), *out = h;

    for (const char *p = name; *p; p++) {
        char c = *p == ' ' || *p == '_' || *p == '.' ? '-' : (char) tolower((unsigned char) *p);

        if (isalnum((unsigned char) c) || (c == '-' && out > h))
            *out++ = c;
        if (out - h == HOST_LABEL)
            break;
    }
    while (out > h && out[-1] == '-')
        out--;
    *out = '\0';
    return *h ? h : arena_printf(a, "server-%s", id);
}

/* --- checks that need nobody ------------------------------------------------------------------ */

static int bad(struct request *rq, const char *name, const char *value, const char *why, struct err *err)
{
    auto_json json_t *v = json_string(value);

    return rq->server->service->dialect->bad_field(rq, err, name, v, why);
}

static int check_counts(struct request *rq, struct server_spec *s, struct err *err)
{
    if (!RQ_GIVEN(rq, server_spec, min_count))
        s->min_count = 1;
    if (!RQ_GIVEN(rq, server_spec, max_count))
        s->max_count = s->min_count;
    if (s->min_count > s->max_count)
        return err_http(err, 400, NULL, "min_count must be <= max_count");
    return 0;
}

static int check_user_data(struct request *rq, const struct server_spec *s, struct err *err)
{
    uint8_t *data;
    size_t n;

    if (s->user_data && base64_decode(rq->arena, s->user_data, strlen(s->user_data), &data, &n) < 0)
        return bad(rq, "user_data", s->user_data, "is not a 'base64'", err);
    return 0;
}

static int check_tags(struct request *rq, const struct server_spec *s, struct err *err)
{
    strv_foreach (t, s->tags)
        if (!**t || str_utf8_len(*t) > 60 || strpbrk(*t, ",/"))
            return bad(rq, "tags", *t, "is empty, too long, or has ',' or '/'", err);
    return 0;
}

static int check_metadata(struct request *rq, const struct server_spec *s, struct err *err)
{
    auto_json json_t *m = json_of(s->metadata);

    return check_string_map(rq, "metadata", m, 255, 255, err);
}

/* Only the image on the server's own disk can be said: there is no volume to be found. */
static int check_devices(struct request *rq, const struct server_spec *s, struct err *err)
{
    auto_json json_t *all = NULL;
    json_t *d;
    size_t k;

    if (s->devices_v1 && strcmp(s->devices_v1, "[]") != 0)
        return err_http(err, 400, NULL, "Block Device Mapping is Invalid: failed to get volume.");
    if (!s->devices || json_read(s->devices, strlen(s->devices), &all, NULL) < 0)
        return 0;
    json_array_foreach (all, k, d)
        if (!str_eq(json_str(d, "source_type"), "image") || !str_eq(json_str(d, "destination_type"), "local"))
            return err_http(err, 400, NULL, "Block Device Mapping is Invalid: failed to get %s %.64s.",
                            json_str(d, "source_type") ? json_str(d, "source_type") : "volume",
                            json_str(d, "uuid") ? json_str(d, "uuid") : "");
    return 0;
}

#define HINT_IDS_MAX 100

int check_personality(struct request *rq, const char *files, struct err *err)
{
    const struct compute_options *o = compute_of(rq)->opt;
    auto_json json_t *all = NULL;
    json_t *f;
    size_t k, n;
    uint8_t *data;

    if (!files || json_read(files, strlen(files), &all, NULL) < 0)
        return 0;
    if (o->quota_injected_files >= 0 && json_array_size(all) > (size_t) o->quota_injected_files)
        return err_http(err, 403, NULL, "Personality file limit exceeded");
    json_array_foreach (all, k, f) {
        const char *path = json_str(f, "path"), *contents = json_str(f, "contents");

        if (!path || !contents)
            return bad(rq, "personality", "", "needs 'path' and 'contents'", err);
        if (strstr(path, "..")) /* A file's place is in the guest, whoever unpacks it. */
            return bad(rq, "path", path, "must not climb", err);
        if (o->quota_injected_file_path_bytes >= 0 &&
            strlen(path) > (size_t) o->quota_injected_file_path_bytes)
            return err_http(err, 403, NULL, "Personality file path exceeds maximum length");
        if (base64_decode(rq->arena, contents, strlen(contents), &data, &n) < 0)
            return bad(rq, "contents", contents, "is not a 'base64'", err);
        if (o->quota_injected_file_content_bytes >= 0 && n > (size_t) o->quota_injected_file_content_bytes)
            return err_http(err, 403, NULL, "Personality content limit exceeded");
    }
    return 0;
}

static int check_spec(struct request *rq, struct server_spec *s, struct err *err)
{
    int r = check_counts(rq, s, err);

    s->name = str_trim(rq->arena, s->name);
    if (!*s->name)
        return bad(rq, "name", s->name, "must not be empty", err);
    if (r >= 0)
        r = check_user_data(rq, s, err);
    if (r >= 0)
        r = check_tags(rq, s, err);
    if (r >= 0)
        r = check_metadata(rq, s, err);
    if (r >= 0)
        r = check_devices(rq, s, err);
    return r < 0 ? r : check_personality(rq, s->files, err);
}

/* --- flavor, image, zone ----------------------------------------------------------------------- */

static int take_flavor(struct request *rq, const char *ref, struct instance *i, struct err *err)
{
    const char *slash = strrchr(ref, '/');
    struct flavor f;
    int r = visible_flavor(rq, slash ? slash + 1 : ref, &f, err);

    if (r == -ENOENT)
        return err_http(err, 400, NULL, "Flavor %.255s could not be found.", ref);
    if (r < 0)
        return r;
    if (f.disabled)
        return err_http(err, 400, NULL, "Flavor %.255s could not be found.", ref);
    i->flavor_id = f.id;
    i->flavor_name = f.name;
    i->vcpus = f.vcpus;
    i->memory_mb = f.ram_mb;
    i->root_gb = f.disk_gb;
    i->ephemeral_gb = f.ephemeral_gb;
    i->swap_mb = f.swap_mb;
    i->extra_specs = f.extra_specs;
    if (!f.disk_gb)
        return rq_authorize(rq, "os_compute_api:servers:create:zero_disk_flavor", NULL, NULL, err);
    return 0;
}

static int check_fit(const json_t *image, const struct instance *i, struct err *err)
{
    int64_t min_ram = json_int(image, "min_ram", 0), min_disk = json_int(image, "min_disk", 0);
    int64_t size = json_int(image, "size", 0), virtual = json_int(image, "virtual_size", 0);

    if (!str_eq(json_str(image, "status"), "active"))
        return err_http(err, 400, NULL, "Image %s is not active.", i->image_id);
    if (min_ram > i->memory_mb)
        return err_http(err, 400, NULL, "Flavor's memory is too small for requested image.");
    size = virtual > size ? virtual : size;
    if (i->root_gb && size > i->root_gb * GIB)
        return err_http(
            err, 400, NULL,
            "Flavor's disk is too small for requested image. Flavor disk is %lld bytes, image is %lld "
            "bytes.",
            (long long) (i->root_gb * GIB), (long long) size);
    if (i->root_gb && min_disk > i->root_gb)
        return err_http(
            err, 400, NULL,
            "Flavor's disk is smaller than the minimum size specified in image metadata. Flavor disk is "
            "%lld bytes, minimum size is %lld bytes.",
            (long long) (i->root_gb * GIB), (long long) (min_disk * GIB));
    return 0;
}

/* Kernel and ramdisk of an image that is only a root disk. */
static int take_part(const struct client_as *as, const char *id, const char **ret_id, const char **ret,
                     struct err *err)
{
    auto_json json_t *image = NULL;
    int r;

    if (str_empty(id))
        return 0;
    r = image_get(as, id, &image, err);
    if (r == -ENOENT)
        return err_http(err, 400, NULL, "Image %.255s could not be found.", id);
    if (r < 0)
        return r;
    *ret_id = arena_strdup(as->arena, id);
    *ret = json_text(as->arena, image);
    return 0;
}

int usable_image(struct request *rq, const char *id, struct instance *i, struct err *err)
{
    const struct client_as as = { rq->server->client, rq->arena, rq->token->text, rq->request_id };
    auto_json json_t *image = NULL;
    int r;

    if (!uuid_is_valid(id))
        return bad(rq, "imageRef", id, "is not a 'uuid'", err);
    r = image_get(&as, id, &image, err);
    if (r == -ENOENT || r == -EACCES)
        return err_http(err, 400, NULL, "Can not find requested image");
    if (r < 0)
        return r;
    i->image_id = arena_strdup(rq->arena, json_str(image, "id"));
    i->image = json_text(rq->arena, image);
    i->kernel = i->ramdisk = i->kernel_id = i->ramdisk_id = NULL;
    r = check_fit(image, i, err);
    if (r >= 0)
        r = take_part(&as, json_str(image, "kernel_id"), &i->kernel_id, &i->kernel, err);
    if (r >= 0)
        r = take_part(&as, json_str(image, "ramdisk_id"), &i->ramdisk_id, &i->ramdisk, err);
    return r;
}

static int take_image(struct request *rq, const struct server_spec *s, struct instance *i, struct err *err)
{
    auto_json json_t *devices = NULL;
    const char *id = s->image, *slash;

    if (str_empty(id) && s->devices && json_read(s->devices, strlen(s->devices), &devices, NULL) >= 0)
        id = arena_strdup(rq->arena, json_str(json_array_get(devices, 0), "uuid"));
    if (str_empty(id))
        return err_http(
            err, 400, NULL,
            "Invalid imageRef provided: a server needs an image, there is no volume to boot from.");
    slash = strrchr(id, '/');
    return usable_image(rq, slash ? slash + 1 : id, i, err);
}

static int check_zone(struct request *rq, const char *zone, struct err *err)
{
    struct list hosts = hosts_list(compute_of(rq), rq->arena);

    for (size_t k = 0; k < hosts.count; k++) {
        const struct host_state *h = list_at(&hosts, k);

        if (str_eq(h->zone, zone) && !h->disabled)
            return 0;
    }
    return err_http(err, 400, NULL, "The requested availability zone is not available");
}

/* "zone", or "zone:host:node" for who may say where. */
static int take_zone(struct request *rq, const struct server_spec *s, struct instance *i, struct err *err)
{
    const char **parts = s->zone ? str_split(rq->arena, s->zone, ':') : NULL;
    size_t n = strv_len(parts);
    int r = 0;

    if (n > 3)
        return err_http(err, 400, NULL, "Invalid availability zone '%s'", s->zone);
    i->az_wanted = n && *parts[0] ? parts[0] : NULL;
    i->host_wanted = n > 1 && *parts[1] ? parts[1] : s->host;
    i->node_wanted = n > 2 && *parts[2] ? parts[2] : s->node;
    if (i->host_wanted || i->node_wanted) {
        struct host_state h;

        r = rq_authorize(rq, "os_compute_api:servers:create:forced_host", NULL, NULL, err);
        if (r >= 0 && i->host_wanted && hosts_get(compute_of(rq), rq->arena, i->host_wanted, &h) < 0)
            return err_http(err, 400, NULL, "Compute host %.255s could not be found.", i->host_wanted);
    }
    if (r >= 0 && i->az_wanted)
        r = check_zone(rq, i->az_wanted, err);
    return r;
}

/* A hint that names servers; each is looked up, so they are few. */
static bool are_ids(const json_t *v)
{
    const json_t *id;
    size_t i;

    json_array_foreach (v, i, id)
        if (i >= HINT_IDS_MAX || !json_is_string(id) || !uuid_is_valid(json_string_value(id)))
            return false;
    return !v || json_is_array(v) || (json_is_string(v) && uuid_is_valid(json_string_value(v)));
}

static int take_hints(struct request *rq, struct instance *i, struct err *err)
{
    static const char *const lists[] = { "same_host", "different_host" };
    const json_t *hints = json_object_get(rq->json, "os:scheduler_hints");
    const json_t *group;

    if (!hints)
        hints = json_object_get(rq->json, "OS-SCH-HNT:scheduler_hints");
    if (!hints)
        return 0;
    if (!json_is_object(hints))
        return rq->server->service->dialect->bad_field(rq, err, "os:scheduler_hints", hints,
                                                       "is not of type 'object'");
    for (size_t k = 0; k < ARRAY_SIZE(lists); k++)
        if (!are_ids(json_object_get(hints, lists[k])))
            return bad(rq, lists[k], "", "is not a 'uuid', or a short list of such", err);
    group = json_object_get(hints, "group");
    if (group && (!json_is_string(group) || !uuid_is_valid(json_string_value(group))))
        return rq->server->service->dialect->bad_field(rq, err, "group", group, "is not a 'uuid'");
    i->hints = json_text(rq->arena, hints);
    i->group_id = arena_strdup(rq->arena, json_string_value(group));
    return 0;
}

/* --- recording ----------------------------------------------------------------------------------- */

static int take_key(struct request *rq, struct txn *t, const struct server_spec *s, struct instance *i,
                    struct err *err)
{
    struct keypair k;
    int r;

    if (!s->key_name)
        return 0;
    r = keypair_find(t, rq->arena, rq->token->user_id, s->key_name, &k, err);
    if (r == -ENOENT)
        return err_http(err, 400, NULL, "Invalid key_name provided.");
    if (r < 0)
        return r;
    i->key_name = k.name;
    i->key_data = k.public_key;
    i->key_type = k.type;
    return 0;
}

static int take_group(struct request *rq, struct txn *t, const struct instance *i, int64_t count,
                      struct err *err)
{
    struct server_group g;
    const char **members;
    int64_t limit;
    int r;

    if (!i->group_id)
        return 0;
    r = table_get(t, rq->arena, &server_group_table, i->group_id, &g, err);
    if (r == -ENOENT || (r >= 0 && !str_eq(g.project_id, rq->token->project_id) && !is_admin(rq)))
        return err_http(err, 400, NULL, "Instance group %s could not be found.", i->group_id);
    if (r >= 0)
        r = server_group_members(t, rq->arena, g.id, &members, err);
    if (r >= 0)
        r = compute_quota_limit(compute_of(rq)->opt, t, rq->token->project_id, "server_group_members", &limit,
                                err);
    if (r >= 0 && limit >= 0 && (int64_t) strv_len(members) + count > limit)
        return err_http(err, 403, NULL, "Quota exceeded, too many servers in group");
    return r;
}

static int record_one(struct request *rq, struct txn *t, struct instance *i, struct err *err)
{
    int r = counter_next(t, "instances", &i->number, err);

    if (r >= 0)
        r = table_insert(t, rq->arena, &instance_table, i, err);
    return r < 0 ? r : start_operation(rq, t, i, "server.create", "create", NULL, err);
}

static void name_one(struct request *rq, const struct server_spec *s, struct instance *i, int64_t index)
{
    i->id = uuid_new(rq->arena);
    i->launch_index = index;
    i->name = s->max_count > 1 ? arena_printf(rq->arena, "%s-%lld", s->name, (long long) index + 1) : s->name;
    i->hostname = s->hostname && s->max_count > 1
                      ? arena_printf(rq->arena, "%s-%lld", s->hostname, (long long) index + 1)
                  : s->hostname ? s->hostname
                                : host_name_of(rq->arena, i->name, i->id);
}

static int record(struct request *rq, const struct server_spec *s, struct instance *i, struct err *err)
{
    auto_json json_t *metadata = json_of(s->metadata);
    struct instance first = { 0 };
    struct txn *t;
    int r = rq_txn_write(rq, &t, err);

    if (r >= 0)
        r = quota_check_metadata(rq, t, json_object_size(metadata), err);
    if (r >= 0)
        r = take_key(rq, t, s, i, err);
    if (r >= 0)
        r = take_group(rq, t, i, s->max_count, err);
    if (r >= 0)
        r = quota_check_servers(rq, t, s->max_count, i->vcpus, i->memory_mb, err);
    for (int64_t n = 0; r >= 0 && n < s->max_count; n++) {
        name_one(rq, s, i, n);
        r = record_one(rq, t, i, err);
        if (!n)
            first = *i;
    }
    *i = first;
    return r;
}

static void fill(struct request *rq, const struct server_spec *s, struct instance *i)
{
    const struct compute_options *o = compute_of(rq)->opt;
    uint8_t raw[4];

    random_bytes(raw, sizeof(raw));
    i->reservation_id = arena_printf(rq->arena, "r-%s", hex_encode(rq->arena, raw, sizeof(raw)));
    i->project_id = rq->token->project_id;
    i->user_id = rq->token->user_id;
    i->description = s->description;
    if (rq->version < 19)
        i->description = s->name;
    i->cell = CELL1;
    i->vm_state = "building";
    i->task_state = "scheduling";
    i->power_wish = COMPUTE_POWER_RUNNING;
    i->user_data = s->user_data;
    i->config_drive = s->config_drive || o->force_config_drive || (s->files && strcmp(s->files, "[]") != 0);
    i->metadata = s->metadata ? s->metadata : "{}";
    i->tags = s->tags;
    i->trusted_certs = s->certs;
    i->files = s->files;
    i->access_ip_v4 = s->ip4;
    i->access_ip_v6 = short_ipv6(rq->arena, s->ip6);
    i->disk_config = s->disk_config ? s->disk_config : "MANUAL";
    i->root_device = "/dev/vda";
    i->system_metadata = "{}";
    i->ports = "[]";
    i->created_at = i->updated_at = server_now_us(rq->server);
    if (o->instance_password)
        i->admin_password = s->password ? s->password : new_password(rq->arena);
}

static int reply_created(struct request *rq, const struct server_spec *s, const struct instance *i)
{
    const char *path = arena_printf(rq->arena, "servers/%s", i->id);
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    if (s->return_reservation) {
        jw_str(w, "reservation_id", i->reservation_id);
        jw_end_object(w);
        return reply_end(rq, 202);
    }
    reply_header(rq, "Location", own_url(rq, path));
    jw_object(w, "server");
    jw_str(w, "id", i->id);
    write_links(rq, w, path);
    jw_str(w, "OS-DCF:diskConfig", i->disk_config);
    jw_array(w, "security_groups");
    strv_foreach (g, i->security_groups) {
        jw_object(w, NULL);
        jw_str(w, "name", *g);
        jw_end_object(w);
    }
    jw_end_array(w);
    if (i->admin_password)
        jw_str(w, "adminPass", i->admin_password);
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, 202);
}

static int create_server(struct request *rq, struct err *err)
{
    struct server_spec *s = rq->body;
    struct instance i = { 0 };
    int r = check_spec(rq, s, err);

    if (r >= 0)
        r = take_flavor(rq, s->flavor, &i, err);
    if (r >= 0)
        r = rq_commit(rq, err); /* No transaction while other services are asked. */
    if (r >= 0)
        r = take_zone(rq, s, &i, err);
    if (r >= 0)
        r = take_hints(rq, &i, err);
    if (r >= 0)
        r = take_image(rq, s, &i, err);
    if (r >= 0)
        r = read_networks(rq, s->networks, s->groups, &i, err);
    if (r < 0)
        return r;
    fill(rq, s, &i);
    r = record(rq, s, &i, err);
    return r < 0 ? r : reply_created(rq, s, &i);
}

const struct route compute_server_create_routes[] = {
    { HTTP_POST, "/v2.1/servers", "os_compute_api:servers:create", create_server, .key = "server",
      .in = create_fields, .in_size = sizeof(struct server_spec), .flags = ROUTE_WORKER },
    { 0 },
};
