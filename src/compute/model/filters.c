/* SPDX-License-Identifier: Apache-2.0 */
/* Who may not have the server. */
#include "base/str.h"
#include "compute/model/choice.h"
#include "wire/json.h"

/* Texts of a hint, which may be one or a list. */
static bool hint_any(const struct choice *c, const char *hint,
                     bool (*fits)(const struct choice *c, const char *value, const char *host),
                     const char *host)
{
    const json_t *v = json_object_get(c->hints, hint);
    size_t k;
    json_t *one;

    if (json_is_string(v))
        return fits(c, json_string_value(v), host);
    json_array_foreach ((json_t *) v, k, one)
        if (json_is_string(one) && fits(c, json_string_value(one), host))
            return true;
    return false;
}

static bool is_on(const struct choice *c, const char *server, const char *host)
{
    return str_eq(hash_get(&c->hint_hosts, server), host);
}

static bool compute_filter(const struct choice *c, const struct candidate *h)
{
    return h->host.up && !h->host.disabled;
}

/* Where it failed before it is not tried again. */
static bool not_tried(const struct choice *c, const struct candidate *h)
{
    json_t *name;
    size_t k;

    json_array_foreach ((json_t *) c->tried, k, name)
        if (str_eq(json_string_value(name), h->host.name))
            return false;
    return true;
}

static bool requested_host(const struct choice *c, const struct candidate *h)
{
    const struct instance *i = c->instance;

    return (!i->host_wanted || str_eq(i->host_wanted, h->host.name)) &&
           (!i->node_wanted || str_eq(i->node_wanted, h->host.node_name));
}

static bool availability_zone(const struct choice *c, const struct candidate *h)
{
    return !c->instance->az_wanted || str_eq(c->instance->az_wanted, h->host.zone);
}

/* "capabilities:NAME" of the flavor against the host's facts: equality, or an
 * operator of the API ("<in> kvm", "s== x", ">= 5"). */
static bool number_fits(const char *op, double have, double want)
{
    return (str_eq(op, "=") || str_eq(op, ">=")) ? have >= want
           : str_eq(op, "<=")                    ? have <= want
           : str_eq(op, "==")                    ? have == want
           : str_eq(op, "!=")                    ? have != want
                                                 : false;
}

static bool spec_fits(struct arena *a, const char *want, const char *have)
{
    const char **words = str_split(a, str_trim(a, want), ' ');
    double x, y;

    if (!words[1])
        return str_eq(words[0], have);
    if (str_eq(words[0], "s=="))
        return str_eq(words[1], have);
    if (str_eq(words[0], "s!="))
        return !str_eq(words[1], have);
    if (str_eq(words[0], "<in>"))
        return strstr(have, words[1]) != NULL;
    if (str_eq(words[0], "<or>")) {
        for (const char **w = words + 1; *w; w++)
            if (str_eq(*w, have))
                return true;
        return false;
    }
    return str_to_double(have, &x) >= 0 && str_to_double(words[1], &y) >= 0 && number_fits(words[0], x, y);
}

static bool compute_capabilities(const struct choice *c, const struct candidate *h)
{
    auto_json json_t *facts = NULL;
    const char *key;
    json_t *v;

    json_object_foreach ((json_t *) c->extra_specs, key, v) {
        const char *path = str_has_prefix(key, "capabilities:") ? key + 13 : NULL;
        const json_t *have;
        char *text;

        if (!path)
            continue;
        if (!facts && (!h->host.facts || json_read(h->host.facts, strlen(h->host.facts), &facts, NULL) < 0))
            return false;
        text = arena_strdup(c->arena, path);
        for (char *p = text; *p; p++)
            *p = *p == ':' ? '.' : *p;
        have = json_at(facts, text);
        if (!have || !spec_fits(c->arena, json_string_value(v),
                                json_is_string(have) ? json_string_value(have) : json_text(c->arena, have)))
            return false;
    }
    return true;
}

/* hw_architecture, img_hv_type and hw_vm_mode against what the host can run. */
static bool image_properties(const struct choice *c, const struct candidate *h)
{
    const char *want[] = { json_str(c->image, "hw_architecture"), json_str(c->image, "img_hv_type"),
                           json_str(c->image, "hw_vm_mode") };
    auto_json json_t *facts = NULL;
    size_t k;
    json_t *one;

    if (!want[0])
        want[0] = json_str(c->image, "architecture");
    if (!want[0] && !want[1] && !want[2])
        return true;
    if (!h->host.facts || json_read(h->host.facts, strlen(h->host.facts), &facts, NULL) < 0)
        return false;
    json_array_foreach (json_arr(facts, "supported_instances"), k, one) {
        bool fits = true;

        for (size_t m = 0; m < 3; m++) {
            const char *have = json_string_value(json_array_get(one, m));

            fits = fits && (!want[m] || str_eq(want[m], have) ||
                            (m == 1 && str_eq(want[m], "qemu") && str_eq(have, "kvm")));
        }
        if (fits)
            return true;
    }
    return false;
}

/* --- groups and hints ---------------------------------------------------------------- */

static size_t members_on(const struct choice *c, const char *host)
{
    return (size_t) hash_get(&c->group_hosts, host);
}

static bool group_anti_affinity(const struct choice *c, const struct candidate *h)
{
    return !str_eq(c->group_policy, "anti-affinity") ||
           (int64_t) members_on(c, h->host.name) < c->group_max_per_host;
}

static bool group_affinity(const struct choice *c, const struct candidate *h)
{
    return !str_eq(c->group_policy, "affinity") || !c->group_hosts.count || members_on(c, h->host.name) > 0;
}

static bool same_host(const struct choice *c, const struct candidate *h)
{
    return !json_object_get(c->hints, "same_host") || hint_any(c, "same_host", is_on, h->host.name);
}

static bool different_host(const struct choice *c, const struct candidate *h)
{
    return !hint_any(c, "different_host", is_on, h->host.name);
}

/* --- aggregates ---------------------------------------------------------------------- */

#define SCOPE "aggregate_instance_extra_specs:"

/* Each spec of that scope must be met by an aggregate of the host. */
static bool aggregate_has(const struct choice *c, const char *host, const char *key, const char *want)
{
    for (size_t k = 0; k < c->aggregates.count; k++) {
        const struct aggregate *g = list_at(&c->aggregates, k);
        auto_json json_t *m = NULL;

        if (!strv_contains(g->hosts, host) || !g->metadata ||
            json_read(g->metadata, strlen(g->metadata), &m, NULL) < 0)
            continue;
        if (json_str(m, key) && spec_fits(c->arena, want, json_str(m, key)))
            return true;
    }
    return false;
}

static bool aggregate_extra_specs(const struct choice *c, const struct candidate *h)
{
    const char *key;
    json_t *v;

    json_object_foreach ((json_t *) c->extra_specs, key, v)
        if (str_has_prefix(key, SCOPE) &&
            !aggregate_has(c, h->host.name, key + strlen(SCOPE), json_string_value(v)))
            return false;
    return true;
}

/* Aggregates with filter_tenant_id… are for those projects alone. */
static bool aggregate_tenancy(const struct choice *c, const struct candidate *h)
{
    bool limited = false;

    for (size_t k = 0; k < c->aggregates.count; k++) {
        const struct aggregate *g = list_at(&c->aggregates, k);
        auto_json json_t *m = NULL;
        const char *key;
        json_t *v;

        if (!strv_contains(g->hosts, h->host.name) || !g->metadata ||
            json_read(g->metadata, strlen(g->metadata), &m, NULL) < 0)
            continue;
        json_object_foreach (m, key, v) {
            if (!str_has_prefix(key, "filter_tenant_id"))
                continue;
            if (strv_contains(str_split(c->arena, json_string_value(v), ','), c->instance->project_id))
                return true;
            limited = true;
        }
    }
    return !limited;
}

const struct host_filter host_filters[] = {
    { "RetryFilter", not_tried },
    { "ComputeFilter", compute_filter },
    { "RequestedHost", requested_host },
    { "AvailabilityZoneFilter", availability_zone },
    { "ComputeCapabilitiesFilter", compute_capabilities },
    { "ImagePropertiesFilter", image_properties, .of_image = true },
    { "ServerGroupAntiAffinityFilter", group_anti_affinity },
    { "ServerGroupAffinityFilter", group_affinity },
    { "SameHostFilter", same_host },
    { "DifferentHostFilter", different_host },
    { "AggregateInstanceExtraSpecsFilter", aggregate_extra_specs },
    { "AggregateMultiTenancyIsolation", aggregate_tenancy },
    { 0 },
};
