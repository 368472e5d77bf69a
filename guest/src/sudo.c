/* SPDX-License-Identifier: Apache-2.0
 *
 * sudo for the guest: runs a command as root (or as the user named by -u),
 * without a password, for members of the group 'sudo'.
 *
 * The busybox in the guest has none, and scripts written for cloud images
 * rely on it.  Options: -u USER, -i, -s, -v, -l, -V; -n, -E, -H, -S, -k and
 * -b are taken and make no difference (there is never a password to ask for).
 * The command's environment is made anew, so that nothing the caller set can
 * steer a program that runs as root.
 *
 * Linked statically: the account files are read directly (fgetpwent), since
 * getpwnam() of a static glibc would want its plug-ins at run time. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SUDO_PATH  "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
#define SUDO_GROUP "sudo"

struct account {
    uid_t uid;
    gid_t gid;
    char name[64];
    char home[256];
    char shell[256];
};

static int fail(const char *what, const char *arg)
{
    fprintf(stderr, "sudo: %s%s%s\n", what, arg ? ": " : "", arg ? arg : "");
    return 1;
}

/* Finds the account by 'name', or by 'uid' where 'name' is NULL. */
static bool account_get(const char *name, uid_t uid, struct account *ret)
{
    FILE *f = fopen("/etc/passwd", "re");
    const struct passwd *p;
    bool found = false;

    while (f && !found && (p = fgetpwent(f))) {
        if (name ? strcmp(p->pw_name, name) != 0 : p->pw_uid != uid)
            continue;
        *ret = (struct account){ .uid = p->pw_uid, .gid = p->pw_gid };
        snprintf(ret->name, sizeof(ret->name), "%s", p->pw_name);
        snprintf(ret->home, sizeof(ret->home), "%s", p->pw_dir);
        snprintf(ret->shell, sizeof(ret->shell), "%s", p->pw_shell[0] ? p->pw_shell : "/bin/sh");
        found = true;
    }
    if (f)
        fclose(f);
    return found;
}

static bool account_is_member(const char *name, const char *group)
{
    FILE *f = fopen("/etc/group", "re");
    const struct group *g;
    bool member = false;

    while (f && !member && (g = fgetgrent(f)))
        for (char **m = g->gr_mem; strcmp(g->gr_name, group) == 0 && *m && !member; m++)
            member = strcmp(*m, name) == 0;
    if (f)
        fclose(f);
    return member;
}

/* Replaces the environment: the target's, and of the caller's only what says
 * which terminal and language there is. */
static void environment_make(const struct account *to, const struct account *from)
{
    const char *term = getenv("TERM"), *lang = getenv("LANG");
    char id[16], *keep_term = term ? strdup(term) : NULL, *keep_lang = lang ? strdup(lang) : NULL;

    clearenv();
    setenv("PATH", SUDO_PATH, 1);
    setenv("HOME", to->home, 1);
    setenv("SHELL", to->shell, 1);
    setenv("USER", to->name, 1);
    setenv("LOGNAME", to->name, 1);
    setenv("SUDO_USER", from->name, 1);
    snprintf(id, sizeof(id), "%u", from->uid);
    setenv("SUDO_UID", id, 1);
    snprintf(id, sizeof(id), "%u", from->gid);
    setenv("SUDO_GID", id, 1);
    if (keep_term)
        setenv("TERM", keep_term, 1);
    if (keep_lang)
        setenv("LANG", keep_lang, 1);
}

static int become(const struct account *to)
{
    if (setgroups(1, &to->gid) < 0 || setgid(to->gid) < 0 || setuid(to->uid) < 0)
        return fail("cannot change the user", strerror(errno));
    return 0;
}

static void run_shell(const struct account *to, bool login, char **command)
{
    char *words = NULL;
    size_t n = 0;
    FILE *f;

    if (login && chdir(to->home) < 0)
        fail(to->home, strerror(errno));
    if (!command[0]) {
        execl(to->shell, login ? "-sh" : "sh", (char *) NULL);
        return;
    }
    f = open_memstream(&words, &n);
    for (char **w = command; f && *w; w++)
        fprintf(f, "%s%s", w == command ? "" : " ", *w);
    if (f && fclose(f) == 0)
        execl(to->shell, login ? "-sh" : "sh", "-c", words, (char *) NULL);
}

int main(int argc, char **argv)
{
    struct account from, to;
    const char *user = "root";
    bool login = false, shell = false, check = false;
    int c;

    while ((c = getopt(argc, argv, "+u:g:isvlVnEHSkKb")) != -1) {
        if (c == 'u')
            user = optarg;
        login |= c == 'i';
        shell |= c == 's';
        check |= c == 'v' || c == 'l' || c == 'k' || c == 'K';
        if (c == 'V')
            return puts("sudo of the stackd guest") < 0;
        if (c == '?' || c == 'g')
            return fail("usage: sudo [-u USER] [-i | -s | [NAME=VALUE]... COMMAND [ARGUMENT]...]", NULL);
    }
    if (!account_get(NULL, getuid(), &from))
        return fail("you do not exist in /etc/passwd", NULL);
    if (from.uid != 0 && !account_is_member(from.name, SUDO_GROUP))
        return fail("not a member of the group " SUDO_GROUP, from.name);
    if (!account_get(user, 0, &to))
        return fail("unknown user", user);
    if (become(&to))
        return 1;

    environment_make(&to, &from);
    for (; optind < argc && strchr(argv[optind], '=') && argv[optind][0] != '='; optind++)
        putenv(argv[optind]);
    if (login || shell) {
        run_shell(&to, login, argv + optind);
        return fail(to.shell, strerror(errno));
    }
    if (optind == argc)
        return check ? 0 : fail("which command?", NULL);
    execvp(argv[optind], argv + optind);
    c = errno;
    fail(argv[optind], c == ENOENT ? "command not found" : strerror(c));
    return c == ENOENT ? 127 : 126;
}
