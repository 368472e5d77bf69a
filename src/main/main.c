/* SPDX-License-Identifier: Apache-2.0 */
/* The program: a command, or one role of a cloud. */
#include <stdio.h>

#include "base/str.h"
#include "identity/manage.h"
#include "main/commands.h"
#include "main/roles.h"

static int print_version(const struct cli *cli, struct err *err)
{
    puts("stackd " STACKD_VERSION);
    return 0;
}

/* One command, with all that it takes. */
static int print_identity(void)
{
    puts(
        "usage: stackd identity COMMAND [OPTIONS] [--config FILE] [--state DIR] [--set SECTION.KEY=VALUE]\n");
    for (const struct manage_command *m = identity_commands; m->name; m++) {
        printf("  %-21s %s\n", m->name, m->help);
        if (m->options)
            printf("      %s\n", m->options);
    }
    return 0;
}

static int print_command(const char *name, struct err *err)
{
    for (const struct command *c = commands; c->name; c++) {
        if (!str_eq(c->name, name))
            continue;
        printf("usage: stackd %s\n\n%s\n", c->usage, c->help);
        if (c->options)
            printf("\n%s\n", c->options);
        return 0;
    }
    return str_eq(name, "identity") ? print_identity()
                                    : err_set(err, -EINVAL, "'%s' is no command: see 'stackd help'", name);
}

static int print_help(const struct cli *cli, struct err *err)
{
    if (cli->words && str_eq(cli->command, "help"))
        return print_command(cli->words[0], err);
    puts("usage: stackd COMMAND [--config FILE] [--state DIR] [--set SECTION.KEY=VALUE]\n\nCommands:");
    for (const struct command *c = commands; c->name; c++)
        printf("  %-28s %s\n", c->usage, c->help);
    puts("\nFor identity's operator: stackd identity COMMAND");
    for (const struct manage_command *m = identity_commands; m->name; m++)
        printf("  identity %-19s %s\n", m->name, m->help);
    puts("\nRoles, each a process that 'stackd up' starts, or you on another machine:");
    for (const struct stackd_role *const *r = roles; *r; r++)
        printf("  %-28s %s\n", (*r)->name, (*r)->help);
    puts(
        "\nState: --state, else $STACKD_STATE, else /var/lib/stackd or (not as root) ~/.local/state/stackd.");
    return 0;
}

const struct command commands[] = {
    { "up", "up [--bind ADDR]", "starts the cloud of this machine, makes it first if there is none",
      command_up },
    { "down", "down", "stops it; guests run on", command_down },
    { "purge", "purge", "ends it with its guests and networks, and removes its state", command_purge },
    { "status", "status [--json]", "what runs, since when, how large, and whether it answers",
      command_status },
    { "env", "env [--user demo]", "shell lines that point stock clients at the cloud", command_env },
    { "doctor", "doctor", "checks the host and says what to do", command_doctor },
    { "check", "check", "checks the configuration", command_check },
    { "dump", "dump routes|operations|policies|options", "prints the tables of this program", command_dump },
    { "policy", "policy check|list|sample", "asks, prints or documents the rules of a service",
      command_policy,
      "check --access TOKEN.json | --user-id ID --roles R,R [--project ID|--domain ID|--system]\n"
      "      [--target FILE.json] [--rule NAME]   passed or failed, for a rule or for all\n"
      "list [--redundant] [--format yaml|json]    the rules that hold; those that a file repeats in vain\n"
      "sample [--format yaml|json]                the default rules with what they are for\n"
      "all: --service NAME, --policy FILE, --policy-dir DIR; list and sample: --output-file FILE" },
    { "bootstrap", "bootstrap [--bind ADDR]", "makes a cloud's state without starting it",
      command_bootstrap },
    { "version", "version", "prints the version", print_version },
    { "help", "help", "prints this", print_help },
    { 0 },
};

static int run(const struct cli *cli, struct err *err)
{
    const struct stackd_role *role = role_named(cli->command);

    if (role && str_eq(role->name, "identity") && cli->words && cli->words[0])
        return command_identity(cli, err);
    if (role)
        return role_main(role, cli, err);
    for (const struct command *c = commands; c->name; c++)
        if (str_eq(c->name, cli->command))
            return c->run(cli, err);
    return err_set(err, -EINVAL, "'%s' is no command: see 'stackd help'", cli->command);
}

int main(int argc, char **argv)
{
    auto_arena struct arena a;
    struct err err = { 0 };
    struct cli cli;
    int r;

    arena_init(&a);
    r = cli_parse(&a, argc, argv, &cli, &err);
    if (r >= 0)
        r = run(&cli, &err);
    if (r < 0)
        fprintf(stderr, "stackd: %s\n", err.msg);
    return r < 0 ? (r == -EINVAL ? 2 : 1) : r;
}
