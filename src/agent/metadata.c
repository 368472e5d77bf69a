/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/metadata.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "agent/l3.h"
#include "agent/network_wishes.h"
#include "base/str.h"
#include "crypto/digest.h"
#include "host/netns.h"
#include "io/sock.h"
#include "wire/http.h"
#include "wire/httpc.h"

#define ROUTER_PORT  9697
#define DHCP_ADDRESS "169.254.169.254"
#define DHCP_PORT    80

/* A guest, as its namespace sees it. */
struct lodger {
    const char *netns, *instance_id, *project_id;
    struct ip ip;
};

/* Who lives where; replaced whole. */
struct register_of_guests {
    struct arena arena;
    struct lodger *items;
    size_t n;
};

/* A listening socket in a namespace. */
struct door {
    struct door *next;
    struct metadata_proxy *owner;
    char *netns;
    ino_t inode;
    struct http_server *server;
    bool keep;
};

struct metadata_proxy {
    const struct agent_config *config;
    struct httpc *client;
    struct door *doors; /* Of the thread that calls metadata_proxy_set(). */
    pthread_mutex_t lock;
    struct register_of_guests *guests; /* Under the lock. */
};

/* --- Requests. -------------------------------------------------------------- */

static void refuse(struct http_request *rq, int status)
{
    const char *text = arena_printf(rq->arena, "%d %s\n", status, http_status_text(status));

    http_reply(rq, status, "text/plain; charset=UTF-8", text, strlen(text));
}

/* Finds who asked; the strings are copied into the request's arena. */
static bool find_lodger(struct door *d, struct http_request *rq, struct lodger *ret)
{
    struct metadata_proxy *p = d->owner;
    bool found = false;
    struct ip ip;

    if (ip_parse(rq->peer, &ip) < 0)
        return false;
    pthread_mutex_lock(&p->lock);
    for (size_t i = 0; p->guests && i < p->guests->n && !found; i++) {
        const struct lodger *l = &p->guests->items[i];

        if (!ip_eq_addr(&l->ip, &ip) || !str_eq(l->netns, d->netns))
            continue;
        ret->instance_id = arena_strdup(rq->arena, l->instance_id);
        ret->project_id = arena_strdup(rq->arena, l->project_id);
        found = true;
    }
    pthread_mutex_unlock(&p->lock);
    return found;
}

static const char *signature(const struct metadata_proxy *p, struct arena *a, const char *instance_id)
{
    const char *secret = secret_expose(p->config->network->metadata_secret);
    uint8_t mac[DIGEST_MAX];
    size_t n;

    secret = secret ? secret : "";
    n = hmac_of(DIGEST_SHA256, secret, strlen(secret), instance_id, strlen(instance_id), mac);
    return hex_encode(a, mac, n);
}

static void pass_on(const struct metadata_proxy *p, struct http_request *rq, const struct lodger *who)
{
    const struct http_header headers[] = {
        { METADATA_HEADER_ADDRESS, rq->peer },
        { METADATA_HEADER_INSTANCE, who->instance_id },
        { METADATA_HEADER_TENANT, who->project_id ? who->project_id : "" },
        { METADATA_HEADER_SIGNATURE, signature(p, rq->arena, who->instance_id) },
        { 0 },
    };
    const char *url = p->config->network->metadata_url;
    struct httpc_request call = {
        .method = rq->method, .headers = headers, .body = rq->body, .body_len = rq->body_len
    };
    struct httpc_reply reply;
    struct err err = { 0 };

    if (str_empty(url)) {
        refuse(rq, 503);
        return;
    }
    call.url = arena_printf(rq->arena, "%s%s%s%s", url, rq->target, *rq->query ? "?" : "", rq->query);
    if (httpc_call(p->client, rq->arena, &call, &reply, &err) < 0) {
        log_warning(p->config->log, "cannot reach the metadata service", "url", url, "error", err.msg);
        refuse(rq, 503);
        return;
    }
    http_reply(rq, reply.status, httpc_header(&reply, "Content-Type"), reply.body, reply.body_len);
}

static void on_request(void *ctx, struct http_request *rq)
{
    struct door *d = ctx;
    struct lodger who = { 0 };

    if (rq->method == HTTP_OTHER)
        refuse(rq, 405);
    else if (find_lodger(d, rq, &who))
        pass_on(d->owner, rq, &who);
    else
        refuse(rq, 404);
}

static struct http_head_result on_head(void *ctx, struct http_request *rq)
{
    return (struct http_head_result){ .way = HTTP_WORKER };
}

/* --- Doors. ----------------------------------------------------------------- */

struct listening {
    const char *address;
    uint16_t port;
    int fd;
};

static int listen_here(void *ctx, struct err *err)
{
    struct listening *l = ctx;

    l->fd = sock_listen_tcp(l->address, l->port, 64, err);
    return l->fd < 0 ? l->fd : 0;
}

static void door_free(struct door *d)
{
    if (d->server)
        http_server_stop(d->server, 500);
    free(d->netns);
    free(d);
}

static ino_t inode_of(const char *path)
{
    struct stat st;

    return stat(path, &st) < 0 ? 0 : st.st_ino;
}

static int door_open(struct metadata_proxy *p, const char *netns, const struct listening *where,
                     struct err *err)
{
    struct listening l = *where;
    struct door *d = calloc(1, sizeof(*d));
    struct http_config hc = { .threads = 1,
                              .workers = 8,
                              .log = p->config->log,
                              .on_head = on_head,
                              .on_request = on_request,
                              .ctx = d };
    int r;

    if (!d)
        return err_set(err, -ENOMEM, "Out of memory");
    *d = (struct door){ .owner = p, .netns = strdup(netns), .inode = inode_of(netns), .keep = true };
    r = netns_run(netns, listen_here, &l, err);
    if (r >= 0) {
        hc.listen_fd = l.fd;
        r = http_server_start(&hc, &d->server, err);
        if (r < 0)
            close(l.fd);
    }
    if (r < 0) {
        door_free(d);
        return r;
    }
    d->next = p->doors;
    p->doors = d;
    return 0;
}

static void want_door(struct metadata_proxy *p, const char *netns, const char *address, uint16_t port)
{
    const struct listening where = { address, port, -1 };
    struct err err = { 0 };

    for (struct door *d = p->doors; d; d = d->next)
        if (str_eq(d->netns, netns) && d->inode == inode_of(netns)) {
            d->keep = true;
            return;
        }
    if (door_open(p, netns, &where, &err) < 0)
        log_warning(p->config->log, "cannot serve metadata", "namespace", netns, "error", err.msg);
}

static void close_others(struct metadata_proxy *p)
{
    for (struct door **at = &p->doors; *at;) {
        struct door *d = *at;

        if (d->keep) {
            at = &d->next;
            continue;
        }
        *at = d->next;
        door_free(d);
    }
}

/* --- Who lives where. ------------------------------------------------------- */

static void add_lodgers(struct register_of_guests *g, const struct wish_network *n, const char *netns)
{
    for (size_t i = 0; i < n->n_hosts; i++)
        for (size_t k = 0; n->hosts[i].instance_id && k < n->hosts[i].n_ips; k++) {
            const struct wish_host *h = &n->hosts[i];
            struct lodger l = { arena_strdup(&g->arena, netns), arena_strdup(&g->arena, h->instance_id),
                                arena_strdup(&g->arena, h->project_id), h->ips[k].ip };

            g->items = arena_grow(&g->arena, g->items, g->n * sizeof(l), (g->n + 1) * sizeof(l));
            g->items[g->n++] = l;
        }
}

static void register_free(struct register_of_guests *g)
{
    if (!g)
        return;
    arena_done(&g->arena);
    free(g);
}

static const char *path_of(struct metadata_proxy *p, struct arena *a, const char *name)
{
    return arena_printf(a, "%s/%s", p->config->network->netns_dir, name);
}

static void visit_routers(struct metadata_proxy *p, struct arena *a, const struct wishes *w,
                          struct register_of_guests *g)
{
    if (!strv_contains(p->config->network->roles, NETWORK_ROLE_L3))
        return;
    for (size_t i = 0; i < w->n_routers; i++) {
        const struct wish_router *r = &w->routers[i];
        const char *netns = path_of(p, a, router_netns(a, r->id));

        if (r->n_interfaces == 0 || inode_of(netns) == 0)
            continue;
        for (size_t k = 0; k < r->n_interfaces; k++) {
            const struct wish_network *n = wishes_network(w, r->interfaces[k].network_id);

            if (n)
                add_lodgers(g, n, netns);
        }
        want_door(p, netns, "0.0.0.0", ROUTER_PORT);
    }
}

static void visit_networks(struct metadata_proxy *p, struct arena *a, const struct wishes *w,
                           struct register_of_guests *g)
{
    if (!strv_contains(p->config->network->roles, NETWORK_ROLE_DHCP))
        return;
    for (size_t i = 0; i < w->n_networks; i++) {
        const struct wish_network *n = &w->networks[i];
        const char *netns = path_of(p, a, arena_printf(a, "qdhcp-%s", n->id));
        bool isolated = false;

        for (size_t k = 0; k < n->n_subnets; k++)
            isolated = isolated || (n->subnets[k].isolated && n->subnets[k].cidr.family == AF_INET);
        if (!n->dhcp || !isolated || inode_of(netns) == 0)
            continue;
        add_lodgers(g, n, netns);
        want_door(p, netns, DHCP_ADDRESS, DHCP_PORT);
    }
}

void metadata_proxy_set(struct metadata_proxy *p, const struct wishes *w)
{
    auto_arena struct arena a = { 0 };
    struct register_of_guests *g = calloc(1, sizeof(*g)), *old;

    if (!g)
        return;
    for (struct door *d = p->doors; d; d = d->next)
        d->keep = false;
    visit_routers(p, &a, w, g);
    visit_networks(p, &a, w, g);
    pthread_mutex_lock(&p->lock);
    old = p->guests;
    p->guests = g;
    pthread_mutex_unlock(&p->lock);
    register_free(old);
    close_others(p);
}

int metadata_proxy_new(const struct agent_config *c, struct metadata_proxy **ret, struct err *err)
{
    const struct httpc_config hc = { .timeout_ms = 30000, .connect_timeout_ms = 5000 };
    struct metadata_proxy *p = calloc(1, sizeof(*p));
    int r;

    if (!p)
        return err_set(err, -ENOMEM, "Out of memory");
    p->config = c;
    pthread_mutex_init(&p->lock, NULL);
    r = httpc_new(&hc, &p->client, err);
    if (r < 0) {
        metadata_proxy_free(p);
        return r;
    }
    *ret = p;
    return 0;
}

void metadata_proxy_free(struct metadata_proxy *p)
{
    if (!p)
        return;
    for (struct door *d = p->doors; d; d = d->next)
        d->keep = false;
    close_others(p);
    register_free(p->guests);
    if (p->client)
        httpc_free(p->client);
    pthread_mutex_destroy(&p->lock);
    free(p);
}
