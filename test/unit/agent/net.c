/* SPDX-License-Identifier: Apache-2.0 */
#include "net.h"

#include <string.h>

#include "agent/network_wishes.h"
#include "base/str.h"
#include "host/netns.h"
#include "host/purge.h"
#include "wire/json.h"

static const char *all_roles[] = { NETWORK_ROLE_L2, NETWORK_ROLE_L3, NETWORK_ROLE_DHCP, NETWORK_ROLE_METADATA,
                                   NULL };

struct one_round {
    struct net *n;
    struct arena *arena;
    const struct wishes *wishes;
    struct round round;
};

/* DHCP servers must not outlive the test. */
static void purge(void *arg)
{
    struct net *n = arg;

    if (!n->netns)
        host_network_purge(n->config.prefix, n->dir, n->options.run_dir, NULL);
    json_decref(n->report);
}

struct net *net_start(struct test *t)
{
    struct net *ret = arena_new(test_arena(t), struct net);

    *ret = (struct net){ .t = t, .dir = lab_enter(t) };
    ret->options = (struct agent_network_options){ .roles = all_roles,
                                                   .vxlan_port = 4789,
                                                   .run_dir = test_path(t, "run"),
                                                   .netns_dir = ret->dir,
                                                   .dnsmasq = "dnsmasq" };
    ret->config = (struct agent_config){ .host = "host1", .prefix = "lab", .network = &ret->options };
    test_cleanup(t, purge, ret);
    return ret;
}

struct net *net_host(struct test *t, struct net *first, const char *name)
{
    struct net *n = arena_memdup(test_arena(t), first, sizeof(*first));
    struct err err = { 0 };

    EXPECT_OK(netns_ensure(first->dir, name, &err), &err);
    n->netns = net_path(first, name);
    n->config.host = name;
    n->config.network = &n->options;
    n->report = NULL;
    test_cleanup(t, purge, n);
    return n;
}

static int round_here(void *ctx, struct err *err)
{
    struct one_round *o = ctx;

    return round_run(&o->n->config, o->arena, o->wishes, &o->round, err);
}

void net_round(struct net *n, const char *wishes)
{
    struct arena *a = test_arena(n->t);
    char *text = arena_strdup(a, wishes);
    struct strbuf report;
    auto_json json_t *j = NULL;
    struct err err = { 0 };
    struct wishes w;
    struct one_round o = { n, a, &w };

    for (char *p = text; *p; p++)
        *p = *p == '\'' ? '"' : *p;
    strbuf_init(&report, a);
    EXPECT_OK(json_read(text, strlen(text), &j, &err), &err);
    EXPECT_OK(wishes_read(a, j, &w, &err), &err);
    EXPECT_OK(netns_run(n->netns, round_here, &o, &err), &err);
    round_report(&o.round, &report);
    json_decref(n->report);
    n->report = NULL;
    EXPECT_OK(json_read(strbuf_str(&report), report.len, &n->report, &err), &err);
}

static json_t *find(const json_t *list, const char *id)
{
    json_t *item, *found = NULL;
    size_t i;

    json_array_foreach (list, i, item) {
        if (str_eq(json_str(item, "id"), id))
            return item;
        found = find(json_arr(item, "ports"), id);
        found = found ? found : find(json_arr(item, "floating_ips"), id);
        if (found)
            return found;
    }
    return NULL;
}

const char *net_status(struct net *n, const char *list, const char *id)
{
    return json_str(find(json_arr(n->report, list), id), "status");
}

const char *net_reason(struct net *n, const char *list, const char *id)
{
    return json_str(find(json_arr(n->report, list), id), "reason");
}

const char *net_path(struct net *n, const char *name)
{
    return arena_printf(test_arena(n->t), "%s/%s", n->dir, name);
}

const char *net_guest(struct net *n, const char *name, const char *tap, const char *mac, const char *address,
                      const char *gateway)
{
    struct arena *a = test_arena(n->t);
    const char *path = lab_guest(n->t, n->dir, name, tap, mac);

    if (address)
        EXPECT_INT(lab_run(n->t, path, arena_printf(a, "ip address add %s dev eth0", address), NULL), 0);
    if (gateway)
        EXPECT_INT(lab_run(n->t, path, arena_printf(a, "ip route add default via %s", gateway), NULL), 0);
    return path;
}
