/* SPDX-License-Identifier: Apache-2.0 */
#include "main/setup.h"

#include <limits.h>

#include "base/str.h"
#include "client/client.h"
#include "main/roles.h"
#include "rest/server.h"

#define OPT(name, type, value, help, ...)                                          \
    {                                                                              \
#        name, type, offsetof(struct main_options, name), value, help, __VA_ARGS__ \
    }

const struct option main_option_table[] = {
    OPT(state_dir, FIELD_STRING, NULL, "The directory with everything; without it, where this file is."),
    OPT(roles, FIELD_STRV, NULL,
        "What 'stackd up' starts on this machine; without it, everything that there is."),
    OPT(user, FIELD_STRING, "stackd",
        "The user that everything but the agent runs as when started by root. Made when missing."),
    OPT(bus, FIELD_STRING, NULL,
        "How services and agents talk: local:/path/of/socket or amqp://user:password@host:port/vhost. "
        "Without it: a socket in the state directory."),
    OPT(log_level, FIELD_STRING, "info", "What is logged.", .choices = "debug|info|warning|error"),
    OPT(log_format, FIELD_STRING, "text", "One line an event, as text or as JSON.", .choices = "text|json"),
    OPT(public_host, FIELD_STRING, NULL,
        "Name or address in the catalog that a new cloud gets; without it, each service's bind_host."),
    OPT(region, FIELD_STRING, "RegionOne", "The region of a new cloud, and of its services."),
    OPT(token_cache_s, FIELD_INT, "60",
        "How long a checked token is believed at the most. What takes rights away is known at once on the "
        "machine of the identity service.",
        .max = 3600),
    OPT(stop_grace_s, FIELD_INT, "10", "How long a service may take to end the requests it is at.",
        .max = 3600),
    OPT(restart_max_ms, FIELD_INT, "10000",
        "A role that dies again and again is started after ever longer pauses, this one the longest.",
        .min = 100, .max = 600000),
    OPT(stop_file, FIELD_STRING, NULL,
        "For tests: when FILE.at names a step of an operation as KIND.STEP:before, :after or :undo, the operation "
        "that comes there takes that file away, writes this one and goes on when this one is gone."),
    { 0 },
};

/* --- Where the state is ------------------------------------------------------ */

static const char *default_state(struct arena *a)
{
    const char *env = getenv("STACKD_STATE"), *home = getenv("HOME"), *xdg = getenv("XDG_STATE_HOME");

    if (!str_empty(env))
        return env;
    if (geteuid() == 0 || access("/var/lib/stackd/stackd.conf", F_OK) == 0 || (!home && !xdg))
        return "/var/lib/stackd";
    return !str_empty(xdg) ? arena_printf(a, "%s/stackd", xdg)
                           : arena_printf(a, "%s/.local/state/stackd", home);
}

/* Made absolute without asking that it exists. */
static const char *absolute(struct arena *a, const char *path)
{
    char cwd[PATH_MAX];

    if (path[0] == '/' || !getcwd(cwd, sizeof(cwd)))
        return arena_strdup(a, path);
    return arena_printf(a, "%s/%s", cwd, path);
}

static const char *folder_of(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == path ? "/" : arena_strndup(a, path, (size_t) (slash - path));
}

/* SECTION.KEY=VALUE; cli.c looked at the form. */
static void apply_sets(struct setup *s)
{
    strv_foreach (set, s->cli->sets) {
        const char *dot = strchr(*set, '.'), *eq = strchr(*set, '=');

        config_set(s->config, arena_strndup(&s->arena, *set, (size_t) (dot - *set)),
                   arena_strndup(&s->arena, dot + 1, (size_t) (eq - dot - 1)), eq + 1);
    }
}

static int load(struct setup *s, struct err *err)
{
    const struct cli *cli = s->cli;
    int r;

    if (cli->config) {
        s->config_path = absolute(&s->arena, cli->config);
        s->state_dir = cli->state ? absolute(&s->arena, cli->state) : folder_of(&s->arena, s->config_path);
    } else {
        s->state_dir = absolute(&s->arena, cli->state ? cli->state : default_state(&s->arena));
        s->config_path = arena_printf(&s->arena, "%s/stackd.conf", s->state_dir);
        if (access(s->config_path, F_OK) < 0 && errno == ENOENT)
            s->config_path = NULL;
    }
    r = config_load(&s->arena, s->config_path, &s->config, err);
    if (r < 0)
        return r;
    apply_sets(s);
    r = config_read(s->config, "stackd", main_option_table, &s->opt, err);
    if (r < 0)
        return r;
    if (!cli->state && s->opt.state_dir)
        s->state_dir = absolute(&s->arena, s->opt.state_dir);
    if (!s->opt.bus)
        s->opt.bus = arena_printf(&s->arena, "local:%s/run/bus.sock", s->state_dir);
    return 0;
}

int setup_load(struct setup *s, const struct cli *cli, struct err *err)
{
    int r;

    *s = (struct setup){ .cli = cli };
    arena_init(&s->arena);
    r = load(s, err);
    if (r < 0)
        setup_done(s);
    return r;
}

int setup_load_existing(struct setup *s, const struct cli *cli, struct err *err)
{
    int r = setup_load(s, cli, err);

    if (r < 0 || s->config_path)
        return r;
    r = err_set(err, -ENOENT, "there is no cloud in %s: 'stackd up' makes one, --state names another place",
                s->state_dir);
    setup_done(s);
    return r;
}

void setup_done(struct setup *s)
{
    arena_done(&s->arena);
    *s = (struct setup){ 0 };
}

char *setup_path(struct setup *s, const char *part, const char *name)
{
    if (!name)
        return arena_printf(&s->arena, "%s/%s", s->state_dir, part);
    return arena_printf(&s->arena, "%s/%s/%s", s->state_dir, part, name);
}

struct log setup_log(const struct setup *s, const char *component, int fd)
{
    struct log l = { .fd = fd, .json = str_eq(s->opt.log_format, "json"), .component = component };

    log_level_parse(s->opt.log_level, &l.level);
    return l;
}

/* --- All sections ------------------------------------------------------------ */

/* Calls 'fn' for each table of each section. */
static int each_table(int (*fn)(void *ctx, const char *section, const struct option *table, struct err *err),
                      void *ctx, struct err *err)
{
    char auth[64];
    int r = fn(ctx, "stackd", main_option_table, err);

    if (r >= 0)
        r = fn(ctx, "service_auth", client_option_table, err);
    for (const struct stackd_role *const *role = roles; *role && r >= 0; role++) {
        const struct service *svc = (*role)->service;

        snprintf(auth, sizeof(auth), "service_auth_%s", (*role)->name);
        if ((*role)->username)
            r = fn(ctx, auth, client_option_table, err);
        if (svc && r >= 0)
            r = fn(ctx, svc->name, server_option_table, err);
        if (svc && svc->options && r >= 0)
            r = fn(ctx, svc->name, svc->options, err);
        for (const struct role_section *x = (*role)->sections; x && x->name && r >= 0; x++)
            r = fn(ctx, x->name, x->options, err);
    }
    return r;
}

static int check_table(void *ctx, const char *section, const struct option *table, struct err *err)
{
    struct setup *s = ctx;

    return config_read(s->config, section, table, NULL, err);
}

int setup_check(struct setup *s, struct err *err)
{
    int r = each_table(check_table, s, err);

    strv_foreach (name, s->opt.roles)
        if (r >= 0 && !role_named(*name))
            r = err_set(err, -EINVAL, "[stackd] roles: there is no role '%s'", *name);
    return r < 0 ? r : config_check_unknown(s->config, err);
}

struct sample {
    struct strbuf *out;
    const char *section; /* Whose heading was written last. */
};

static int sample_table(void *ctx, const char *section, const struct option *table, struct err *err)
{
    struct sample *s = ctx;
    auto_strbuf struct strbuf one;
    const char *text;

    /* The client's table stands for each service: once is enough. */
    if (str_has_prefix(section, "service_auth_"))
        return 0;
    strbuf_init(&one, NULL);
    if (config_write_sample(&one, section, table) < 0)
        return err_set(err, -EINVAL, "[%s] has an option that no file can hold", section);
    text = strbuf_str(&one);
    if (str_eq(section, s->section))
        text = strchr(text, '\n') + 1; /* Without the heading. */
    else if (s->out->len)
        strbuf_putc(s->out, '\n');
    strbuf_puts(s->out, text);
    s->section = section;
    return 0;
}

void setup_write_sample(struct strbuf *b)
{
    struct sample s = { .out = b };

    strbuf_puts(b, "# SPDX-License-Identifier: Apache-2.0\n"
                   "# Every option of stackd.conf with its default, as 'stackd dump options' prints it.\n"
                   "# A cloud's own file needs only what differs.\n");
    each_table(sample_table, &s, NULL);
}
