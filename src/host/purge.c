/* SPDX-License-Identifier: Apache-2.0 */
#include "host/purge.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/time.h"
#include "host/link.h"
#include "host/netns.h"
#include "host/nft.h"
#include "io/sock.h"

#define FORWARDING_KEY  "net/ipv4/ip_forward"
#define FORWARDING_NOTE "stackd_forwarding_was_off"

int host_forwarding_on(struct err *err)
{
    auto_arena struct arena a = { 0 };
    char *now = NULL;
    int r;

    r = file_read(&a, "/proc/sys/" FORWARDING_KEY, 64, &now, NULL);
    if (r < 0)
        return err_set(err, r, "Cannot read whether the host forwards: %s", strerror(-r));
    if (now[0] == '1')
        return 0;
    r = nft_run(NULL, NULL, "table ip " FORWARDING_NOTE "\n", NULL, err);
    return r < 0 ? r : sysctl_ensure(NULL, FORWARDING_KEY, "1", err);
}

bool host_netns_marked(const char *dir, const char *name, const char *mark)
{
    auto_arena struct arena a = { 0 };
    auto_cleanup(nl_close) struct nl *nl = NULL;
    struct link lo;

    return netns_exists(dir, name) &&
           nl_open(arena_printf(&a, "%s/%s", dir, name), NETLINK_ROUTE, &nl, NULL) == 0 &&
           link_get(nl, "lo", &lo, NULL) == 0 && str_has_prefix(lo.alias, mark);
}

/* --- Processes in a namespace. ---------------------------------------------- */

static bool is_in(const char *pid, const struct stat *ns, const char *comm)
{
    auto_arena struct arena a = { 0 };
    struct stat st;
    char *name = NULL;

    if (stat(arena_printf(&a, "/proc/%s/ns/net", pid), &st) < 0 || st.st_ino != ns->st_ino ||
        st.st_dev != ns->st_dev || file_read(&a, arena_printf(&a, "/proc/%s/comm", pid), 64, &name, NULL) < 0)
        return false;
    return str_eq(str_trim(&a, name), comm);
}

/* How many there are; 'signo' goes to each. */
static int signal_all(const struct stat *ns, const char *comm, int signo)
{
    DIR *proc = opendir("/proc");
    struct dirent *e;
    int n = 0;

    while (proc && (e = readdir(proc))) {
        int64_t pid;

        if (str_to_i64(e->d_name, &pid) < 0 || !is_in(e->d_name, ns, comm))
            continue;
        n++;
        kill((pid_t) pid, signo);
    }
    if (proc)
        closedir(proc);
    return n;
}

int host_netns_end(const char *dir, const char *name, const char *comm, struct err *err)
{
    auto_arena struct arena a = { 0 };
    int64_t start = time_mono_us();
    struct timespec pause = { .tv_nsec = 5 * 1000000 };
    struct stat ns;
    int signo = SIGTERM;

    if (stat(arena_printf(&a, "%s/%s", dir, name), &ns) < 0)
        return 0;
    while (signal_all(&ns, comm, signo) > 0) {
        int64_t waited = time_mono_us() - start;

        if (waited > 4 * 1000000)
            return err_set(err, -EBUSY, "'%s' in the namespace '%s' does not end", comm, name);
        signo = waited > 2 * 1000000 ? SIGKILL : 0;
        nanosleep(&pause, NULL);
    }
    return 0;
}

/* --- All of a cloud. -------------------------------------------------------- */

struct purge {
    struct arena *a;
    const char *prefix, *mark, *netns_dir, *run_dir;
    struct err *err;
    int first;
};

static void note(struct purge *p, int r, const struct err *e)
{
    if (r < 0 && p->first == 0)
        p->first = err_set(p->err, r, "%s", e->msg);
}

static void purge_namespaces(struct purge *p)
{
    strv_foreach (name, netns_list(p->a, p->netns_dir, "q")) {
        struct err e = { 0 };

        if (!host_netns_marked(p->netns_dir, *name, p->mark))
            continue;
        note(p, host_netns_end(p->netns_dir, *name, "dnsmasq", &e), &e);
        note(p, netns_delete(p->netns_dir, *name, &e), &e);
    }
}

/* Whoever made the first namespace mounted the directory; when there is none
 * left, nobody needs it (`ip netns` makes it anew). */
static void purge_netns_dir(struct purge *p)
{
    if (*netns_list(p->a, p->netns_dir, ""))
        return;
    while (umount2(p->netns_dir, MNT_DETACH) == 0)
        ;
    rmdir(p->netns_dir);
}

static void purge_links(struct purge *p, bool *ret_other_edge)
{
    auto_cleanup(nl_close) struct nl *nl = NULL;
    struct err e = { 0 };
    struct link *links = NULL;
    size_t n = 0;
    int r = nl_open(NULL, NETLINK_ROUTE, &nl, &e);

    if (r >= 0)
        r = link_list(p->a, nl, &links, &n, &e);
    note(p, r, &e);
    for (size_t i = 0; i < n; i++) {
        if (str_has_prefix(links[i].alias, p->mark))
            note(p, link_delete(nl, links[i].name, &e), &e);
        else if (str_has_prefix(links[i].alias, "stackd:") && str_has_suffix(links[i].alias, ":edge"))
            *ret_other_edge = true;
    }
}

static void purge_tables(struct purge *p)
{
    static const struct {
        const char *family, *suffix;
    } tables[] = { { "bridge", "" }, { "inet", "" }, { "ip", "_edge" } };

    for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
        const char *name = arena_printf(p->a, "stackd_%s%s", p->prefix, tables[i].suffix);
        struct err e = { 0 };

        if (nft_table_exists(NULL, tables[i].family, name))
            note(p, nft_table_delete(NULL, tables[i].family, name, &e), &e);
    }
}

static void purge_forwarding(struct purge *p)
{
    struct err e = { 0 };
    int r;

    if (!nft_table_exists(NULL, "ip", FORWARDING_NOTE))
        return;
    r = sysctl_ensure(NULL, FORWARDING_KEY, "0", &e);
    if (r >= 0)
        r = nft_table_delete(NULL, "ip", FORWARDING_NOTE, &e);
    note(p, r, &e);
}

int host_network_purge(const char *prefix, const char *netns_dir, const char *run_dir, struct err *err)
{
    auto_arena struct arena a = { 0 };
    struct purge p = { .a = &a,
                       .prefix = prefix,
                       .mark = arena_printf(&a, "stackd:%s:", prefix),
                       .netns_dir = netns_dir ? netns_dir : "/run/netns",
                       .run_dir = run_dir ? run_dir : arena_printf(&a, "/run/stackd-%s", prefix),
                       .err = err };
    bool other_edge = false;
    struct err e = { 0 };
    int r;

    purge_namespaces(&p);
    purge_netns_dir(&p);
    purge_links(&p, &other_edge);
    purge_tables(&p);
    if (!other_edge)
        purge_forwarding(&p);
    r = dir_remove(p.run_dir);
    if (r < 0)
        err_set(&e, r, "Cannot remove '%s': %s", p.run_dir, strerror(-r));
    note(&p, r, &e);
    return p.first;
}
