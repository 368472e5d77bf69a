/* SPDX-License-Identifier: Apache-2.0 */
#include "main/cli.h"

#include <getopt.h>
#include <limits.h>

#include "base/str.h"

enum {
    OPT_CONFIG = 256,
    OPT_STATE,
    OPT_BIND,
    OPT_USER,
    OPT_SET,
    OPT_STOP_AT,
    OPT_STOP_FILE,
    OPT_READY_FD,
    OPT_SUPERVISED,
};

static const struct option long_options[] = {
    { "config", required_argument, NULL, OPT_CONFIG },
    { "state", required_argument, NULL, OPT_STATE },
    { "bind", required_argument, NULL, OPT_BIND },
    { "user", required_argument, NULL, OPT_USER },
    { "set", required_argument, NULL, OPT_SET },
    { "stop-at", required_argument, NULL, OPT_STOP_AT },
    { "stop-file", required_argument, NULL, OPT_STOP_FILE },
    { "ready-fd", required_argument, NULL, OPT_READY_FD },
    { "supervised", required_argument, NULL, OPT_SUPERVISED },
    { "foreground", no_argument, NULL, 'f' },
    { "json", no_argument, NULL, 'j' },
    { "help", no_argument, NULL, 'h' },
    { "version", no_argument, NULL, 'V' },
    { 0 },
};

static int take_number(const char *text, int *ret, struct err *err)
{
    int64_t v;

    if (str_to_i64(text, &v) < 0 || v < 0 || v > INT_MAX)
        return err_set(err, -EINVAL, "'%s' is not a number", text);
    *ret = (int) v;
    return 0;
}

static int take_option(struct arena *a, int which, const char *value, struct cli *c, struct err *err)
{
    const char **texts[] = {
        [OPT_CONFIG - OPT_CONFIG] = &c->config,   [OPT_STATE - OPT_CONFIG] = &c->state,
        [OPT_BIND - OPT_CONFIG] = &c->bind,       [OPT_USER - OPT_CONFIG] = &c->user,
        [OPT_STOP_AT - OPT_CONFIG] = &c->stop_at, [OPT_STOP_FILE - OPT_CONFIG] = &c->stop_file,
    };

    switch (which) {
    case OPT_SET:
        if (!strchr(value, '=') || !strchr(value, '.') || strchr(value, '.') > strchr(value, '='))
            return err_set(err, -EINVAL, "--set takes SECTION.KEY=VALUE, not '%s'", value);
        c->sets = strv_add(a, c->sets, value);
        return 0;
    case OPT_READY_FD:
        return take_number(value, &c->ready_fd, err);
    case OPT_SUPERVISED:
        return take_number(value, &c->supervised, err);
    case 'f':
        c->foreground = true;
        return 0;
    case 'j':
        c->json = true;
        return 0;
    case 'h': /* `stackd COMMAND --help` is `stackd help COMMAND`. */
        if (c->command && !str_eq(c->command, "help"))
            c->words = strv_add(a, NULL, c->command);
        c->command = "help";
        return 0;
    case 'V':
        c->command = "version";
        return 0;
    default:
        *texts[which - OPT_CONFIG] = value;
        return 0;
    }
}

/* Whether the command reads options of its own.  So do commands below the role "identity". */
static bool reads_options(const char *name)
{
    if (str_eq(name, "identity"))
        return true;
    for (const struct command *c = commands; name && c->name; c++)
        if (str_eq(c->name, name))
            return c->options;
    return false;
}

int cli_parse(struct arena *a, int argc, char **argv, struct cli *ret, struct err *err)
{
    struct cli c = { 0 };
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    int which, r = 0;

    c.self = n > 0 ? arena_strndup(a, self, (size_t) n) : argv[0];
    opterr = 0;
    optind = 1;
    while (r >= 0 && (which = getopt_long(argc, argv, "-fjhV", long_options, NULL)) != -1) {
        if (which == '?' && reads_options(c.command) && str_has_prefix(argv[optind - 1], "--"))
            c.words = strv_add(a, c.words, argv[optind - 1]);
        else if (which == '?')
            return err_set(err, -EINVAL, "'%s' is not an option, or lacks its value", argv[optind - 1]);
        else if (which != 1)
            r = take_option(a, which, optarg, &c, err);
        else if (!c.command)
            c.command = optarg;
        else
            c.words = strv_add(a, c.words, optarg);
    }
    if (r < 0)
        return r;
    if (!c.command)
        c.command = "help";
    *ret = c;
    return 0;
}
