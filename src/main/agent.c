/* SPDX-License-Identifier: Apache-2.0 */
/* The role "agent": everything of a host that needs privilege, in one process. */
#include "agent/agent.h"

#include <limits.h>

#include "base/str.h"
#include "main/parts.h"
#include "main/privilege.h"

/* Section [agent]. */
struct agent_options {
    const char *host, *prefix;
};

#define OPT(name, value, help)                                                          \
    {                                                                                   \
#        name, FIELD_STRING, offsetof(struct agent_options, name), value, help, 0, 0, 0 \
    }

static const struct option options[] = {
    OPT(host, NULL, "The host's name in the cloud; without it, the machine's."),
    OPT(prefix, "stackd",
        "Begins the name of what is made on the host, so that clouds side by side leave each other's "
        "devices alone: small letters and digits, 16 at the most."),
    { 0 },
};

const struct role_section agent_sections[] = {
    { "agent", options },
    { "agent_network", agent_network_option_table },
    { "agent_compute", agent_compute_option_table },
    { 0 },
};

struct agent {
    struct agent_options opt;
    struct agent_network_options network_opt;
    struct agent_compute_options compute_opt;
    struct agent_config config;
    struct agent_network *network; /* Null: this host does nothing for networks. */
    struct agent_compute *compute; /* Null: this host runs no guests. */
};

static int check_prefix(const char *p, struct err *err)
{
    size_t n = strspn(p, "abcdefghijklmnopqrstuvwxyz0123456789");

    if (n == 0 || n > 16 || p[n])
        return err_set(err, -EINVAL, "[agent] prefix: '%s' is not 1 to 16 small letters and digits", p);
    return 0;
}

int agent_prefix(struct setup *s, const char **ret, struct err *err)
{
    struct agent_options o;
    int r = config_read(s->config, "agent", options, &o, err);

    if (r >= 0)
        r = check_prefix(o.prefix, err);
    if (r >= 0)
        *ret = o.prefix;
    return r;
}

static const char *host_name(struct arena *a)
{
    char name[HOST_NAME_MAX + 1] = "";

    gethostname(name, HOST_NAME_MAX);
    return arena_strdup(a, *name ? name : "localhost");
}

static int read_options(struct role_run *r, struct agent *a, struct err *err)
{
    struct config *c = r->setup->config;
    int e = config_read(c, "agent", options, &a->opt, err);

    if (e >= 0)
        e = config_read(c, "agent_network", agent_network_option_table, &a->network_opt, err);
    if (e >= 0)
        e = config_read(c, "agent_compute", agent_compute_option_table, &a->compute_opt, err);
    if (e >= 0)
        e = check_prefix(a->opt.prefix, err);
    if (e < 0)
        return e;
    if (str_empty(a->opt.host))
        a->opt.host = host_name(&r->setup->arena);
    a->config = (struct agent_config){
        .host = a->opt.host,
        .prefix = a->opt.prefix,
        .bus_url = r->setup->opt.bus,
        .log = &r->log,
        .network = &a->network_opt,
        .compute = &a->compute_opt,
        .state_dir = r->setup->state_dir,
    };
    return 0;
}

/* libvirt's driver does not start without the user that Debian's package
 * libvirt-daemon-system makes, whoever QEMU is to run as; all else of that
 * package is a libvirtd of the machine's, which guests here do not need. */
static int ensure_qemu_user(struct agent *a, struct arena *arena, struct err *err)
{
    uid_t uid;
    gid_t gid;

    if (geteuid() != 0 || !str_eq(a->compute_opt.driver, "libvirt"))
        return 0;
    return account_ensure(arena, "libvirt-qemu", &uid, &gid, err);
}

int agent_role_start(struct role_run *r, struct err *err)
{
    struct agent *a = arena_new(&r->setup->arena, struct agent);
    int e = read_options(r, a, err);

    r->self = a;
    if (e >= 0 && a->network_opt.roles)
        e = agent_network_start(&a->config, &a->network, err);
    if (e >= 0)
        e = ensure_qemu_user(a, &r->setup->arena, err);
    if (e >= 0 && !str_eq(a->compute_opt.driver, "none"))
        e = agent_compute_start(&a->config, &a->compute, err);
    return e;
}

void agent_role_stop(struct role_run *r)
{
    struct agent *a = r->self;

    if (a->compute)
        agent_compute_stop(a->compute);
    if (a->network)
        agent_network_stop(a->network);
}
