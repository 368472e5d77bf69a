/* SPDX-License-Identifier: Apache-2.0 */
/* `stackd identity bootstrap`: an administrator, and identity's own place in
 * the catalog.  Options and variables are named as those of keystone-manage. */
#include <stdlib.h>

#include "base/str.h"
#include "identity/bootstrap.h"
#include "identity/manage.h"
#include "identity/manage_words.h"

struct bootstrap_words {
    const char *username, *password, *project, *role, *service, *region;
    const char *admin_url, *public_url, *internal_url;
    bool immutable, mutable;
};

/* A variable of the environment is not seen by others, as a word of the command is. */
static const char *otherwise(const char *word, const char *variable, const char *otherwise)
{
    const char *env = getenv(variable);

    return word ? word : env ? env : otherwise;
}

static int read_bootstrap(const char *const *words, struct bootstrap_words *w, struct err *err)
{
    const struct word_option options[] = {
        { "--bootstrap-username", &w->username },         { "--bootstrap-password", &w->password },
        { "--bootstrap-project-name", &w->project },      { "--bootstrap-role-name", &w->role },
        { "--bootstrap-service-name", &w->service },      { "--bootstrap-region-id", &w->region },
        { "--bootstrap-admin-url", &w->admin_url },       { "--bootstrap-public-url", &w->public_url },
        { "--bootstrap-internal-url", &w->internal_url }, { "--immutable-roles", .flag = &w->immutable },
        { "--no-immutable-roles", .flag = &w->mutable },  { 0 },
    };
    int r = words_read(words, options, err);

    w->username = otherwise(w->username, "OS_BOOTSTRAP_USERNAME", "admin");
    w->password = otherwise(w->password, "OS_BOOTSTRAP_PASSWORD", NULL);
    w->project = otherwise(w->project, "OS_BOOTSTRAP_PROJECT_NAME", "admin");
    w->role = otherwise(w->role, "OS_BOOTSTRAP_ROLE_NAME", "admin");
    w->service = otherwise(w->service, "OS_BOOTSTRAP_SERVICE_NAME", "keystone");
    w->region = otherwise(w->region, "OS_BOOTSTRAP_REGION_ID", "RegionOne");
    w->admin_url = otherwise(w->admin_url, "OS_BOOTSTRAP_ADMIN_URL", NULL);
    w->public_url = otherwise(w->public_url, "OS_BOOTSTRAP_PUBLIC_URL", NULL);
    w->internal_url = otherwise(w->internal_url, "OS_BOOTSTRAP_INTERNAL_URL", NULL);
    if (r >= 0 && str_empty(w->password))
        return err_set(err, -EINVAL, "say the password: --bootstrap-password, or OS_BOOTSTRAP_PASSWORD");
    return r;
}

int bootstrap_run(struct server *s, const char *const *words, struct strbuf *out, struct err *err)
{
    struct bootstrap_words w = { 0 };
    int r = read_bootstrap(words, &w, err);
    const struct bootstrap_user users[] = {
        { w.username, secret_of(w.password), w.project, w.role, w.role },
        { 0 },
    };
    const struct bootstrap_service services[] = {
        { "identity", w.service, "Identity", w.public_url, w.internal_url, w.admin_url },
        { 0 },
    };
    const struct bootstrap_spec spec = {
        .region = w.region, .users = users, .services = services, .mutable_roles = w.mutable
    };

    if (r >= 0)
        r = identity_bootstrap(s, &spec, err);
    if (r >= 0)
        strbuf_printf(out, "User '%s' has role '%s' on project '%s' and on the system, with this password.\n",
                      w.username, w.role, w.project);
    return r < 0 ? r : 0;
}
