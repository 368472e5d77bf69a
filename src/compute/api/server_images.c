/* SPDX-License-Identifier: Apache-2.0 */
/* Actions rebuild, createImage and createBackup. */
#include "agent/compute_wishes.h"
#include "base/str.h"
#include "client/client.h"
#include "client/image.h"
#include "compute/api/actions.h"
#include "compute/api/routes.h"
#include "compute/model/quota.h"
#include "compute/model/scheduler.h"
#include "compute/store/instances.h"
#include "compute/store/keypairs.h"
#include "rest/dialect.h"

/* --- rebuild ---------------------------------------------------------------------------------- */

struct rebuild {
    const char *image, *name, *password, *metadata, *files, *disk_config, *ip4, *ip6, *description, *key_name,
        *user_data, *hostname;
    const char **certs;
    bool preserve_ephemeral;
};

/* clang-format off */
#define IN(json, type, member, ...) FIELD_AS(json, FIELD_##type, rebuild, member, .use = ON_CREATE, __VA_ARGS__)

static const struct field rebuild_fields[] = {
    IN("imageRef", STRING, image, .required = true, .min = 1, .max = 255),
    IN("name", STRING, name, .min = 1, .max = 255),
    IN("adminPass", STRING, password, .max = 255),
    IN("metadata", JSON, metadata, .json = "object"),
    IN("personality", JSON, files, .json = "array", .until = 56),
    IN("preserve_ephemeral", BOOL, preserve_ephemeral, .lax = true),
    IN("OS-DCF:diskConfig", STRING, disk_config, .choices = "AUTO|MANUAL"),
    IN("accessIPv4", STRING, ip4, .max = 39, .check = check_ipv4),
    IN("accessIPv6", STRING, ip6, .max = 45, .check = check_ipv6),
    IN("description", STRING, description, .nullable = true, .max = 255, .since = 19),
    IN("key_name", STRING, key_name, .nullable = true, .min = 1, .max = 255, .since = 54),
    IN("user_data", STRING, user_data, .nullable = true, .max = 65535, .since = 57),
    IN("trusted_image_certificates", STRV, certs, .nullable = true, .max = 50, .since = 63),
    IN("hostname", STRING, hostname, .min = 2, .max = 255, .since = 90),
    { 0 },
};
/* clang-format on */

static const char rebuild_states[] = "active stopped error";

static int take_key(struct request *rq, struct txn *t, const char *name, struct instance *i, struct err *err)
{
    struct keypair k;
    int r;

    i->key_name = i->key_data = i->key_type = NULL;
    if (!name)
        return 0;
    r = keypair_find(t, rq->arena, rq->token->user_id, name, &k, err);
    if (r == -ENOENT)
        return err_http(err, 400, NULL, "Invalid key_name provided.");
    i->key_name = k.name;
    i->key_data = k.public_key;
    i->key_type = k.type;
    return r;
}

static int apply(struct request *rq, struct txn *t, const struct rebuild *in, struct instance *i,
                 struct err *err)
{
    if (in->name)
        i->name = str_trim(rq->arena, in->name);
    if (in->metadata)
        i->metadata = in->metadata;
    if (in->files)
        i->files = in->files;
    if (in->disk_config)
        i->disk_config = in->disk_config;
    if (in->ip4)
        i->access_ip_v4 = in->ip4;
    if (in->ip6)
        i->access_ip_v6 = short_ipv6(rq->arena, in->ip6);
    if (in->hostname)
        i->hostname = in->hostname;
    if (RQ_GIVEN(rq, rebuild, description))
        i->description = in->description;
    if (RQ_GIVEN(rq, rebuild, user_data))
        i->user_data = in->user_data;
    if (RQ_GIVEN(rq, rebuild, certs))
        i->trusted_certs = in->certs;
    i->generation++;
    i->progress = 0;
    i->task_state = "rebuilding";
    if (compute_of(rq)->opt->instance_password)
        i->admin_password = in->password ? in->password : new_password(rq->arena);
    return RQ_GIVEN(rq, rebuild, key_name) ? take_key(rq, t, in->key_name, i, err) : 0;
}

static int check_rebuild(struct request *rq, const struct rebuild *in, struct err *err)
{
    auto_json json_t *m = json_of(in->metadata);
    uint8_t *data;
    size_t n;
    int r;

    if (in->user_data && base64_decode(rq->arena, in->user_data, strlen(in->user_data), &data, &n) < 0)
        return rq->server->service->dialect->bad_field(rq, err, "user_data", NULL, "is not a 'base64'");
    r = check_string_map(rq, "metadata", m, 255, 255, err);
    return r < 0 ? r : check_personality(rq, in->files, err);
}

static int record_rebuild(struct request *rq, const struct rebuild *in, const struct instance *image,
                          struct instance **ret, struct err *err)
{
    struct instance *i;
    struct txn *t;
    int r = instance_again(rq, &i, &t, err);

    if (r >= 0)
        r = require_unlocked(rq, i, err);
    if (r >= 0)
        r = require_state(i, "rebuild", rebuild_states, NULL, err);
    if (r < 0)
        return r;
    i->image_id = image->image_id;
    i->image = image->image;
    i->kernel_id = image->kernel_id;
    i->kernel = image->kernel;
    i->ramdisk_id = image->ramdisk_id;
    i->ramdisk = image->ramdisk;
    r = apply(rq, t, in, i, err);
    if (r >= 0) {
        i->updated_at = server_now_us(rq->server);
        r = table_update(t, rq->arena, &instance_table, i, NULL, err);
    }
    if (r >= 0)
        r = start_operation(rq, t, i, "server.rebuild", "rebuild", NULL, err);
    *ret = i;
    return r;
}

/* The server stays as it is; what was asked for and why it was not done is recorded. */
static int record_refusal(struct request *rq, const struct err *why, struct instance **ret, struct err *err)
{
    static const char *const only[] = { "fault_code", "fault_message", "fault_details", "fault_at", NULL };
    const int64_t now_us = server_now_us(rq->server);
    struct instance *i;
    struct txn *t;
    int r = instance_again(rq, &i, &t, err);

    if (r < 0)
        return r;
    i->fault_code = 500;
    i->fault_message = i->fault_details = arena_strdup(rq->arena, why->msg);
    i->fault_at = now_us;
    r = instance_update(t, rq->arena, i, now_us, only, err);
    if (r >= 0)
        r = record_failure(rq, t, i, "rebuild", "conductor_rebuild_server", why, err);
    *ret = i;
    return r;
}

/* '*ret_why' says why the host may not have the new image. */
static int check_place(struct request *rq, const struct instance *image, struct err *ret_why, struct err *err)
{
    const struct schedule_request sr = { rq->server, rq->arena, image, rq->request_id };
    int r = schedule_check_image(&sr, ret_why);

    return r >= 0 || r == -ENOSPC ? 0 : err_http(err, 503, NULL, "%s", ret_why->msg);
}

static int rebuild(struct request *rq, struct err *err)
{
    const struct rebuild *in = rq->body;
    struct instance image = *instance_in(rq), *i = NULL;
    const char *slash = strrchr(in->image, '/');
    const char *old_image = image.image_id;
    struct err why = { 0 };
    struct jw *w;
    int r = require_unlocked(rq, &image, err);

    if (r >= 0)
        r = require_state(&image, "rebuild", rebuild_states, NULL, err);
    if (r >= 0)
        r = check_rebuild(rq, in, err);
    if (r >= 0)
        r = rq_commit(rq, err);
    if (r >= 0)
        r = usable_image(rq, slash ? slash + 1 : in->image, &image, err);
    if (r >= 0 && !str_eq(old_image, image.image_id))
        r = check_place(rq, &image, &why, err);
    if (r >= 0)
        r = why.code ? record_refusal(rq, &why, &i, err) : record_rebuild(rq, in, &image, &i, err);
    if (r < 0)
        return r;
    reply_header(rq, "Location", own_url(rq, arena_printf(rq->arena, "servers/%s", i->id)));
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_object(w, "server");
    write_server(rq, w, i, SERVER_REBUILT);
    if (rq->version >= 54 && rq->version < 75)
        jw_str(w, "key_name", i->key_name);
    if (rq->version >= 57)
        jw_str(w, "user_data", i->user_data);
    if (i->admin_password)
        jw_str(w, "adminPass", i->admin_password);
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, 202);
}

/* --- createImage ------------------------------------------------------------------------------- */

struct snapshot {
    const char *name, *metadata;
    const char *backup_type; /* Null: no backup. */
    int64_t rotation;
};

static const struct field snapshot_fields[] = {
    FIELD(FIELD_STRING, snapshot, name, .use = ON_CREATE, .required = true, .min = 1, .max = 255),
    FIELD(FIELD_JSON, snapshot, metadata, .use = ON_CREATE, .json = "object"),
    { 0 },
};

static const struct field backup_fields[] = {
    FIELD(FIELD_STRING, snapshot, name, .use = ON_CREATE, .required = true, .min = 1, .max = 255),
    FIELD(FIELD_STRING, snapshot, backup_type, .use = ON_CREATE, .required = true, .max = 255),
    FIELD(FIELD_INT, snapshot, rotation, .use = ON_CREATE, .required = true, .lax = true, .max = INT32_MAX),
    FIELD(FIELD_JSON, snapshot, metadata, .use = ON_CREATE, .json = "object"),
    { 0 },
};

static const struct task backup_task = { "createBackup", "server.snapshot",
                                         "createBackup", "active stopped paused suspended",
                                         NULL,           "image_backup" };

static const struct task snapshot_task = { "createImage", "server.snapshot",
                                           "createImage", "active stopped paused suspended",
                                           NULL,          "image_snapshot_pending" };

/* Properties that the new image takes over from the old one. */
static void inherit(json_t *image, const struct instance *i)
{
    auto_json json_t *base = json_of(i->image);
    const char *key;
    json_t *v;

    json_object_foreach (base, key, v)
        if (json_is_string(v) &&
            (str_has_prefix(key, "hw_") || str_has_prefix(key, "os_") || str_has_prefix(key, "img_")) &&
            !str_has_prefix(key, "os_hash"))
            json_object_set(image, key, v);
}

static json_t *describe_image(const struct snapshot *s, const struct instance *i, const char *user_id)
{
    auto_json json_t *metadata = json_of(s->metadata);
    json_t *image =
        json_pack("{ss ss ss ss ss ss ss? ss sI}", "name", s->name, "disk_format", "qcow2",
                  "container_format", "bare", "visibility", "private", "image_type",
                  s->backup_type ? "backup" : "snapshot", "instance_uuid", i->id, "base_image_ref",
                  i->image_id ? i->image_id : "", "user_id", user_id, "min_disk", (json_int_t) i->root_gb);

    if (s->backup_type)
        json_object_set_new(image, "backup_type", json_string(s->backup_type));
    inherit(image, i);
    json_object_update(image, metadata);
    return image;
}

static int make_image(struct request *rq, const struct snapshot *s, const char **ret_id, struct err *err)
{
    const struct client_as as = { rq->server->client, rq->arena, rq->token->text, rq->request_id };
    auto_json json_t *wanted = describe_image(s, instance_in(rq), rq->token->user_id), *image = NULL;
    int r = image_create(&as, wanted, &image, err);

    if (r >= 0)
        *ret_id = arena_strdup(rq->arena, json_str(image, "id"));
    return r;
}

static int reply_image(struct request *rq, const char *id, struct err *err)
{
    struct jw *w;
    char *url;
    int r;

    if (rq->version >= 45) {
        w = reply_begin(rq);
        jw_object(w, NULL);
        jw_str(w, "image_id", id);
        jw_end_object(w);
        return reply_end(rq, 202);
    }
    r = client_endpoint(rq->server->client, rq->arena, "image", &url, err);
    if (r < 0)
        return r;
    reply_header(rq, "Location", arena_printf(rq->arena, "%s/images/%s", url, id));
    return reply_empty(rq, 202);
}

static int create_image(struct request *rq, struct err *err)
{
    const struct snapshot *s = rq->body;
    const struct instance *i = instance_in(rq);
    const struct client_as as = { rq->server->client, rq->arena, NULL, rq->request_id };
    const struct task *task = s->backup_type ? &backup_task : &snapshot_task;
    auto_json json_t *m = json_of(s->metadata);
    const char *id = NULL;
    json_t *args;
    struct txn *t;
    int r = require_unlocked(rq, i, err);

    if (r >= 0)
        r = require_state(i, task->what, task->vm_states, NULL, err);
    if (r >= 0)
        r = check_string_map(rq, "metadata", m, 255, 255, err);
    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = quota_check_metadata(rq, t, json_object_size(m), err);
    if (r >= 0)
        r = rq_commit(rq, err);
    if (r >= 0)
        r = make_image(rq, s, &id, err);
    if (r < 0)
        return r;
    args = json_pack("{ssss}", "image_id", id, "disk_format", "qcow2");
    if (s->backup_type) {
        json_object_set_new(args, "backup_type", json_string(s->backup_type));
        json_object_set_new(args, "rotation", json_integer(s->rotation));
    }
    r = begin_task(rq, task, args, NULL, err);
    if (r < 0) {
        image_delete(&as, id, NULL);
        return r;
    }
    return reply_image(rq, id, err);
}

#define ACT(a) .action = (a), .load = load_instance, .target = instance_target, .flags = ROUTE_WORKER

/* clang-format off */
const struct route compute_server_image_routes[] = {
    { HTTP_POST, "/v2.1/servers/{server_id}/action", "os_compute_api:servers:rebuild", rebuild, ACT("rebuild"),
      .in = rebuild_fields, .in_size = sizeof(struct rebuild) },
    { HTTP_POST, "/v2.1/servers/{server_id}/action", "os_compute_api:servers:create_image", create_image,
      ACT("createImage"), .in = snapshot_fields, .in_size = sizeof(struct snapshot) },
    { HTTP_POST, "/v2.1/servers/{server_id}/action", "os_compute_api:os-create-backup", create_image,
      ACT("createBackup"), .in = backup_fields, .in_size = sizeof(struct snapshot) },
    { 0 },
};
/* clang-format on */
