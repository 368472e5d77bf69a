/* SPDX-License-Identifier: Apache-2.0 */
/* `stackd bootstrap`: a new cloud in an empty directory. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/str.h"
#include "identity/bootstrap.h"
#include "identity/identity.h"
#include "io/sock.h"
#include "main/cloud.h"
#include "main/credentials.h"
#include "main/newconf.h"
#include "main/privilege.h"
#include "main/roles.h"

/* Is there when the rest is complete. */
#define MARK "bootstrapped"

static const char *const service_users[] = { "glance", "placement", "nova", "neutron", NULL };

/* --- Directories ------------------------------------------------------------- */

static int make_dir(struct setup *s, const char *name, unsigned mode, uid_t uid, gid_t gid, struct err *err)
{
    const char *path = name ? setup_path(s, name, NULL) : s->state_dir;
    int r = dir_make(path, mode);

    if (r < 0)
        return err_set(err, r, "cannot create '%s': %s", path, strerror(-r));
    /* The umask took bits away; the mode is meant as it stands. */
    if (chmod(path, mode) < 0 || (geteuid() == 0 && chown(path, uid, gid) < 0))
        return err_set(err, -errno, "cannot set up '%s': %s", path, strerror(errno));
    return 0;
}

int cloud_prepare(struct setup *s, struct err *err)
{
    static const struct {
        const char *name;
        unsigned mode;
    } dirs[] = { { NULL, 0755 }, { "secrets", 0700 }, { "logs", 0750 }, { "run", 0755 } };
    uid_t uid = geteuid();
    gid_t gid = getegid();
    int r = 0;

    if (uid == 0)
        r = account_ensure(&s->arena, s->opt.user, &uid, &gid, err);
    for (size_t i = 0; i < ARRAY_SIZE(dirs) && r >= 0; i++)
        r = make_dir(s, dirs[i].name, dirs[i].mode, uid, gid, err);
    return r;
}

/* --- Files for people -------------------------------------------------------- */

static int write_file(struct setup *s, const char *name, const struct strbuf *b, unsigned mode,
                      struct err *err)
{
    const char *path = setup_path(s, name, NULL);
    int r = file_write_atomic(path, strbuf_str(b), b->len, mode);

    return r < 0 ? err_set(err, r, "cannot write '%s': %s", path, strerror(-r)) : 0;
}

static int auth_url(struct setup *s, char **ret, struct err *err)
{
    char *url;
    int r = role_url(s, role_named("identity"), true, &url, err);

    if (r >= 0)
        *ret = arena_printf(&s->arena, "%s/v3", url);
    return r;
}

int cloud_env(struct setup *s, const char *user, struct strbuf *out, struct err *err)
{
    struct secret password;
    char *url;
    int r;

    if (!str_eq(user, "admin") && !str_eq(user, "demo"))
        return err_set(err, -ENOENT, "the password of '%s' is not kept here: 'admin' and 'demo' are", user);
    r = secret_load(s, user, &password, err);
    if (r >= 0)
        r = auth_url(s, &url, err);
    if (r < 0)
        return r;
    strbuf_printf(out,
                  "export OS_AUTH_TYPE=password OS_IDENTITY_API_VERSION=3\n"
                  "export OS_AUTH_URL='%s'\n"
                  "export OS_USERNAME='%s' OS_USER_DOMAIN_NAME=Default\n"
                  "export OS_PROJECT_NAME='%s' OS_PROJECT_DOMAIN_NAME=Default\n"
                  "export OS_REGION_NAME='%s' OS_INTERFACE=public\n"
                  "export OS_PASSWORD='%s'\n"
                  "unset OS_CLOUD OS_TOKEN OS_PROJECT_ID OS_DOMAIN_NAME OS_SYSTEM_SCOPE\n",
                  url, user, user, s->opt.region, secret_expose(password));
    return 0;
}

static int add_cloud(struct setup *s, struct strbuf *b, const char *name, const char *user, struct err *err)
{
    struct secret password;
    char *url;
    int r = secret_load(s, user, &password, err);

    if (r >= 0)
        r = auth_url(s, &url, err);
    if (r < 0)
        return r;
    strbuf_printf(b,
                  "  %s:\n"
                  "    region_name: %s\n"
                  "    identity_api_version: 3\n"
                  "    interface: public\n"
                  "    auth:\n"
                  "      auth_url: %s\n"
                  "      username: %s\n"
                  "      password: %s\n"
                  "      project_name: %s\n"
                  "      user_domain_name: Default\n"
                  "      project_domain_name: Default\n",
                  name, s->opt.region, url, user, secret_expose(password), user);
    return 0;
}

static int write_client_files(struct setup *s, struct err *err)
{
    struct strbuf b;
    int r;

    strbuf_init(&b, &s->arena);
    strbuf_puts(&b, "clouds:\n");
    r = add_cloud(s, &b, "stackd", "admin", err);
    if (r >= 0)
        r = add_cloud(s, &b, "stackd-demo", "demo", err);
    if (r >= 0)
        r = write_file(s, "clouds.yaml", &b, 0600, err);
    strbuf_clear(&b);
    if (r >= 0)
        r = cloud_env(s, "admin", &b, err);
    return r < 0 ? r : write_file(s, "openrc", &b, 0600, err);
}

/* --- Identity's first rows --------------------------------------------------- */

/* A person works in the project of the same name. */
static int add_person(struct setup *s, struct bootstrap_user *u, const char *name, const char *role,
                      const char *system_role, struct err *err)
{
    *u = (struct bootstrap_user){ .name = name, .project = name, .role = role, .system_role = system_role };
    return secret_ensure(s, name, &u->password, err);
}

/* Services act for users of any project, and their calls among each other are
 * known by the role "service". */
static int add_service_user(struct setup *s, struct bootstrap_user **u, const char *name, struct err *err)
{
    struct bootstrap_user *first = (*u)++, *again = (*u)++;

    *first = (struct bootstrap_user){ .name = name, .project = "service", .role = "admin" };
    *again = (struct bootstrap_user){ .name = name, .project = "service", .role = "service" };
    return secret_ensure(s, name, &first->password, err);
}

/* The catalog: every service that has a place there. */
static int describe_services(struct setup *s, struct bootstrap_service *to, struct err *err)
{
    for (const struct stackd_role *const *p = roles; *p; p++) {
        const struct stackd_role *role = *p;
        char *public, *internal;
        int r;

        if (!role->catalog_name)
            continue;
        r = role_url(s, role, true, &public, err);
        if (r >= 0)
            r = role_url(s, role, false, &internal, err);
        if (r < 0)
            return r;
        public = arena_printf(&s->arena, "%s%s", public, role->catalog_path);
        internal = arena_printf(&s->arena, "%s%s", internal, role->catalog_path);
        *to++ = (struct bootstrap_service){
            .type = role->service->type,
            .name = role->catalog_name,
            .description = role->service->description,
            .public_url = public,
            .internal_url = internal,
            .admin_url = internal,
        };
    }
    return 0;
}

static int fill_identity(struct setup *s, const struct log *log, struct err *err)
{
    struct bootstrap_user users[2 * ARRAY_SIZE(service_users) + 2] = { 0 }, *u = users;
    struct bootstrap_service services[16] = { 0 };
    struct bootstrap_spec spec = { .region = s->opt.region, .users = users, .services = services };
    struct server_setup start = { .config = s->config, .state_dir = s->state_dir, .log = log };
    struct server *server;
    int r = add_person(s, u++, "admin", "admin", "admin", err);

    if (r >= 0)
        r = add_person(s, u++, "demo", "member", NULL, err);
    for (const char *const *p = service_users; *p && r >= 0; p++)
        r = add_service_user(s, &u, *p, err);
    if (r >= 0)
        r = describe_services(s, services, err);
    if (r >= 0) /* Nobody is to talk to it yet: a port of the kernel's choice. */
        r = start.listen_fd = sock_listen_tcp("127.0.0.1", 0, 1, err);
    if (r >= 0)
        r = server_start(&identity_service, &start, &server, err);
    if (r < 0)
        return r;
    r = identity_bootstrap(server, &spec, err);
    server_stop(server, 0);
    return r;
}

static int make_all(struct setup *s, const struct log *log, struct err *err)
{
    struct strbuf mark;
    int r = fill_identity(s, log, err);

    if (r >= 0)
        r = write_client_files(s, err);
    if (r < 0)
        return r;
    strbuf_init(&mark, &s->arena);
    return write_file(s, MARK, &mark, 0644, err);
}

/* As the roles' user, so that every file belongs to it. */
static int make_all_unprivileged(struct setup *s, const struct log *log, struct err *err)
{
    int fds[2], status;
    ssize_t n;
    pid_t pid;

    if (geteuid() != 0)
        return make_all(s, log, err);
    if (pipe2(fds, O_CLOEXEC) < 0)
        return err_set(err, -errno, "cannot make a pipe: %s", strerror(errno));
    pid = fork();
    if (pid == 0) {
        int r = privilege_drop(s->opt.user, err);

        if (r >= 0)
            r = make_all(s, log, err);
        if (r < 0)
            write_all(fds[1], err, sizeof(*err));
        _exit(r < 0);
    }
    close(fds[1]);
    if (pid < 0) {
        close(fds[0]);
        return err_set(err, -EAGAIN, "cannot start a process");
    }
    n = read_all(fds[0], err, sizeof(*err)) == 0 ? (ssize_t) sizeof(*err) : 0;
    close(fds[0]);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (n)
        return err->code;
    return status == 0 ? 0 : err_set(err, -EIO, "bootstrap ended unexpectedly (status %d)", status);
}

/* --- All of it --------------------------------------------------------------- */

bool cloud_is_bootstrapped(struct setup *s)
{
    return s->config_path && access(setup_path(s, MARK, NULL), F_OK) == 0;
}

/* The configuration belongs to the roles' user too: it may hold a database's
 * password. */
static int hand_over(struct setup *s, struct err *err)
{
    uid_t uid;
    gid_t gid;
    int r;

    if (geteuid() != 0)
        return 0;
    r = account_find(s->opt.user, &uid, &gid, err);
    if (r >= 0 && chown(setup_path(s, "stackd.conf", NULL), uid, gid) < 0 && errno != ENOENT)
        r = err_set(err, -errno, "cannot hand over stackd.conf: %s", strerror(errno));
    return r;
}

int cloud_bootstrap(struct setup *s, const struct log *log, struct err *err)
{
    const struct cli *cli = s->cli;
    int r = cloud_prepare(s, err);

    if (r >= 0)
        r = newconf_write(s, err);
    if (r >= 0)
        r = hand_over(s, err);
    if (r < 0)
        return r;
    setup_done(s);
    r = setup_load_existing(s, cli, err);
    if (r >= 0)
        r = setup_check(s, err);
    return r < 0 ? r : make_all_unprivileged(s, log, err);
}
