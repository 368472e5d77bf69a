/* SPDX-License-Identifier: Apache-2.0 */
#include "compute/model/scheduler.h"

#include "base/str.h"
#include "client/placement.h"
#include "compute/model/choice.h"
#include "compute/store/hosts.h"
#include "compute/store/instances.h"
#include "compute/store/server_groups.h"
#include "wire/json.h"

#define CLAIMS_MAX     5
#define CANDIDATES_MAX 1000

static json_t *object_or(const char *text)
{
    json_t *j = NULL;

    if (!text || json_read(text, strlen(text), &j, NULL) < 0)
        return json_object();
    return j;
}

static struct client_as as_service(const struct schedule_request *rq)
{
    return (struct client_as){ rq->server->client, rq->arena, NULL, rq->request_id };
}

/* --- what is asked of placement ------------------------------------------------------- */

static int64_t disk_of(const struct instance *i)
{
    return i->root_gb + i->ephemeral_gb + (i->swap_mb + 1023) / 1024;
}

static void add_amount(struct strbuf *q, const json_t *specs, const char *class, int64_t amount)
{
    const char *own = json_str(specs, arena_printf(q->arena, "resources:%s", class));

    if (own)
        str_to_i64(own, &amount);
    if (amount > 0)
        strbuf_printf(q, "%s%s:%lld", q->len ? "," : "", class, (long long) amount);
}

/* "resources:CLASS" of the flavor adds to or replaces what it takes anyhow;
 * "trait:NAME" of flavor and image are "required" or "forbidden". */
static char *question(const struct schedule_request *rq, const struct choice *c)
{
    const struct instance *i = rq->instance;
    const json_t *both[] = { c->extra_specs, c->image };
    struct strbuf resources, required;
    const char *key;
    json_t *v;

    strbuf_init(&resources, rq->arena);
    strbuf_init(&required, rq->arena);
    add_amount(&resources, c->extra_specs, "VCPU", i->vcpus);
    add_amount(&resources, c->extra_specs, "MEMORY_MB", i->memory_mb);
    add_amount(&resources, c->extra_specs, "DISK_GB", disk_of(i));
    json_object_foreach ((json_t *) c->extra_specs, key, v)
        if (str_has_prefix(key, "resources:") && !strstr("VCPU MEMORY_MB DISK_GB", key + 10))
            strbuf_printf(&resources, "%s%s:%s", resources.len ? "," : "", key + 10, json_string_value(v));
    for (size_t k = 0; k < 2; k++)
        json_object_foreach ((json_t *) both[k], key, v)
            if (str_has_prefix(key, "trait:"))
                strbuf_printf(&required, "%s%s%s", required.len ? "," : "&required=",
                              str_eq(json_string_value(v), "forbidden") ? "!" : "", key + 6);
    return arena_printf(rq->arena, "resources=%s%s&limit=%d", strbuf_str(&resources), strbuf_str(&required),
                        CANDIDATES_MAX);
}

/* --- what filters look at --------------------------------------------------------------- */

static int load_group(const struct schedule_request *rq, struct txn *t, struct choice *c, struct err *err)
{
    struct server_group g;
    struct rows rows;
    auto_json json_t *rules = NULL;
    const char *most;
    int r;

    if (!rq->instance->group_id)
        return 0;
    r = table_get(t, rq->arena, &server_group_table, rq->instance->group_id, &g, err);
    if (r == -ENOENT)
        return 0;
    if (r >= 0)
        r = server_group_hosts(t, rq->arena, g.id, rq->instance->id, &rows, err);
    for (size_t k = 0; r >= 0 && k < rows.count; k++)
        hash_put(&c->group_hosts, rows_text(&rows, k, 0), (void *) (uintptr_t) rows_int(&rows, k, 1, 0));
    rules = object_or(g.rules);
    most = json_str(rules, "max_server_per_host");
    c->group_policy = g.policy;
    c->group_max_per_host = json_int(rules, "max_server_per_host", 1);
    if (most)
        str_to_i64(most, &c->group_max_per_host);
    return r;
}

static int load_hint_hosts(const struct schedule_request *rq, struct txn *t, struct choice *c,
                           struct err *err)
{
    static const char *const hints[] = { "same_host", "different_host" };
    int r = 0;

    for (size_t k = 0; k < ARRAY_SIZE(hints); k++) {
        auto_json json_t *list = json_is_string(json_object_get(c->hints, hints[k]))
                                     ? json_pack("[O]", json_object_get(c->hints, hints[k]))
                                     : json_incref(json_arr(c->hints, hints[k]));
        size_t m;
        json_t *id;

        json_array_foreach (list, m, id) {
            const char *host = NULL;

            if (r < 0 || !json_is_string(id))
                break;
            r = instance_host(t, rq->arena, json_string_value(id), &host, err);
            if (r >= 0 && host)
                hash_put(&c->hint_hosts, arena_strdup(rq->arena, json_string_value(id)), (void *) host);
        }
    }
    return r;
}

static int load_choice(const struct schedule_request *rq, struct choice *c, struct err *err)
{
    auto_rollback struct txn *t = NULL;
    int r = txn_begin(rq->server->db, false, &t, err);

    if (r >= 0)
        r = aggregate_all(t, rq->arena, &c->aggregates, err);
    if (r >= 0)
        r = load_group(rq, t, c, err);
    return r < 0 ? r : load_hint_hosts(rq, t, c, err);
}

/* --- candidates -------------------------------------------------------------------------- */

static int64_t free_of(const json_t *summary, const char *class)
{
    const json_t *r = json_obj(json_obj(summary, "resources"), class);

    return json_int(r, "capacity", 0) - json_int(r, "used", 0);
}

/* Candidates whose provider is a host that we know. */
static size_t read_candidates(const struct schedule_request *rq, const struct choice *c, const json_t *answer,
                              struct candidate *all, size_t max)
{
    struct list hosts = hosts_list(c->compute, rq->arena);
    struct hash by_node;
    size_t n = 0, k;
    json_t *one;

    hash_init(&by_node);
    for (size_t m = 0; m < hosts.count; m++) {
        struct host_state *h = list_at(&hosts, m);

        if (h->node_id)
            hash_put(&by_node, h->node_id, h);
    }
    json_array_foreach (json_arr(answer, "allocation_requests"), k, one) {
        json_t *allocations = json_obj(one, "allocations");
        const char *node = json_object_iter_key(json_object_iter(allocations));
        const struct host_state *h = node ? hash_get(&by_node, node) : NULL;
        const json_t *summary = node ? json_obj(json_obj(answer, "provider_summaries"), node) : NULL;

        if (!h || n == max)
            continue;
        all[n++] = (struct candidate){
            .host = *h,
            .allocations = allocations,
            .free_vcpus = free_of(summary, "VCPU"),
            .free_memory_mb = free_of(summary, "MEMORY_MB"),
            .free_disk_gb = free_of(summary, "DISK_GB"),
            .group_members = (size_t) hash_get(&c->group_hosts, h->name),
        };
    }
    hash_done(&by_node);
    return n;
}

/* --- why not ------------------------------------------------------------------------------ */

struct reasons {
    struct strbuf words;
    const char *nearest; /* The host that came farthest, and which filter took it. */
};

static size_t apply_filters(const struct choice *c, struct candidate *all, size_t n, struct reasons *why)
{
    for (const struct host_filter *f = host_filters; f->name && n; f++) {
        size_t left = 0, before = n;

        for (size_t k = 0; k < n; k++) {
            if (f->passes(c, &all[k]))
                all[left++] = all[k];
            else
                why->nearest = arena_printf(c->arena, "%s, refused by %s", all[k].host.name, f->name);
        }
        n = left;
        if (before != n)
            strbuf_printf(&why->words, ", %s removed %zu", f->name, before - n);
    }
    return n;
}

struct shortage {
    const char *what, *unit;
    int64_t need, free;
};

static int64_t sum_for(const struct rows *used, const char *host, size_t col)
{
    for (size_t k = 0; k < used->count; k++)
        if (str_eq(rows_text(used, k, 0), host))
            return rows_int(used, k, col, 0);
    return 0;
}

/* In which of its resources a host lacks what share; 0 when it lacks nothing. */
static double lacks(const struct compute *c, const struct instance *i, const struct host_state *h,
                    const struct rows *used, struct shortage *ret)
{
    const struct shortage all[] = {
        { "memory", "MB", i->memory_mb,
          (int64_t) ((double) (h->memory_mb - h->reserved_memory_mb) * c->opt->ram_allocation_ratio) -
              sum_for(used, h->name, 3) },
        { "virtual processors", "of them", i->vcpus,
          (int64_t) ((double) (h->vcpus - h->reserved_vcpus) * c->opt->cpu_allocation_ratio) -
              sum_for(used, h->name, 2) },
        { "disk", "GB", disk_of(i),
          (int64_t) ((double) (h->local_gb - h->reserved_disk_gb) * c->opt->disk_allocation_ratio) -
              sum_for(used, h->name, 4) },
    };
    double most = 0;

    for (size_t k = 0; k < ARRAY_SIZE(all); k++) {
        double share = all[k].need > 0 ? (double) (all[k].need - all[k].free) / (double) all[k].need : 0;

        if (share > most) {
            most = share;
            *ret = all[k];
        }
    }
    return most;
}

/* Placement had nobody: which host came nearest to having room. */
static const char *nearest_by_room(const struct schedule_request *rq, const struct choice *c)
{
    struct list hosts = hosts_list(c->compute, rq->arena);
    auto_rollback struct txn *t = NULL;
    struct shortage least = { 0 };
    const char *name = NULL;
    double best = 0;
    struct rows used;

    if (txn_begin(rq->server->db, false, &t, NULL) < 0 || hosts_used(t, rq->arena, &used, NULL) < 0)
        return NULL;
    for (size_t k = 0; k < hosts.count; k++) {
        const struct host_state *h = list_at(&hosts, k);
        struct shortage s = { 0 };
        double share = lacks(c->compute, rq->instance, h, &used, &s);

        if (s.what && (!name || share < best)) {
            name = h->name;
            best = share;
            least = s;
        }
    }
    if (!name)
        return NULL;
    return arena_printf(rq->arena, "%s, which has %lld %s of %s free and %lld are needed", name,
                        (long long) (least.free > 0 ? least.free : 0), least.unit, least.what,
                        (long long) least.need);
}

static int refuse(const struct schedule_request *rq, const struct choice *c, size_t placed,
                  struct reasons *why, struct err *err)
{
    size_t known = hosts_list(c->compute, rq->arena).count;
    const char *nearest = placed ? why->nearest : nearest_by_room(rq, c);

    return err_set(
        err, -ENOSPC,
        "No valid host was found. There are not enough hosts available. Of %zu hosts placement removed "
        "%zu%s.%s%s%s",
        known, known > placed ? known - placed : 0, strbuf_str(&why->words), nearest ? " Nearest: " : "",
        nearest ? nearest : "", nearest ? "." : "");
}

/* --- order and claim ------------------------------------------------------------------------ */

static void weigh(const struct choice *c, struct candidate *all, size_t n)
{
    for (const struct host_weigher *w = host_weighers; w->name; w++) {
        double low = 0, high = 0;

        for (size_t k = 0; k < n; k++) {
            double v = w->weigh(c, &all[k]);

            low = k && low < v ? low : v;
            high = k && high > v ? high : v;
        }
        for (size_t k = 0; k < n && high > low; k++)
            all[k].weight += w->factor * (w->weigh(c, &all[k]) - low) / (high - low);
    }
}

static int heaviest_first(const void *a, const void *b)
{
    double x = ((const struct candidate *) a)->weight, y = ((const struct candidate *) b)->weight;

    return x < y ? 1 : x > y ? -1 : 0;
}

static int claim_one(const struct schedule_request *rq, struct candidate *all, size_t n,
                     struct host_state *ret, struct err *err)
{
    const struct client_as as = as_service(rq);
    const struct instance *i = rq->instance;
    int r = -EEXIST;

    for (size_t k = 0; k < n && k < CLAIMS_MAX && r == -EEXIST; k++) {
        err_clear(err);
        r = placement_claim(&as, i->id, all[k].allocations, i->project_id, i->user_id, err);
        if (r == -EEXIST && k == 0) { /* Perhaps a claim of our own, from before a crash. */
            err_clear(err);
            r = placement_release(&as, i->id, err);
            if (r >= 0)
                r = placement_claim(&as, i->id, all[k].allocations, i->project_id, i->user_id, err);
        }
        if (r >= 0)
            *ret = all[k].host;
    }
    return r;
}

static int choose(const struct schedule_request *rq, struct choice *c, struct host_state *ret,
                  struct err *err)
{
    const struct client_as as = as_service(rq);
    auto_json json_t *answer = NULL;
    struct reasons why = { 0 };
    struct candidate *all;
    size_t placed, n;
    int r = load_choice(rq, c, err);

    if (r >= 0)
        r = placement_candidates(&as, question(rq, c), &answer, err);
    if (r < 0)
        return r;
    n = json_array_size(json_arr(answer, "allocation_requests"));
    all = arena_array(rq->arena, struct candidate, n + 1);
    strbuf_init(&why.words, rq->arena);
    placed = read_candidates(rq, c, answer, all, n);
    n = apply_filters(c, all, placed, &why);
    if (!n)
        return refuse(rq, c, placed, &why, err);
    weigh(c, all, n);
    qsort(all, n, sizeof(*all), heaviest_first);
    r = claim_one(rq, all, n, ret, err);
    if (r != -EEXIST)
        return r;
    return err_set(err, -EAGAIN, "Others took what the chosen hosts had.");
}

int schedule(const struct schedule_request *rq, struct host_state *ret_host, struct err *err)
{
    auto_json json_t *specs = object_or(rq->instance->extra_specs), *image = object_or(rq->instance->image),
                     *hints = object_or(rq->instance->hints);
    struct choice c = { .compute = rq->server->state,
                        .arena = rq->arena,
                        .instance = rq->instance,
                        .extra_specs = specs,
                        .image = image,
                        .hints = hints,
                        .tried = rq->tried };
    int r;

    hash_init(&c.group_hosts);
    hash_init(&c.hint_hosts);
    r = choose(rq, &c, ret_host, err);
    hash_done(&c.group_hosts);
    hash_done(&c.hint_hosts);
    return r;
}

/* --- a new image for a server that stays ------------------------------------------------------ */

static bool has_trait(const json_t *traits, const char *name)
{
    size_t k;
    json_t *one;

    json_array_foreach ((json_t *) traits, k, one)
        if (str_eq(json_string_value(one), name))
            return true;
    return false;
}

/* "trait:NAME" of the image, which placement looked at only when the server came. */
static int check_traits(const struct schedule_request *rq, const struct choice *c, const struct host_state *h,
                        struct err *err)
{
    const struct client_as as = as_service(rq);
    auto_json json_t *traits = NULL;
    const char *key;
    json_t *v;
    int r;

    json_object_foreach ((json_t *) c->image, key, v) {
        bool forbidden = str_eq(json_string_value(v), "forbidden");

        if (!str_has_prefix(key, "trait:"))
            continue;
        r = traits ? 0 : placement_traits(&as, h->node_id, &traits, err);
        if (r < 0)
            return r;
        if (has_trait(traits, key + 6) == forbidden)
            return err_set(err, -ENOSPC, "No valid host was found. Host %s %s the trait %s of the image.",
                           h->name, forbidden ? "has" : "does not have", key + 6);
    }
    return 0;
}

int schedule_check_image(const struct schedule_request *rq, struct err *err)
{
    auto_json json_t *specs = object_or(rq->instance->extra_specs), *image = object_or(rq->instance->image),
                     *hints = json_object();
    const struct choice c = { .compute = rq->server->state,
                              .arena = rq->arena,
                              .instance = rq->instance,
                              .extra_specs = specs,
                              .image = image,
                              .hints = hints };
    struct candidate here = { 0 };

    if (!rq->instance->host || hosts_get(rq->server->state, rq->arena, rq->instance->host, &here.host) < 0)
        return 0; /* It is nowhere: nothing can be wrong with its place. */
    for (const struct host_filter *f = host_filters; f->name; f++)
        if (f->of_image && !f->passes(&c, &here))
            return err_set(err, -ENOSPC, "No valid host was found. %s refuses host %s with the new image.",
                           f->name, here.host.name);
    return check_traits(rq, &c, &here.host, err);
}

int group_allows(struct txn *t, struct arena *a, const struct instance *i, const char *host, bool *ret,
                 struct err *err)
{
    struct server_group g;
    struct rows rows;
    auto_json json_t *rules = NULL;
    int64_t here = 0, all = 0;
    int r;

    *ret = true;
    if (!i->group_id)
        return 0;
    r = table_get(t, a, &server_group_table, i->group_id, &g, err);
    if (r == -ENOENT)
        return 0;
    if (r >= 0)
        r = server_group_hosts(t, a, g.id, i->id, &rows, err);
    for (size_t k = 0; r >= 0 && k < rows.count; k++) {
        all += rows_int(&rows, k, 1, 0);
        here += str_eq(rows_text(&rows, k, 0), host) ? rows_int(&rows, k, 1, 0) : 0;
    }
    rules = object_or(g.rules);
    if (str_eq(g.policy, "anti-affinity"))
        *ret = here < json_int(rules, "max_server_per_host", 1);
    else if (str_eq(g.policy, "affinity"))
        *ret = !all || here;
    return r;
}
