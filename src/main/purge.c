/* SPDX-License-Identifier: Apache-2.0 */
/* `stackd purge`: the cloud and everything of it goes: guests, networks, data. */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>

#include "agent/agent.h"
#include "base/str.h"
#include "base/time.h"
#include "host/purge.h"
#include "io/sock.h"
#include "main/cloud.h"
#include "main/commands.h"
#include "main/parts.h"

#define CMDLINE_MAX  (256 * 1024)
#define GUEST_END_MS 5000

/* --- Guests --------------------------------------------------------------------- */

/* The words of a command line, with spaces between them. */
static char *command_line_of(struct arena *a, const char *pid)
{
    char *text;
    size_t n;

    if (file_read(a, arena_printf(a, "/proc/%s/cmdline", pid), CMDLINE_MAX, &text, &n) < 0)
        return NULL;
    for (size_t i = 0; i + 1 < n; i++)
        if (!text[i])
            text[i] = ' ';
    return text;
}

/* A QEMU that has its files in this cloud's state. */
static bool is_guest(struct arena *a, const char *pid, const char *instances)
{
    const char *line = command_line_of(a, pid);

    return line && strstr(line, "qemu-system-") && strstr(line, instances);
}

static void end_guest(pid_t pid)
{
    auto_close int fd = (int) syscall(SYS_pidfd_open, pid, 0);
    struct pollfd p = { .fd = fd, .events = POLLIN };

    if (fd < 0)
        return;
    kill(pid, SIGTERM);
    if (poll(&p, 1, GUEST_END_MS) == 0) {
        kill(pid, SIGKILL);
        poll(&p, 1, GUEST_END_MS);
    }
}

/* Those of this cloud are known by where their disks are. */
static unsigned end_guests(struct setup *s)
{
    const char *instances = arena_printf(&s->arena, "%s/", s->state_dir);
    DIR *proc = opendir("/proc");
    unsigned n = 0;

    for (struct dirent *d; proc && (d = readdir(proc));) {
        auto_arena struct arena a;

        arena_init(&a);
        if (!isdigit((unsigned char) d->d_name[0]) || !is_guest(&a, d->d_name, instances))
            continue;
        end_guest((pid_t) atoi(d->d_name));
        n++;
    }
    if (proc)
        closedir(proc);
    return n;
}

/* --- Networks --------------------------------------------------------------------- */

static int clean_networks(struct setup *s, struct err *err)
{
    struct agent_network_options o;
    const char *prefix;
    int r = agent_prefix(s, &prefix, err);

    if (r >= 0)
        r = config_read(s->config, "agent_network", agent_network_option_table, &o, err);
    return r < 0 ? r : host_network_purge(prefix, o.netns_dir, o.run_dir, err);
}

/* --- The command ------------------------------------------------------------------ */

/* What is removed must have been a cloud of ours: a slip in --state must not
 * cost a home directory. */
static int check_is_cloud(struct setup *s, struct err *err)
{
    if (cloud_is_bootstrapped(s) && access(setup_path(s, "secrets", "admin"), F_OK) == 0)
        return 0;
    return err_set(err, -EINVAL, "%s does not look like a cloud's state: nothing was removed", s->state_dir);
}

int command_purge(const struct cli *cli, struct err *err)
{
    auto_setup struct setup s = { 0 };
    unsigned guests;
    int r = setup_load(&s, cli, err);

    if (r < 0)
        return r;
    if (!s.config_path) {
        printf("there is no cloud in %s\n", s.state_dir);
        return 0;
    }
    r = check_is_cloud(&s, err);
    if (r >= 0)
        r = command_down(cli, err);
    if (r < 0)
        return r;
    guests = end_guests(&s);
    r = geteuid() == 0 ? clean_networks(&s, err) : 0;
    if (r < 0)
        return r;
    r = dir_remove(s.state_dir);
    if (r < 0)
        return err_set(err, r, "cannot remove '%s': %s", s.state_dir, strerror(-r));
    printf("ended %u guests and removed %s\n", guests, s.state_dir);
    return 0;
}
