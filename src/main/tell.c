/* SPDX-License-Identifier: Apache-2.0 */
/* The commands that only tell: `env`, `check`, `dump`. */
#include <stdio.h>

#include "base/str.h"
#include "main/cloud.h"
#include "main/commands.h"
#include "main/roles.h"
#include "rest/server.h"

int command_env(const struct cli *cli, struct err *err)
{
    auto_setup struct setup s = { 0 };
    auto_strbuf struct strbuf b;
    int r = setup_load_existing(&s, cli, err);

    strbuf_init(&b, NULL);
    if (r >= 0)
        r = cloud_env(&s, cli->user ? cli->user : "admin", &b, err);
    if (r >= 0)
        fputs(strbuf_str(&b), stdout);
    return r;
}

int command_check(const struct cli *cli, struct err *err)
{
    auto_setup struct setup s = { 0 };
    int r = setup_load(&s, cli, err);

    if (r >= 0)
        r = setup_check(&s, err);
    if (r >= 0)
        printf("%s is well-formed\n", s.config_path ? s.config_path : "the default configuration");
    return r;
}

static void dump_routes(struct strbuf *b)
{
    strbuf_puts(b, "service\tmethod\tpath\taction\tsince\tuntil\tpolicy\n");
    for (const struct stackd_role *const *r = roles; *r; r++)
        if ((*r)->service)
            service_dump_routes((*r)->service, b);
}

static void dump_policies(struct strbuf *b)
{
    for (const struct stackd_role *const *r = roles; *r; r++)
        if ((*r)->service && (*r)->service->policies)
            policy_write_sample((*r)->service->policies, POLICY_YAML, b);
}

/* What outlives a request, step by step. */
static void dump_operations(struct strbuf *b)
{
    strbuf_puts(b, "service\tkind\tstep\tundone\n");
    for (const struct stackd_role *const *r = roles; *r; r++) {
        const struct service *svc = (*r)->service;

        for (const struct op_kind *const *k = svc ? svc->operations : NULL; k && *k; k++)
            for (const struct op_step *s = (*k)->steps; s->name; s++)
                strbuf_printf(b, "%s\t%s\t%s\t%s\n", svc->name, (*k)->name, s->name, s->undo ? "yes" : "no");
    }
}

int command_dump(const struct cli *cli, struct err *err)
{
    static const struct {
        const char *name;
        void (*dump)(struct strbuf *b);
    } kinds[] = { { "routes", dump_routes },
                  { "operations", dump_operations },
                  { "policies", dump_policies },
                  { "options", setup_write_sample } };
    const char *what = cli->words ? cli->words[0] : "";
    auto_strbuf struct strbuf b;

    strbuf_init(&b, NULL);
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
        if (str_eq(kinds[i].name, what)) {
            kinds[i].dump(&b);
            fputs(strbuf_str(&b), stdout);
            return 0;
        }
    return err_set(err, -EINVAL, "dump what? routes, operations, policies or options");
}
