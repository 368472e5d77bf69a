/* SPDX-License-Identifier: Apache-2.0 */
#include "compute/model/hosts.h"

#include <pthread.h>

#include "base/str.h"
#include "client/placement.h"
#include "compute/store/hosts.h"

#define SAVE_EVERY_US 30000000

struct host {
    char *name;
    struct arena arena; /* Of what 's' points to. */
    struct host_state s;
    int64_t saved_us;
    bool in_placement; /* Placement has its inventory as it is here. */
};

struct host_table {
    pthread_rwlock_t lock;
    struct hash hosts;
};

struct host_table *host_table_new(void)
{
    struct host_table *h = calloc(1, sizeof(*h));

    if (!h)
        return NULL;
    pthread_rwlock_init(&h->lock, NULL);
    hash_init(&h->hosts);
    return h;
}

static void host_free(struct host *h)
{
    arena_done(&h->arena);
    free(h->name);
    free(h);
}

void host_table_free(struct host_table *h)
{
    hash_foreach (it, &h->hosts)
        host_free(it->value);
    hash_done(&h->hosts);
    pthread_rwlock_destroy(&h->lock);
    free(h);
}

/* --- from text to numbers ------------------------------------------------------ */

static void read_facts(struct arena *a, const char *text, struct host_state *s)
{
    auto_json json_t *f = NULL;
    const json_t *reserved;

    if (!text || json_read(text, strlen(text), &f, NULL) < 0)
        return;
    reserved = json_obj(f, "reserved");
    s->driver = arena_strdup(a, json_str(f, "driver"));
    s->hypervisor_type = arena_strdup(a, json_str(f, "hypervisor_type"));
    s->host_ip = arena_strdup(a, json_str(f, "host_ip"));
    s->node_name = arena_strdup(a, json_str(f, "hypervisor_hostname"));
    s->hypervisor_version = json_int(f, "hypervisor_version", 0);
    s->vcpus = json_int(f, "vcpus", 0);
    s->memory_mb = json_int(f, "memory_mb", 0);
    s->local_gb = json_int(f, "local_gb", 0);
    s->reserved_vcpus = json_int(reserved, "vcpus", 0);
    s->reserved_memory_mb = json_int(reserved, "memory_mb", 0);
    s->reserved_disk_gb = json_int(reserved, "disk_gb", 0);
    s->vif_plugging = json_truth(f, "vif_plugging", true);
}

static bool same_inventory(const struct host_state *a, const struct host_state *b)
{
    return a->vcpus == b->vcpus && a->memory_mb == b->memory_mb && a->local_gb == b->local_gb &&
           a->reserved_vcpus == b->reserved_vcpus && a->reserved_memory_mb == b->reserved_memory_mb &&
           a->reserved_disk_gb == b->reserved_disk_gb;
}

/* Puts a row into the table; the lock is held for writing. */
static struct host *put_row(struct host_table *table, const struct compute_host *row, const char *zone)
{
    struct host *h = hash_get(&table->hosts, row->host);
    struct host_state s = { 0 };
    struct arena fresh;

    if (!h) {
        h = calloc(1, sizeof(*h));
        if (!h)
            return NULL;
        h->name = strdup(row->host);
        if (!h->name) {
            free(h);
            return NULL;
        }
        arena_init(&h->arena);
        hash_put(&table->hosts, h->name, h);
    }
    arena_init(&fresh);
    read_facts(&fresh, row->facts, &s);
    s.name = h->name;
    s.id = arena_strdup(&fresh, row->id);
    s.node_id = arena_strdup(&fresh, row->node_id);
    s.node_name = s.node_name ? s.node_name : h->name;
    s.disabled_reason = arena_strdup(&fresh, row->disabled_reason);
    s.facts = arena_strdup(&fresh, row->facts);
    s.zone = arena_strdup(&fresh, zone ? zone : h->s.zone);
    s.number = row->number;
    s.disabled = row->disabled;
    s.forced_down = row->forced_down;
    s.created_at = row->created_at;
    s.updated_at = row->updated_at;
    s.seen_us = row->seen_us > h->s.seen_us ? row->seen_us : h->s.seen_us;
    h->in_placement = h->in_placement && same_inventory(&h->s, &s);
    arena_done(&h->arena);
    h->arena = fresh;
    h->s = s;
    return h;
}

void hosts_changed(struct compute *c, const struct compute_host *row)
{
    if (!str_eq(row->binary, BINARY_COMPUTE))
        return;
    pthread_rwlock_wrlock(&c->hosts->lock);
    put_row(c->hosts, row, NULL);
    pthread_rwlock_unlock(&c->hosts->lock);
}

void hosts_forget(struct compute *c, const char *name)
{
    struct host *h;

    pthread_rwlock_wrlock(&c->hosts->lock);
    h = hash_remove(&c->hosts->hosts, name);
    pthread_rwlock_unlock(&c->hosts->lock);
    if (h)
        host_free(h);
}

/* --- zones --------------------------------------------------------------------- */

static const char *zone_of(const struct list *aggregates, struct arena *a, const char *host)
{
    for (size_t i = 0; i < aggregates->count; i++) {
        const struct aggregate *g = list_at(aggregates, i);
        auto_json json_t *m = NULL;

        if (!strv_contains(g->hosts, host) || !g->metadata ||
            json_read(g->metadata, strlen(g->metadata), &m, NULL) < 0)
            continue;
        if (json_str(m, "availability_zone"))
            return arena_strdup(a, json_str(m, "availability_zone"));
    }
    return NULL;
}

int hosts_zones_changed(struct compute *c, struct arena *a, struct txn *t, struct err *err)
{
    struct list all;
    int r = aggregate_all(t, a, &all, err);

    if (r < 0)
        return r;
    pthread_rwlock_wrlock(&c->hosts->lock);
    hash_foreach (it, &c->hosts->hosts) {
        struct host *h = it->value;
        const char *zone = zone_of(&all, a, h->name);

        if (!str_eq(zone, h->s.zone))
            h->s.zone = arena_strdup(&h->arena, zone);
    }
    pthread_rwlock_unlock(&c->hosts->lock);
    return 0;
}

int hosts_load(struct compute *c, struct err *err)
{
    const struct cond is_compute = { .column = "binary_", .op = COND_EQ, .value = val_text(BINARY_COMPUTE) };
    auto_arena struct arena a = { 0 };
    auto_rollback struct txn *t = NULL;
    struct list rows;
    int r = txn_begin(c->server->db, false, &t, err);

    if (r >= 0)
        r = table_list(t, &a, &compute_host_table, &(struct query){ .conds = &is_compute, .n_conds = 1 },
                       &rows, err);
    for (size_t i = 0; r >= 0 && i < rows.count; i++)
        hosts_changed(c, list_at(&rows, i));
    return r < 0 ? r : hosts_zones_changed(c, &a, t, err);
}

/* --- reading --------------------------------------------------------------------- */

static struct host_state copy_of(const struct compute *c, struct arena *a, const struct host *h)
{
    struct host_state s = h->s;
    const char **texts[] = { &s.id,     &s.name,    &s.node_id,         &s.node_name, &s.zone,
                             &s.driver, &s.host_ip, &s.hypervisor_type, &s.facts,     &s.disabled_reason };

    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        *texts[i] = arena_strdup(a, *texts[i]);
    if (!s.zone)
        s.zone = c->opt->default_availability_zone;
    s.up = !s.forced_down && server_now_us(c->server) - s.seen_us <= c->opt->service_down_s * 1000000;
    return s;
}

int hosts_get(struct compute *c, struct arena *a, const char *name, struct host_state *ret)
{
    const struct host *h;

    pthread_rwlock_rdlock(&c->hosts->lock);
    h = hash_get(&c->hosts->hosts, name);
    if (h)
        *ret = copy_of(c, a, h);
    pthread_rwlock_unlock(&c->hosts->lock);
    return h ? 0 : -ENOENT;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct host_state *) a)->name, ((const struct host_state *) b)->name);
}

struct list hosts_list(struct compute *c, struct arena *a)
{
    struct list l = { .size = sizeof(struct host_state) };
    struct host_state *all;

    pthread_rwlock_rdlock(&c->hosts->lock);
    all = arena_array(a, struct host_state, c->hosts->hosts.count + 1);
    hash_foreach (it, &c->hosts->hosts)
        all[l.count++] = copy_of(c, a, it->value);
    pthread_rwlock_unlock(&c->hosts->lock);
    qsort(all, l.count, sizeof(*all), by_name);
    l.items = all;
    return l;
}

const char *hosts_zone(struct compute *c, struct arena *a, const char *name)
{
    const struct host *h;
    const char *zone = NULL;

    pthread_rwlock_rdlock(&c->hosts->lock);
    h = name ? hash_get(&c->hosts->hosts, name) : NULL;
    if (h)
        zone = arena_strdup(a, h->s.zone);
    pthread_rwlock_unlock(&c->hosts->lock);
    return zone ? zone : c->opt->default_availability_zone;
}

/* --- reports --------------------------------------------------------------------- */

struct saving {
    struct arena *a;
    const char *host, *facts;
    int64_t now_us;
    struct compute_host row;
};

static int save(struct txn *t, void *ctx, struct err *err)
{
    static const char *const only[] = { "facts", "seen_us", "updated_at", NULL };
    struct saving *s = ctx;
    int r = compute_host_find(t, s->a, s->host, BINARY_COMPUTE, true, s->now_us, &s->row, err);

    if (r < 0)
        return r;
    s->row.facts = s->facts;
    s->row.seen_us = s->row.updated_at = s->now_us;
    return table_update(t, s->a, &compute_host_table, &s->row, only, err);
}

static json_t *inventory(int64_t total, int64_t reserved, double ratio)
{
    int64_t most = total > 0 ? total : 1;

    return json_pack("{sIsIsIsIsIsf}", "total", (json_int_t) total, "reserved", (json_int_t) reserved,
                     "min_unit", (json_int_t) 1, "max_unit", (json_int_t) most, "step_size", (json_int_t) 1,
                     "allocation_ratio", ratio);
}

static int tell_placement(struct compute *c, struct arena *a, const struct host_state *s, struct err *err)
{
    const struct client_as as = { .client = c->server->client, .arena = a };
    const struct {
        const char *name;
        int64_t total, reserved;
        double ratio;
    } all[] = { { "VCPU", s->vcpus, s->reserved_vcpus, c->opt->cpu_allocation_ratio },
                { "MEMORY_MB", s->memory_mb, s->reserved_memory_mb, c->opt->ram_allocation_ratio },
                { "DISK_GB", s->local_gb, s->reserved_disk_gb, c->opt->disk_allocation_ratio } };
    auto_json json_t *inventories = json_object();
    int r;

    for (size_t i = 0; i < ARRAY_SIZE(all); i++)
        if (all[i].total > 0)
            json_object_set_new(inventories, all[i].name,
                                inventory(all[i].total, all[i].reserved, all[i].ratio));
    r = placement_provider_ensure(&as, s->node_id, s->node_name, err);
    return r < 0 ? r : placement_inventories_set(&as, s->node_id, inventories, err);
}

/* What the report changes in memory; true when it need not be saved. */
static bool note_report(struct compute *c, const char *host, const char *facts, int64_t now_us)
{
    struct host_state s = { 0 };
    auto_arena struct arena a = { 0 };
    struct host *h;
    bool known;

    read_facts(&a, facts, &s);
    pthread_rwlock_wrlock(&c->hosts->lock);
    h = hash_get(&c->hosts->hosts, host);
    if (h)
        h->s.seen_us = now_us;
    known = h && h->in_placement && same_inventory(&h->s, &s) && now_us - h->saved_us < SAVE_EVERY_US;
    pthread_rwlock_unlock(&c->hosts->lock);
    return known;
}

static void note_placement(struct compute *c, const char *host)
{
    struct host *h;

    pthread_rwlock_wrlock(&c->hosts->lock);
    h = hash_get(&c->hosts->hosts, host);
    if (h)
        h->in_placement = true;
    pthread_rwlock_unlock(&c->hosts->lock);
}

int hosts_report(struct compute *c, struct arena *a, const json_t *report, struct err *err)
{
    struct saving s = { .a = a, .host = json_str(report, "host"), .facts = json_text(a, report) };
    auto_rollback struct txn *t = NULL;
    struct host *h;
    struct host_state state;
    bool in_placement;
    int r;

    s.now_us = server_now_us(c->server);
    if (str_empty(s.host) || strlen(s.host) > 255)
        return err_set(err, -EINVAL, "a report needs the name of its host");
    if (note_report(c, s.host, s.facts, s.now_us))
        return 0;
    r = txn_run(c->server->db, save, &s, err);
    if (r < 0)
        return r;
    pthread_rwlock_wrlock(&c->hosts->lock);
    h = put_row(c->hosts, &s.row, NULL);
    if (h)
        h->saved_us = s.now_us;
    in_placement = h && h->in_placement;
    pthread_rwlock_unlock(&c->hosts->lock);
    r = txn_begin(c->server->db, false, &t, err);
    if (r >= 0)
        r = hosts_zones_changed(c, a, t, err);
    if (t)
        txn_rollback(&t);
    if (r < 0 || in_placement || !c->server->client)
        return r;
    r = hosts_get(c, a, s.host, &state);
    if (r >= 0)
        r = tell_placement(c, a, &state, err);
    if (r >= 0)
        note_placement(c, s.host);
    return r;
}
