/* SPDX-License-Identifier: Apache-2.0 */
/* `stackd identity COMMAND`: what operators know from keystone-manage. */
#include <stdio.h>

#include "base/str.h"
#include "identity/driver/directory/ldap_options.h"
#include "identity/identity.h"
#include "identity/manage.h"
#include "identity/model/directories.h"
#include "io/sock.h"
#include "main/commands.h"
#include "main/parts.h"
#include "main/privilege.h"
#include "main/setup.h"

const struct role_section identity_sections[] = {
    { "identity_mapping", identity_mapping_options },
    { "ldap", ldap_option_table },
    { 0 },
};

static bool only_looks(const struct manage_command *c, const char *const *words)
{
    for (; words && *words; words++)
        if (strv_contains(c->looks, *words))
            return true;
    return false;
}

static int run_here(struct setup *s, const struct manage_command *c, const char *const *words,
                    struct err *err)
{
    struct log log = setup_log(s, "identity", 2);
    struct server_setup start = { .config = s->config,
                                  .state_dir = s->state_dir,
                                  .log = &log,
                                  .as_it_is = c->as_it_is || only_looks(c, words) };
    struct server *server;
    struct strbuf out;
    int r;

    log.level = LOG_LEVEL_WARNING;
    strbuf_init(&out, &s->arena);
    r = start.listen_fd = sock_listen_tcp("127.0.0.1", 0, 1, err); /* Nobody is to talk to it. */
    if (r >= 0)
        r = server_start(&identity_service, &start, &server, err);
    if (r < 0)
        return r;
    r = c->run(server, words, &out, err);
    server_stop(server, 0);
    fputs(strbuf_str(&out), stdout);
    return r;
}

int command_identity(const struct cli *cli, struct err *err)
{
    auto_setup struct setup s = { 0 };
    int r;

    for (const struct manage_command *c = identity_commands; c->name; c++) {
        if (!str_eq(c->name, cli->words[0]))
            continue;
        r = setup_load_existing(&s, cli, err);
        if (r >= 0 && geteuid() == 0)
            r = privilege_drop(s.opt.user, err);
        return r < 0 ? r : run_here(&s, c, cli->words + 1, err);
    }
    err_set(err, -EINVAL, "'%s' is no command of identity; there are:", cli->words[0]);
    for (const struct manage_command *c = identity_commands; c->name; c++)
        err_set(err, -EINVAL, "%s %s", err->msg, c->name);
    return -EINVAL;
}
