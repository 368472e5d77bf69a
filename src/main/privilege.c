/* SPDX-License-Identifier: Apache-2.0 */
#include "main/privilege.h"

#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#include "io/proc.h"

int account_find(const char *name, uid_t *ret_uid, gid_t *ret_gid, struct err *err)
{
    struct passwd p, *found = NULL;
    char buf[4096];
    int r = getpwnam_r(name, &p, buf, sizeof(buf), &found);

    if (!found)
        return err_set(err, r ? -r : -ENOENT, "there is no user '%s' on this machine", name);
    *ret_uid = p.pw_uid;
    *ret_gid = p.pw_gid;
    return 0;
}

int account_ensure(struct arena *a, const char *name, uid_t *ret_uid, gid_t *ret_gid, struct err *err)
{
    const char *const argv[] = { "useradd",    "--system",          "--user-group",
                                 "--home-dir", "/nonexistent",      "--no-create-home",
                                 "--shell",    "/usr/sbin/nologin", name,
                                 NULL };
    int r = account_find(name, ret_uid, ret_gid, err);

    if (r != -ENOENT)
        return r;
    err_clear(err);
    r = proc_run(a, argv, NULL, 30000, NULL, err);
    /* Somebody else may have made it meanwhile: what counts is that it is there. */
    if (account_find(name, ret_uid, ret_gid, NULL) >= 0)
        return 0;
    return err_prefix(err, r < 0 ? r : -ENOENT, "cannot make the user '%s'", name);
}

int privilege_drop(const char *name, struct err *err)
{
    uid_t uid;
    gid_t gid;
    int r;

    if (geteuid() == 0) {
        r = account_find(name, &uid, &gid, err);
        if (r < 0)
            return r;
        if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
            return err_set(err, -errno, "cannot become the user '%s': %s", name, strerror(errno));
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return err_set(err, -errno, "cannot give up privileges: %s", strerror(errno));
    return 0;
}

void follow_parent(pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    /* It may have died before the line above. */
    if (getppid() != parent)
        _exit(0);
}
