/* SPDX-License-Identifier: Apache-2.0 */
#include "main/newconf.h"

#include "base/str.h"
#include "base/uuid.h"
#include "io/sock.h"
#include "main/credentials.h"
#include "main/roles.h"
#include "rest/server.h"

struct line {
    const char *section, *key, *value;
};

struct lines {
    struct arena *arena;
    struct line *v;
    size_t n;
};

/* A later value replaces an earlier one. */
static void put(struct lines *l, const char *section, const char *key, const char *value)
{
    for (size_t i = 0; i < l->n; i++)
        if (str_eq(l->v[i].section, section) && str_eq(l->v[i].key, key)) {
            l->v[i].value = value;
            return;
        }
    l->v = arena_grow(l->arena, l->v, l->n * sizeof(*l->v), (l->n + 1) * sizeof(*l->v));
    l->v[l->n++] = (struct line){ section, key, value };
}

static bool has_option(const char *section, const char *key)
{
    const struct stackd_role *role = role_named(section);
    const struct option *tables[] = { role && role->service ? role->service->options : NULL };

    for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
        for (const struct option *o = tables[i]; o && o->name; o++)
            if (str_eq(o->name, key))
                return true;
    return false;
}

/* Services listen on one address; compute and the hosts' agents share what
 * proves which guest asks for metadata. */
static void put_addresses(struct lines *l, const char *host, const char *secret)
{
    struct arena *a = l->arena;

    for (const struct stackd_role *const *role = roles; *role; role++)
        if ((*role)->binds || (*role)->service)
            put(l, (*role)->name, "bind_host", host);
    if (has_option("compute", "metadata_secret")) {
        put(l, "compute", "metadata_host", host);
        put(l, "compute", "metadata_secret", secret);
        put(l, "compute", "console_url", arena_printf(a, "http://%s:6080/vnc_auto.html", host));
    }
    if (role_named("agent")) {
        put(l, "agent_network", "metadata_url", arena_printf(a, "http://%s:8775", host));
        put(l, "agent_network", "metadata_secret", secret);
        /* Networks of projects are VXLAN by default, which a host without an address cannot serve. */
        put(l, "agent_network", "local_ip", host);
    }
}

static void put_sets(struct lines *l, const char **sets)
{
    strv_foreach (set, sets) {
        const char *dot = strchr(*set, '.'), *eq = strchr(*set, '=');

        put(l, arena_strndup(l->arena, *set, (size_t) (dot - *set)),
            arena_strndup(l->arena, dot + 1, (size_t) (eq - dot - 1)), eq + 1);
    }
}

/* Sections in the order of their first line. */
static void print(const struct lines *l, struct strbuf *b)
{
    for (size_t i = 0; i < l->n; i++) {
        bool seen = false;

        for (size_t k = 0; k < i; k++)
            seen = seen || str_eq(l->v[k].section, l->v[i].section);
        if (seen)
            continue;
        strbuf_printf(b, "\n[%s]\n", l->v[i].section);
        for (size_t k = i; k < l->n; k++)
            if (str_eq(l->v[k].section, l->v[i].section))
                strbuf_printf(b, "%s = %s\n", l->v[k].key, l->v[k].value);
    }
}

int newconf_write(struct setup *s, struct err *err)
{
    const char *host = s->cli->bind ? s->cli->bind : "127.0.0.1";
    const char *path = setup_path(s, "stackd.conf", NULL);
    struct lines l = { .arena = &s->arena };
    struct secret secret;
    uint8_t mark[3];
    struct strbuf b;
    int r;

    if (s->config_path)
        return 0;
    r = secret_ensure(s, "metadata", &secret, err);
    if (r < 0)
        return r;
    random_bytes(mark, sizeof(mark));
    if (s->cli->bind)
        put(&l, "stackd", "public_host", host);
    put_addresses(&l, host, secret_expose(secret));
    /* What is made on a host carries this name, so that clouds side by side
     * leave each other's devices alone. */
    if (role_named("agent"))
        put(&l, "agent", "prefix", arena_printf(&s->arena, "s%s", hex_encode(&s->arena, mark, sizeof(mark))));
    put_sets(&l, s->cli->sets);
    strbuf_init(&b, &s->arena);
    strbuf_puts(&b, "# Every option with its default: stackd dump options\n");
    print(&l, &b);
    r = file_write_atomic(path, strbuf_str(&b), b.len, 0640);
    return r < 0 ? err_set(err, r, "cannot write '%s': %s", path, strerror(-r)) : 0;
}
