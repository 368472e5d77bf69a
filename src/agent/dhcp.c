/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/dhcp.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "agent/l2.h"
#include "agent/network_wishes.h"
#include "base/str.h"
#include "host/addr.h"
#include "host/netns.h"
#include "host/purge.h"
#include "io/proc.h"
#include "io/sock.h"

#define START_MS         10000
#define HANGING_MS       1000
#define METADATA_ADDRESS "169.254.169.254/32"
#define FILE_MAX         (64 << 20)

/* One network's server. */
struct server {
    struct round *r;
    const struct wish_network *n;
    const char *name;   /* qdhcp-<id> */
    const char *netns;  /* Its path. */
    const char *device; /* ns-<port> inside. */
    const char *dir;    /* Its files. */
};

static const char *file_of(const struct server *s, const char *name)
{
    return arena_printf(s->r->arena, "%s/%s", s->dir, name);
}

/* --- The namespace. --------------------------------------------------------- */

static bool any_isolated(const struct wish_network *n)
{
    for (size_t i = 0; i < n->n_subnets; i++)
        if (n->subnets[i].isolated && n->subnets[i].cidr.family == AF_INET)
            return true;
    return false;
}

static int converge_addresses(const struct server *s, struct nl *nl, struct err *err)
{
    const struct wish_leg *leg = s->n->dhcp;
    struct ip *ips = arena_array(s->r->arena, struct ip, leg->n_ips + 2);
    size_t n = 0;

    for (size_t i = 0; i < leg->n_ips; i++)
        ips[n++] = leg->ips[i].ip;
    if (any_isolated(s->n))
        ip_parse(METADATA_ADDRESS, &ips[n++]);
    return addr_converge(nl, s->device, ips, n, NULL, NULL, err);
}

static bool has_address_in(const struct wish_leg *leg, const char *subnet_id)
{
    for (size_t i = 0; i < leg->n_ips; i++)
        if (str_eq(leg->ips[i].subnet_id, subnet_id))
            return true;
    return false;
}

/* The server answers guests behind a router too (DNS), so it has the guests' way out. */
static int converge_way_out(const struct server *s, struct err *err)
{
    auto_cleanup(nl_close) struct nl *nl = NULL;
    struct route routes[2] = { 0 };
    size_t n = 0;

    for (int six = 0; six < 2; six++) {
        int family = six ? AF_INET6 : AF_INET;

        for (size_t i = 0; i < s->n->n_subnets; i++) {
            const struct wish_subnet *sub = &s->n->subnets[i];

            if (sub->gateway.family != family || !has_address_in(s->n->dhcp, sub->id) ||
                !ip_in(&sub->gateway, &sub->cidr))
                continue;
            routes[n].to.family = family;
            routes[n++].via = sub->gateway;
            break;
        }
    }
    if (nl_open(s->netns, NETLINK_ROUTE, &nl, err) < 0)
        return -EIO;
    return route_converge(nl, routes, n, err);
}

static int converge_namespace(const struct server *s, struct err *err)
{
    auto_cleanup(nl_close) struct nl *nl = NULL;
    int r = netns_ensure(s->r->options->netns_dir, s->name, err);

    if (r >= 0)
        r = nl_open(s->netns, NETLINK_ROUTE, &nl, err);
    if (r >= 0)
        r = netns_mark(nl, round_mark(s->r, "dhcp"), err);
    /* Before the device comes up: its addresses are wished, none makes itself. */
    sysctl_ensure(s->netns, "net/ipv6/conf/default/accept_ra", "0", NULL);
    if (r >= 0)
        r = l2_plug(s->r, s->n, s->n->dhcp, s->netns, s->device, "dhcp", err);
    return r < 0 ? r : converge_addresses(s, nl, err);
}

/* --- The process. ----------------------------------------------------------- */

/* The running server, or 0.  A process number may have gone to somebody else,
 * so its command line must name our file. */
static pid_t running(const struct server *s)
{
    char *text = NULL, *command = NULL;
    size_t n = 0;
    int64_t pid;

    if (file_read(s->r->arena, file_of(s, "pid"), 64, &text, NULL) < 0 ||
        str_to_i64(str_trim(s->r->arena, text), &pid) < 0 || pid <= 1 ||
        file_read(s->r->arena, arena_printf(s->r->arena, "/proc/%lld/cmdline", (long long) pid), 65536,
                  &command, &n) < 0)
        return 0;
    return memmem(command, n, file_of(s, "conf"), strlen(file_of(s, "conf"))) ? (pid_t) pid : 0;
}

static int run_dnsmasq(void *ctx, struct err *err)
{
    const struct server *s = ctx;
    const char *const argv[] = { s->r->options->dnsmasq,
                                 arena_printf(s->r->arena, "--conf-file=%s", file_of(s, "conf")), NULL };
    struct proc_result result;

    /* It goes into the background when it listens, or says what hinders it. */
    return proc_run(s->r->arena, argv, NULL, s->r->dnsmasq_hangs ? HANGING_MS : START_MS, &result, err);
}

/* Writes 'text' to the file when it differs.  1 when it did. */
static int update_file(const struct server *s, const char *name, const char *text, struct err *err)
{
    char *now = NULL;
    int r;

    if (file_read(s->r->arena, file_of(s, name), FILE_MAX, &now, NULL) >= 0 && str_eq(now, text))
        return 0;
    r = file_write_atomic(file_of(s, name), text, strlen(text), 0644);
    return r < 0 ? err_set(err, r, "Cannot write '%s': %s", file_of(s, name), strerror(-r)) : 1;
}

/* Whether a lease must go, which only a new start without its file does. */
static bool must_forget_leases(const struct server *s)
{
    char *leases = NULL;

    return file_read(s->r->arena, file_of(s, "leases"), FILE_MAX, &leases, NULL) >= 0 &&
           dnsmasq_lease_stands_in_the_way(s->r->arena, s->n, leases);
}

/* 1 restart, 2 read again, 0 nothing to do; or -errno. */
static int update_files(const struct server *s, struct err *err)
{
    struct arena *a = s->r->arena;
    const struct {
        const char *name, *text;
        int effect;
    } files[] = {
        { "conf", dnsmasq_config(a, s->r, s->n, s->dir, s->device), 1 },
        { "hosts", dnsmasq_hosts(a, s->n), 2 },
        { "options", dnsmasq_options(a, s->n), 2 },
        { "names", dnsmasq_names(a, s->n), 2 },
    };
    int effect = 0, r;

    r = dir_make(s->dir, 0755);
    if (r < 0)
        return err_set(err, r, "Cannot make '%s': %s", s->dir, strerror(-r));
    for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
        r = update_file(s, files[i].name, files[i].text, err);
        if (r < 0)
            return r;
        if (r > 0 && effect != 1)
            effect = files[i].effect;
    }
    if (effect == 2 && must_forget_leases(s)) {
        unlink(file_of(s, "leases"));
        return 1;
    }
    return effect;
}

static int converge_process(const struct server *s, struct err *err)
{
    int effect = update_files(s, err);
    pid_t pid = running(s);

    if (effect < 0)
        return effect;
    if (pid && effect == 0)
        return 0;
    if (pid && effect == 2)
        return kill(pid, SIGHUP) < 0 ? err_set(err, -errno, "Cannot signal dnsmasq: %s", strerror(errno)) : 0;
    effect = host_netns_end(s->r->options->netns_dir, s->name, "dnsmasq", err);
    if (effect < 0)
        return effect;
    effect = netns_run(s->netns, run_dnsmasq, (void *) s, err);
    if (effect < 0) {
        /* Routers and other networks must not wait for each of them in turn. */
        s->r->dnsmasq_hangs |= effect == -ETIMEDOUT;
        /* The next round must not take the new files for read. */
        unlink(file_of(s, "conf"));
        return err_prefix(err, effect, "dnsmasq does not start");
    }
    return 0;
}

/* --- All of them. ----------------------------------------------------------- */

static const char *directory_of(const struct round *r, const char *network)
{
    return arena_printf(r->arena, "%s/dhcp/%s", r->run_dir, network);
}

static int converge_server(struct round *r, const struct wish_network *n, struct err *err)
{
    struct server s = { .r = r, .n = n, .name = arena_printf(r->arena, "qdhcp-%s", n->id) };
    int res;

    s.netns = round_netns(r, s.name);
    s.device = arena_printf(r->arena, "ns-%.*s", NETWORK_NAME_ID_CHARS, n->dhcp->port_id);
    s.dir = directory_of(r, n->id);
    if (n->dhcp->bad)
        return err_set(err, -EINVAL, "%s", n->dhcp->bad);
    res = converge_namespace(&s, err);
    if (res >= 0)
        res = converge_process(&s, err);
    return res < 0 ? res : converge_way_out(&s, err);
}

static void remove_server(struct round *r, const char *name)
{
    struct err err = { 0 };

    if (host_netns_end(r->options->netns_dir, name, "dnsmasq", &err) < 0 ||
        netns_delete(r->options->netns_dir, name, &err) < 0) {
        log_warning(r->config->log, "cannot remove a DHCP server", "namespace", name, "error", err.msg);
        return;
    }
    dir_remove(directory_of(r, name + strlen("qdhcp-")));
    log_info(r->config->log, "removed a DHCP server that no wish needs", "namespace", name);
}

static void remove_old(struct round *r)
{
    const char *dir = r->options->netns_dir, **keep = NULL;

    for (size_t i = 0; i < r->wishes->n_networks; i++) {
        const struct wish_network *n = &r->wishes->networks[i];

        if (n->dhcp && n->dhcp->port_id)
            keep = strv_add(r->arena, keep,
                            arena_printf(r->arena, "tap%.*s", NETWORK_NAME_ID_CHARS, n->dhcp->port_id));
    }
    strv_foreach (name, netns_list(r->arena, dir, "qdhcp-")) {
        int i = round_network(r, *name + strlen("qdhcp-"));

        if ((i < 0 || !r->wishes->networks[i].dhcp) && netns_has_mark(dir, *name, round_mark(r, "dhcp")))
            remove_server(r, *name);
    }
    l2_sweep(r, round_mark(r, "dhcp"), keep);
}

void dhcp_converge(struct round *r)
{
    for (size_t i = 0; i < r->wishes->n_networks; i++) {
        const struct wish_network *n = &r->wishes->networks[i];
        struct err err = { 0 };

        if (!n->dhcp)
            continue;
        if (n->bad)
            outcome_fail(r, &r->dhcp[i], n->bad);
        else if (converge_server(r, n, &err) < 0)
            outcome_fail(r, &r->dhcp[i], err.msg);
        else
            outcome_good(&r->dhcp[i], true);
    }
    remove_old(r);
}
