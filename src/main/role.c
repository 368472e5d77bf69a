/* SPDX-License-Identifier: Apache-2.0 */
/* One role as one process: gives up root, starts, says that it is ready, and
 * ends on SIGTERM without cutting what it is at. */
#include <malloc.h>
#include <signal.h>
#include <sys/stat.h>

#include "base/str.h"
#include "bus/bus.h"
#include "client/client.h"
#include "client/identity.h"
#include "io/loop.h"
#include "main/cloud.h"
#include "main/credentials.h"
#include "main/notify.h"
#include "main/pidfile.h"
#include "main/privilege.h"
#include "main/roles.h"
#include "rest/server.h"

static int open_bus(struct role_run *r, struct err *err)
{
    struct bus_config c = { .url = r->setup->opt.bus, .name = r->role->name, .log = &r->log };

    return r->role->no_bus ? 0 : bus_open(&c, &r->bus, err);
}

/* Identity on another machine says that somebody's rights may have changed. */
static int on_changes(void *ctx, struct bus_message *m, struct err *err)
{
    token_cache_flush(ctx);
    return 0;
}

static int open_client(struct role_run *r, struct err *err)
{
    struct client_options o;
    int e;

    if (!r->role->username)
        return 0;
    e = credentials_of_role(r->setup, r->role, &o, err);
    if (e >= 0)
        e = client_new(&o, &r->log, &r->client, err);
    if (e >= 0)
        e = token_cache_new(r->client, setup_path(r->setup, "run", "generation"),
                            (unsigned) r->setup->opt.token_cache_s, &r->tokens, err);
    if (e >= 0 && r->bus)
        e = bus_subscribe(r->bus, TOKEN_CHANGES_TOPIC, on_changes, r->tokens, err);
    return e;
}

static int start_service(struct role_run *r, struct err *err)
{
    struct token_source tokens;
    struct server_setup s = {
        .config = r->setup->config,
        .state_dir = r->setup->state_dir,
        .log = &r->log,
        .client = r->client,
        .bus = r->bus,
        .stop_at = r->setup->cli->stop_at,
        .stop_file = r->setup->cli->stop_at ? r->setup->cli->stop_file : r->setup->opt.stop_file,
    };
    struct server *server;
    char *url;
    int e;

    if (r->tokens) {
        tokens = token_cache_source(r->tokens);
        s.tokens = &tokens;
    }
    e = server_start(r->role->service, &s, &server, err);
    if (e < 0)
        return e;
    r->self = server;
    e = role_url(r->setup, r->role, false, &url, err);
    r->url = e < 0 ? NULL : url;
    return e;
}

static int bring_up(struct role_run *r, struct err *err)
{
    int e = open_bus(r, err);

    if (e >= 0)
        e = open_client(r, err);
    if (e >= 0)
        e = r->role->service ? start_service(r, err) : r->role->start(r, err);
    return e;
}

static void bring_down(struct role_run *r)
{
    if (r->self && r->role->service)
        server_stop(r->self, (unsigned) r->setup->opt.stop_grace_s * 1000);
    else if (r->self)
        r->role->stop(r);
    if (r->bus)
        bus_close(r->bus); /* First: its handlers use the tokens. */
    if (r->tokens)
        token_cache_free(r->tokens);
    if (r->client)
        client_free(r->client);
}

static void on_stop(void *ctx, int signo)
{
    loop_stop(ctx);
}

static void on_hangup(void *ctx, int signo)
{
    /* A terminal that goes away ends nothing. */
}

static int catch_signals(struct loop *l)
{
    int r;

    signal(SIGPIPE, SIG_IGN);
    r = loop_signal(l, SIGTERM, on_stop, l);
    if (r >= 0)
        r = loop_signal(l, SIGINT, on_stop, l);
    if (r >= 0)
        r = loop_signal(l, SIGHUP, on_hangup, l);
    return r;
}

static int run(struct role_run *r, struct loop *loop, struct err *err)
{
    int e = bring_up(r, err);

    if (e >= 0)
        e = running_write(r->setup, r->role->name, r->url, err);
    if (e >= 0) {
        notify_pipe(r->setup->cli->ready_fd, "ready");
        if (!r->setup->cli->supervised)
            notify_systemd("READY=1");
        log_info(&r->log, "started", "version", STACKD_VERSION, "url", r->url);
        e = loop_run(loop, err);
        log_info(&r->log, "stopping");
        if (!r->setup->cli->supervised)
            notify_systemd("STOPPING=1");
        running_remove(r->setup, r->role->name);
    }
    bring_down(r);
    return e;
}

/* Few threads of ours allocate at a time: more of glibc's arenas would only
 * hold memory.  What a long list takes is kept for the next one: mapped anew
 * for each request, its pages cost a third of the request's time. */
static void set_up_memory(void)
{
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_TRIM_THRESHOLD, 4 * 1024 * 1024);
    mallopt(M_MMAP_THRESHOLD, 8 * 1024 * 1024);
}

int role_main(const struct stackd_role *role, const struct cli *cli, struct err *err)
{
    auto_setup struct setup s = { 0 };
    struct role_run r = { .role = role, .setup = &s };
    struct loop *loop = NULL;
    int e;

    set_up_memory();
    /* What the agent makes is for programs of other users, too: dnsmasq, QEMU. */
    umask(role->privileged ? 022 : 027);
    e = setup_load(&s, cli, err);
    if (e >= 0 && access(setup_path(&s, "run", NULL), F_OK) < 0)
        e = cloud_prepare(&s, err); /* A role alone on its machine: no `stackd up` made the directories. */
    if (e >= 0 && !role->privileged)
        e = privilege_drop(s.opt.user, err);
    if (e >= 0 && cli->supervised)
        follow_parent(cli->supervised);
    if (e >= 0)
        e = loop_new(&loop, err);
    if (e >= 0 && catch_signals(loop) < 0)
        e = err_set(err, -EIO, "cannot receive signals");
    if (e >= 0) {
        r.log = setup_log(&s, role->name, STDERR_FILENO);
        e = run(&r, loop, err);
    }
    if (loop)
        loop_free(loop);
    if (e < 0)
        notify_pipe(cli->ready_fd, err->msg);
    return e < 0 ? e : 0;
}
