/* SPDX-License-Identifier: Apache-2.0 */
#include "network/model/wishes.h"

#include "agent/network_wishes.h"
#include "base/hash.h"
#include "base/str.h"
#include "network/ipnum.h"
#include "network/model/schedule.h"
#include "network/store/agents.h"
#include "network/store/groups.h"
#include "network/store/networks.h"
#include "network/store/ports.h"
#include "network/store/routers.h"
#include "network/store/rows.h"

/* A port with its addresses. */
struct leg {
    const struct port *p;
    struct allocation *all;
    size_t n, cap;
};

struct writing {
    struct net_ctx *c;
    const char *host;
    struct jw w;
    struct list networks, subnets, ports, routers;
    const char **dhcp;   /* Networks whose DHCP server is here. */
    struct hash legs;    /* port id -> struct leg */
    struct hash by_id;   /* subnet id -> struct subnet */
    struct hash tunnels; /* host -> tunnel address */
    struct hash routed;  /* network id -> itself: a router of this host is on it */
    const char **groups; /* Of the guests here. */
};

/* --- loading ------------------------------------------------------------------------------ */

static bool is_guest_here(const struct writing *x, const struct port *p)
{
    return str_eq(p->host_id, x->host) && str_has_prefix(p->device_owner, OWNER_COMPUTE_PREFIX) &&
           str_eq(p->vif_type, "bridge");
}

static void add_once(struct arena *a, const char ***v, struct hash *seen, const char *s)
{
    if (s && !hash_put(seen, s, (void *) s))
        *v = strv_add(a, *v, s);
}

static int ports_where(struct writing *x, const char *column, const char *const *list, struct list *ret,
                       struct err *err)
{
    const struct cond cond = { .column = column, .op = COND_IN, .list = list };

    return ports_find(x->c, &cond, 1, ret, err);
}

/* Networks that something here is on. */
static int find_networks(struct writing *x, const char ***ret, struct err *err)
{
    const struct cond here = { .column = "host_id", .op = COND_EQ, .value = val_text(x->host) };
    const char **router_ids = NULL, **ids = NULL;
    struct list bound, legs = { 0 };
    struct hash seen;
    int r = ports_find(x->c, &here, 1, &bound, err);

    hash_init(&seen);
    for (size_t i = 0; r >= 0 && i < bound.count; i++)
        if (is_guest_here(x, list_at(&bound, i)))
            add_once(x->c->a, &ids, &seen, ((struct port *) list_at(&bound, i))->network_id);
    strv_foreach (id, x->dhcp)
        add_once(x->c->a, &ids, &seen, *id);
    router_ids = list_ids(x->c->a, &x->routers, offsetof(struct l3_router, id));
    if (r >= 0 && router_ids[0])
        r = ports_where(x, "device_id", (const char *const *) router_ids, &legs, err);
    for (size_t i = 0; r >= 0 && i < legs.count; i++) {
        const struct port *p = list_at(&legs, i);

        add_once(x->c->a, &ids, &seen, p->network_id);
        hash_put(&x->routed, p->network_id, (void *) p->network_id);
    }
    hash_done(&seen);
    *ret = ids ? ids : arena_array(x->c->a, const char *, 1);
    return r;
}

static struct leg *leg_of(struct writing *x, const char *port_id)
{
    struct leg *l = hash_get(&x->legs, port_id);

    if (!l) {
        l = arena_new(x->c->a, struct leg);
        hash_put(&x->legs, port_id, l);
    }
    return l;
}

static int load_addresses(struct writing *x, const char *const *networks, struct err *err)
{
    struct allocation *all;
    size_t n = 0;
    int r = allocations_of_networks(x->c, networks, &all, &n, err);

    for (size_t i = 0; i < x->ports.count; i++) {
        const struct port *p = list_at(&x->ports, i);

        leg_of(x, p->id)->p = p;
    }
    for (size_t i = 0; r >= 0 && i < n; i++) {
        struct leg *l = leg_of(x, all[i].port_id);

        if (l->n == l->cap) {
            size_t cap = l->cap ? l->cap * 2 : 2;

            l->all = arena_grow(x->c->a, l->all, l->cap * sizeof(*all), cap * sizeof(*all));
            l->cap = cap;
        }
        l->all[l->n++] = all[i];
    }
    return r;
}

static int load_tunnels(struct writing *x, struct err *err)
{
    const struct cond cond = { .column = "agent_type", .op = COND_EQ, .value = val_text(NETWORK_AGENT_L2) };
    const struct query q = { .conds = &cond, .n_conds = 1 };
    struct list agents;
    int r = table_list(x->c->t, x->c->a, &net_agent_table, &q, &agents, err);

    for (size_t i = 0; r >= 0 && i < agents.count; i++) {
        const struct net_agent *a = list_at(&agents, i);
        auto_json json_t *conf = NULL;
        const char *ip;

        if (json_read(a->configurations, strlen(a->configurations), &conf, NULL) < 0)
            continue;
        ip = json_str(conf, "tunneling_ip");
        if (!str_empty(ip))
            hash_put(&x->tunnels, a->host, arena_strdup(x->c->a, ip));
    }
    return r;
}

static int load(struct writing *x, struct err *err)
{
    const struct cond here = { .column = "host", .op = COND_EQ, .value = val_text(x->host) };
    const struct sort_key by_id = { "id", false };
    struct query q = { .conds = &here, .n_conds = 1, .sort = &by_id, .n_sort = 1 };
    struct cond in = { .op = COND_IN };
    const char **ids = NULL;
    int r = dhcp_networks_of(x->c, x->host, &x->dhcp, err);

    if (r >= 0)
        r = table_list(x->c->t, x->c->a, &l3_router_table, &q, &x->routers, err);
    if (r >= 0)
        r = find_networks(x, &ids, err);
    if (r < 0)
        return r;
    q.conds = &in;
    in.list = (const char *const *) ids;
    in.column = "id";
    r = table_list(x->c->t, x->c->a, &network_table, &q, &x->networks, err);
    in.column = "network_id";
    if (r >= 0)
        r = table_list(x->c->t, x->c->a, &subnet_table, &q, &x->subnets, err);
    if (r >= 0)
        r = table_list(x->c->t, x->c->a, &port_table, &q, &x->ports, err);
    if (r >= 0 && x->ports.count)
        r = ports_fill(x->c, &x->ports, err);
    if (r >= 0)
        r = load_addresses(x, (const char *const *) ids, err);
    for (size_t i = 0; r >= 0 && i < x->subnets.count; i++)
        hash_put(&x->by_id, ((struct subnet *) list_at(&x->subnets, i))->id, list_at(&x->subnets, i));
    return r < 0 ? r : load_tunnels(x, err);
}

/* --- writing ------------------------------------------------------------------------------- */

static int prefixlen_of(const struct writing *x, const char *subnet_id)
{
    const struct subnet *s = hash_get(&x->by_id, subnet_id);
    struct ipnet net;

    return s && ipnet_parse(s->cidr, &net, NULL) == 0 ? net.prefixlen : 0;
}

static void write_addresses(struct writing *x, const struct leg *l, bool only_dhcp)
{
    jw_array(&x->w, "fixed_ips");
    for (size_t i = 0; i < l->n; i++) {
        const struct subnet *s = hash_get(&x->by_id, l->all[i].subnet_id);

        if (only_dhcp && (!s || !s->enable_dhcp))
            continue;
        jw_object(&x->w, NULL);
        jw_str(&x->w, "subnet_id", l->all[i].subnet_id);
        jw_str(&x->w, "ip_address", l->all[i].ip_address);
        jw_int(&x->w, "prefixlen", prefixlen_of(x, l->all[i].subnet_id));
        jw_end_object(&x->w);
    }
    jw_end_array(&x->w);
}

static bool has_dhcp_address(const struct writing *x, const struct leg *l)
{
    for (size_t i = 0; i < l->n; i++) {
        const struct subnet *s = hash_get(&x->by_id, l->all[i].subnet_id);

        if (s && s->enable_dhcp)
            return true;
    }
    return false;
}

/* No router's interface has the gateway's address. */
static bool is_isolated(struct writing *x, const struct subnet *s)
{
    for (size_t i = 0; i < x->ports.count; i++) {
        const struct port *p = list_at(&x->ports, i);
        const struct leg *l;

        if (!str_eq(p->network_id, s->network_id) || !str_eq(p->device_owner, OWNER_ROUTER_INTERFACE))
            continue;
        l = leg_of(x, p->id);
        for (size_t j = 0; j < l->n; j++)
            if (str_eq(l->all[j].subnet_id, s->id) && str_eq(l->all[j].ip_address, s->gateway_ip))
                return false;
    }
    return true;
}

static void write_subnet(struct writing *x, const struct subnet *s)
{
    struct jw *w = &x->w;

    jw_object(w, NULL);
    jw_str(w, "id", s->id);
    jw_int(w, "ip_version", s->ip_version);
    jw_str(w, "cidr", s->cidr);
    jw_str(w, "gateway_ip", s->gateway_ip);
    jw_bool(w, "enable_dhcp", s->enable_dhcp);
    jw_strv(w, "dns_nameservers", (const char *const *) s->dns_nameservers);
    jw_raw(w, "host_routes", s->host_routes ? s->host_routes : "[]");
    jw_str(w, "ipv6_ra_mode", s->ipv6_ra_mode);
    jw_str(w, "ipv6_address_mode", s->ipv6_address_mode);
    jw_bool(w, "isolated", is_isolated(x, s));
    jw_end_object(w);
}

static bool is_on(const struct port *p, const struct network *n)
{
    return str_eq(p->network_id, n->id) && !str_empty(p->host_id);
}

/* Where broadcasts go, and where known addresses live. */
static void write_tunnels(struct writing *x, const struct network *n)
{
    bool tunneled = str_eq(n->network_type, "vxlan") && hash_get(&x->tunnels, x->host);
    const char **remotes = NULL;
    struct jw *w = &x->w;

    for (size_t i = 0; tunneled && i < x->ports.count; i++) {
        const struct port *p = list_at(&x->ports, i);
        const char *ip =
            is_on(p, n) && !str_eq(p->host_id, x->host) ? hash_get(&x->tunnels, p->host_id) : NULL;

        if (ip && !strv_contains(remotes, ip))
            remotes = strv_add(x->c->a, remotes, ip);
    }
    jw_strv(w, "remotes", (const char *const *) remotes);
    jw_array(w, "fdb");
    for (size_t i = 0; remotes && i < x->ports.count; i++) {
        const struct port *p = list_at(&x->ports, i);
        const char *ip =
            is_on(p, n) && !str_eq(p->host_id, x->host) ? hash_get(&x->tunnels, p->host_id) : NULL;
        const struct leg *l;

        if (!ip)
            continue;
        l = leg_of(x, p->id);
        jw_object(w, NULL);
        jw_str(w, "mac_address", p->mac_address);
        jw_array(w, "ip_addresses");
        for (size_t j = 0; j < l->n; j++)
            jw_str(w, NULL, l->all[j].ip_address);
        jw_end_array(w);
        jw_str(w, "remote", ip);
        jw_end_object(w);
    }
    jw_end_array(w);
}

/* Whose DHCP answers a guest may hear: those of every host that serves the network. */
static void write_dhcp_servers(struct writing *x, const struct network *n)
{
    struct jw *w = &x->w;

    jw_array(w, "dhcp_servers");
    for (size_t i = 0; i < x->ports.count; i++) {
        const struct port *p = list_at(&x->ports, i);
        const struct leg *l;

        if (!is_on(p, n) || !str_eq(p->device_owner, OWNER_DHCP))
            continue;
        l = leg_of(x, p->id);
        jw_object(w, NULL);
        jw_str(w, "mac_address", p->mac_address);
        jw_array(w, "ip_addresses");
        for (size_t j = 0; j < l->n; j++)
            jw_str(w, NULL, l->all[j].ip_address);
        jw_end_array(w);
        jw_end_object(w);
    }
    jw_end_array(w);
}

static void write_dhcp(struct writing *x, const struct network *n)
{
    struct jw *w = &x->w;

    for (size_t i = 0; strv_contains(x->dhcp, n->id) && i < x->ports.count; i++) {
        const struct port *p = list_at(&x->ports, i);

        if (!str_eq(p->network_id, n->id) || !str_eq(p->device_owner, OWNER_DHCP) ||
            !str_eq(p->device_id, dhcp_device_id(x->c->a, n->id)) || !str_eq(p->host_id, x->host))
            continue;
        jw_object(w, "dhcp");
        jw_str(w, "port_id", p->id);
        jw_str(w, "mac_address", p->mac_address);
        jw_int(w, "lease_s", x->c->n->opt->dhcp_lease_s);
        write_addresses(x, leg_of(x, p->id), true);
        jw_end_object(w);
        return;
    }
    jw_null(w, "dhcp");
}

static void write_hosts(struct writing *x, const struct network *n)
{
    bool needed = strv_contains(x->dhcp, n->id) || hash_get(&x->routed, n->id);
    struct jw *w = &x->w;

    jw_array(w, "hosts");
    for (size_t i = 0; needed && i < x->ports.count; i++) {
        const struct port *p = list_at(&x->ports, i);
        const struct leg *l = leg_of(x, p->id);

        if (!str_eq(p->network_id, n->id) || str_has_prefix(p->device_owner, "network:") ||
            !has_dhcp_address(x, l))
            continue;
        jw_object(w, NULL);
        jw_str(w, "port_id", p->id);
        jw_str(w, "mac_address", p->mac_address);
        jw_str(w, "device_owner", p->device_owner);
        write_addresses(x, l, true);
        jw_str(w, "hostname", str_empty(p->dns_name) ? NULL : p->dns_name);
        jw_raw(w, "extra_dhcp_opts", p->extra_dhcp_opts ? p->extra_dhcp_opts : "[]");
        jw_str(w, "instance_id", str_has_prefix(p->device_owner, OWNER_COMPUTE_PREFIX) ? p->device_id : NULL);
        jw_str(w, "project_id", p->project_id);
        jw_end_object(w);
    }
    jw_end_array(w);
}

static void write_network(struct writing *x, const struct network *n)
{
    struct jw *w = &x->w;

    jw_object(w, NULL);
    jw_str(w, "id", n->id);
    jw_str(w, "project_id", n->project_id);
    jw_bool(w, "admin_state_up", n->admin_state_up);
    jw_int(w, "mtu", n->mtu);
    jw_str(w, "network_type", n->network_type);
    if (n->segmentation_id == FIELD_NULL_INT)
        jw_null(w, "segmentation_id");
    else
        jw_int(w, "segmentation_id", n->segmentation_id);
    jw_str(w, "physical_network", n->physical_network);
    write_tunnels(x, n);
    jw_str(w, "dns_domain", str_empty(n->dns_domain) ? x->c->n->opt->dns_domain : n->dns_domain);
    write_dhcp_servers(x, n);
    jw_array(w, "subnets");
    for (size_t i = 0; i < x->subnets.count; i++)
        if (str_eq(((struct subnet *) list_at(&x->subnets, i))->network_id, n->id))
            write_subnet(x, list_at(&x->subnets, i));
    jw_end_array(w);
    write_dhcp(x, n);
    write_hosts(x, n);
    jw_end_object(w);
}

static void write_port(struct writing *x, const struct port *p)
{
    struct jw *w = &x->w;

    jw_object(w, NULL);
    jw_str(w, "id", p->id);
    jw_str(w, "network_id", p->network_id);
    jw_str(w, "project_id", p->project_id);
    jw_str(w, "mac_address", p->mac_address);
    jw_bool(w, "admin_state_up", p->admin_state_up);
    jw_str(w, "device_owner", p->device_owner);
    jw_str(w, "device_id", p->device_id);
    write_addresses(x, leg_of(x, p->id), false);
    jw_bool(w, "port_security_enabled", p->port_security_enabled);
    jw_raw(w, "allowed_address_pairs", p->allowed_address_pairs ? p->allowed_address_pairs : "[]");
    jw_strv(w, "security_groups", (const char *const *) p->security_groups);
    jw_end_object(w);
}

static void write_ports(struct writing *x)
{
    struct hash seen;

    hash_init(&seen);
    jw_array(&x->w, "ports");
    for (size_t i = 0; i < x->ports.count; i++) {
        const struct port *p = list_at(&x->ports, i);

        if (!is_guest_here(x, p))
            continue;
        write_port(x, p);
        strv_foreach (g, p->security_groups)
            add_once(x->c->a, &x->groups, &seen, *g);
    }
    jw_end_array(&x->w);
    hash_done(&seen);
}

/* --- groups ------------------------------------------------------------------------------------ */

struct members {
    struct arena *a;
    struct hash by_group; /* id -> const char *** */
};

static void add_member(struct members *m, const char *group, const char *address)
{
    const char ***list = hash_get(&m->by_group, group);

    if (list && address)
        *list = strv_add(m->a, *list, address);
}

static void add_address(void *ctx, const struct rows *r, size_t row)
{
    add_member(ctx, rows_text(r, row, 0), rows_text(r, row, 1));
}

static void add_pairs(void *ctx, const struct rows *r, size_t row)
{
    struct members *m = ctx;
    const char *text = rows_text(r, row, 1);
    auto_json json_t *pairs = NULL;

    if (!text || json_read(text, strlen(text), &pairs, NULL) < 0)
        return;
    for (size_t i = 0; i < json_array_size(pairs); i++)
        add_member(m, rows_text(r, row, 0),
                   arena_strdup(m->a, json_str(json_array_get(pairs, i), "ip_address")));
}

static void write_rule(struct jw *w, struct arena *a, const struct security_group_rule *r)
{
    jw_object(w, NULL);
    jw_str(w, "id", r->id);
    jw_str(w, "direction", r->direction);
    jw_str(w, "ethertype", r->ethertype);
    jw_str(w, "protocol", r->protocol);
    if (r->port_range_min != FIELD_NULL_INT)
        jw_int(w, "port_range_min", r->port_range_min);
    if (r->port_range_max != FIELD_NULL_INT)
        jw_int(w, "port_range_max", r->port_range_max);
    jw_str(w, "remote_ip_prefix", ipnet_canonical(a, r->remote_ip_prefix));
    jw_str(w, "remote_group_id", r->remote_group_id);
    jw_end_object(w);
}

static int write_groups(struct writing *x, struct err *err)
{
    struct members m = { .a = x->c->a };
    const char **all = NULL;
    struct list rules = { 0 };
    struct hash seen;
    struct jw *w = &x->w;
    int r = 0;

    if (x->groups)
        r = rules_of_groups(x->c, (const char *const *) x->groups, &rules, err);
    if (r < 0)
        return r;
    hash_init(&seen);
    strv_foreach (g, x->groups)
        add_once(x->c->a, &all, &seen, *g);
    for (size_t i = 0; i < rules.count; i++)
        add_once(x->c->a, &all, &seen, ((struct security_group_rule *) list_at(&rules, i))->remote_group_id);
    hash_done(&seen);
    hash_init(&m.by_group);
    strv_foreach (g, all)
        hash_put(&m.by_group, *g, arena_new(x->c->a, const char **));
    r = group_addresses(x->c, (const char *const *) all, add_address, &m, err);
    if (r >= 0)
        r = group_pairs(x->c, (const char *const *) all, add_pairs, &m, err);
    jw_array(w, "security_groups");
    strv_foreach (g, all) {
        jw_object(w, NULL);
        jw_str(w, "id", *g);
        jw_array(w, "rules");
        for (size_t i = 0; i < rules.count; i++)
            if (str_eq(((struct security_group_rule *) list_at(&rules, i))->security_group_id, *g))
                write_rule(w, x->c->a, list_at(&rules, i));
        jw_end_array(w);
        jw_strv(w, "members", (const char *const *) *(const char ***) hash_get(&m.by_group, *g));
        jw_end_object(w);
    }
    jw_end_array(w);
    hash_done(&m.by_group);
    return r;
}

/* --- routers ----------------------------------------------------------------------------------- */

static void write_leg(struct writing *x, const char *name, const struct port *p,
                      const struct l3_router *gateway)
{
    jw_object(&x->w, name);
    jw_str(&x->w, "port_id", p->id);
    jw_str(&x->w, "mac_address", p->mac_address);
    jw_str(&x->w, "network_id", p->network_id);
    if (gateway)
        jw_bool(&x->w, "enable_snat", gateway->enable_snat);
    write_addresses(x, leg_of(x, p->id), false);
    jw_end_object(&x->w);
}

static int write_floating(struct writing *x, const struct l3_router *l, struct err *err)
{
    struct jw *w = &x->w;
    struct list fips = { 0 };
    int r = floating_ips_find(x->c, "router_id", l->id, &fips, err);

    jw_array(w, "floating_ips");
    for (size_t i = 0; r >= 0 && i < fips.count; i++) {
        const struct floating_ip *f = list_at(&fips, i);

        jw_object(w, NULL);
        jw_str(w, "id", f->id);
        jw_str(w, "floating_ip_address", f->floating_ip_address);
        jw_str(w, "fixed_ip_address", f->fixed_ip_address);
        jw_str(w, "port_id", f->port_id);
        jw_end_object(w);
    }
    jw_end_array(w);
    return r;
}

static int write_router(struct writing *x, const struct l3_router *l, struct err *err)
{
    struct jw *w = &x->w;
    const struct leg *gw = l->gw_port_id ? hash_get(&x->legs, l->gw_port_id) : NULL;
    int r;

    jw_object(w, NULL);
    jw_str(w, "id", l->id);
    jw_str(w, "project_id", l->project_id);
    jw_bool(w, "admin_state_up", l->admin_state_up);
    if (gw && gw->p)
        write_leg(x, "gateway", gw->p, l);
    else
        jw_null(w, "gateway");
    jw_array(w, "interfaces");
    for (size_t i = 0; i < x->ports.count; i++) {
        const struct port *p = list_at(&x->ports, i);

        if (str_eq(p->device_owner, OWNER_ROUTER_INTERFACE) && str_eq(p->device_id, l->id))
            write_leg(x, NULL, p, NULL);
    }
    jw_end_array(w);
    jw_raw(w, "routes", l->routes ? l->routes : "[]");
    r = write_floating(x, l, err);
    jw_end_object(w);
    return r;
}

static int write_all(struct writing *x, int64_t version, struct err *err)
{
    struct jw *w = &x->w;
    int r = 0;

    jw_object(w, NULL);
    jw_printf(w, "version", "%lld", (long long) version);
    jw_array(w, "networks");
    for (size_t i = 0; i < x->networks.count; i++)
        write_network(x, list_at(&x->networks, i));
    jw_end_array(w);
    write_ports(x);
    r = write_groups(x, err);
    jw_array(w, "routers");
    for (size_t i = 0; r >= 0 && i < x->routers.count; i++)
        r = write_router(x, list_at(&x->routers, i), err);
    jw_end_array(w);
    jw_end_object(w);
    return r;
}

int wishes_first_asked(struct net_ctx *c, void *host, struct err *err)
{
    int64_t version;

    return wish_version_of(c, host, &version, err);
}

int wishes_of_host(struct net_ctx *c, const char *host, const char *known_version, json_t **ret,
                   struct err *err)
{
    struct writing x = { .c = c, .host = host };
    struct strbuf out;
    int64_t version;
    int r = wish_version_read(c, host, &version, err);

    if (r < 0)
        return r;
    if (str_eq(known_version, arena_printf(c->a, "%lld", (long long) version))) {
        *ret = json_pack("{s:s, s:b}", "version", known_version, "unchanged", 1);
        return 0;
    }
    hash_init(&x.legs);
    hash_init(&x.by_id);
    hash_init(&x.tunnels);
    hash_init(&x.routed);
    strbuf_init(&out, c->a);
    jw_init(&x.w, &out);
    r = load(&x, err);
    if (r >= 0)
        r = write_all(&x, version, err);
    hash_done(&x.legs);
    hash_done(&x.by_id);
    hash_done(&x.tunnels);
    hash_done(&x.routed);
    return r < 0 ? r : json_read(strbuf_str(&out), out.len, ret, err);
}
