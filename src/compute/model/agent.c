/* SPDX-License-Identifier: Apache-2.0 */
#include "compute/model/agent.h"

#include "agent/compute_wishes.h"
#include "base/str.h"
#include "client/client.h"
#include "compute/model/metadata.h"
#include "wire/json.h"

#define CALL_TIMEOUT_MS 30000
#define NAME_ID_CHARS   11 /* Of a port's id in its device's name. */

int agent_call(struct server *s, struct arena *a, const char *host, const char *method, const json_t *args,
               const char *request_id, json_t **ret, struct err *err)
{
    const char *topic = arena_printf(a, COMPUTE_TOPIC_HOST, host);
    json_t *reply = NULL;
    int r;

    if (!s->bus)
        return err_set(err, -EHOSTDOWN, "this service was started without a bus");
    r = bus_call(s->bus, topic, method, args, request_id, CALL_TIMEOUT_MS, &reply, err);
    if (r >= 0 && ret)
        *ret = json_incref(reply);
    json_decref(reply);
    return r;
}

const char *instance_name_of(struct arena *a, const struct instance *i)
{
    return arena_printf(a, "instance-%08llx", (unsigned long long) i->number);
}

enum power_state power_of(const char *word)
{
    static const struct {
        const char *word;
        enum power_state state;
    } all[] = {
        { COMPUTE_POWER_RUNNING, POWER_RUNNING }, { COMPUTE_POWER_SHUTDOWN, POWER_SHUTDOWN },
        { COMPUTE_POWER_PAUSED, POWER_PAUSED },   { COMPUTE_POWER_SUSPENDED, POWER_SUSPENDED },
        { COMPUTE_POWER_CRASHED, POWER_CRASHED },
    };

    for (size_t k = 0; k < ARRAY_SIZE(all); k++)
        if (str_eq(all[k].word, word))
            return all[k].state;
    return POWER_NONE;
}

/* --- the wish -------------------------------------------------------------------------- */

static json_t *object_of(const char *text)
{
    json_t *j = NULL;

    if (!text || json_read(text, strlen(text), &j, NULL) < 0)
        return json_object();
    return j;
}

/* An image as the agent needs it; null for none. */
static json_t *image_of(const struct compute *c, struct arena *a, const char *text)
{
    static const char *const take[] = { "id",           "name",         "disk_format", "container_format",
                                        "size",         "virtual_size", "min_disk",    "checksum",
                                        "os_hash_algo", "os_hash_value" };
    auto_json json_t *all = NULL;
    json_t *image, *properties = json_object();
    const char *key;
    json_t *v;

    if (!text || json_read(text, strlen(text), &all, NULL) < 0) {
        json_decref(properties);
        return json_null();
    }
    image = json_object();
    for (size_t k = 0; k < ARRAY_SIZE(take); k++)
        if (json_object_get(all, take[k]))
            json_object_set(image, take[k], json_object_get(all, take[k]));
    json_object_foreach (all, key, v)
        if (json_is_string(v) && !json_object_get(image, key))
            json_object_set(properties, key, v);
    json_object_set_new(image, "properties", properties);
    if (!str_empty(c->opt->image_store_dir))
        json_object_set_new(
            image, "file",
            json_string(arena_printf(a, "%s/%s", c->opt->image_store_dir, json_str(all, "id"))));
    return image;
}

static json_t *disks_of(const struct instance *i)
{
    json_t *all = json_array();

    if (i->image_id)
        json_array_append_new(
            all, json_pack("{sssI}", "kind", COMPUTE_DISK_ROOT, "size_gb", (json_int_t) i->root_gb));
    if (i->ephemeral_gb)
        json_array_append_new(all, json_pack("{sssisI}", "kind", COMPUTE_DISK_EPHEMERAL, "index", 0,
                                             "size_gb", (json_int_t) i->ephemeral_gb));
    if (i->swap_mb)
        json_array_append_new(
            all, json_pack("{sssI}", "kind", COMPUTE_DISK_SWAP, "size_mb", (json_int_t) i->swap_mb));
    return all;
}

static json_t *nic_of(struct arena *a, json_t *port)
{
    const char *id = json_str(port, "id");

    return json_pack("{ss ss? ss ss? sI sn ss? sO? ss? sb}", "port_id", id, "network_id",
                     json_str(port, "network_id"), "tap", arena_printf(a, "tap%.*s", NAME_ID_CHARS, id),
                     "mac", json_str(port, "mac"), "mtu", (json_int_t) json_int(port, "mtu", 1500), "model",
                     "vif_type", json_str(port, "vif_type"), "vif_details", json_obj(port, "vif_details"),
                     "tag", json_str(port, "tag"), "active", json_truth(port, "active", false));
}

static json_t *nics_of(struct arena *a, const struct instance *i)
{
    json_t *all = json_array(), *ports = NULL, *p;
    size_t k;

    if (i->ports && json_read(i->ports, strlen(i->ports), &ports, NULL) >= 0)
        json_array_foreach (ports, k, p)
            json_array_append_new(all, nic_of(a, p));
    json_decref(ports);
    return all;
}

static int add_secrets(struct server *s, struct arena *a, json_t *wish, struct err *err)
{
    const char *token;
    char *url;
    int r;

    if (!s->client)
        return 0;
    r = client_endpoint(s->client, a, "image", &url, err);
    if (r >= 0)
        r = client_token(s->client, a, &token, err);
    if (r < 0)
        return r;
    json_object_set_new(wish, "image_endpoint", json_string(url));
    json_object_set_new(wish, "image_token", json_string(token));
    return 0;
}

int wish_of(struct server *s, struct arena *a, const struct instance *i, bool busy, bool secrets,
            json_t **ret, struct err *err)
{
    const struct compute *c = s->state;
    json_t *w, *drive = NULL;
    int r = 0;

    if (i->config_drive)
        drive = metadata_config_drive(s, a, i);
    w = json_pack(
        "{ss ss? ss? ss ss ss ss? sb sI ss si s{ss? sI sI sI sI sI so} so so so so so so? so so s{sb sb}}",
        "id", i->id, "name", i->name, "hostname", i->hostname, "instance_name", instance_name_of(a, i),
        "project_id", i->project_id, "user_id", i->user_id, "created_at",
        i->created_at ? time_text(a, i->created_at, TIME_ISO_Z) : NULL, "busy", busy, "generation",
        (json_int_t) i->generation, "power", i->power_wish, "shutdown_timeout_s", 60, "flavor", "name",
        i->flavor_name, "vcpus", (json_int_t) i->vcpus, "memory_mb", (json_int_t) i->memory_mb, "root_gb",
        (json_int_t) i->root_gb, "ephemeral_gb", (json_int_t) i->ephemeral_gb, "swap_mb",
        (json_int_t) i->swap_mb, "extra_specs", object_of(i->extra_specs), "image", image_of(c, a, i->image),
        "kernel", image_of(c, a, i->kernel), "ramdisk", image_of(c, a, i->ramdisk), "disks", disks_of(i),
        "nics", nics_of(a, i), "config_drive", drive, "metadata", object_of(i->metadata), "system_metadata",
        object_of(i->system_metadata), "console", "vnc", 1, "serial_log", 1);
    if (!w)
        return err_set(err, -EIO, "the wish for server %s cannot be written", i->id);
    if (secrets)
        r = add_secrets(s, a, w, err);
    if (r < 0) {
        json_decref(w);
        return r;
    }
    *ret = w;
    return 0;
}
