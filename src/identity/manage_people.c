/* SPDX-License-Identifier: Apache-2.0 */
/* `stackd identity project_setup`, `user_setup` and `reset_last_active`. */
#include <string.h>

#include "base/str.h"
#include "identity/bootstrap.h"
#include "identity/identity.h"
#include "identity/manage.h"
#include "identity/manage_words.h"
#include "identity/model/passwords.h"

#define ID_MAX 64

static int check_id(const char *id, struct err *err)
{
    static const char allowed[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-";

    if (id && (str_empty(id) || strlen(id) > ID_MAX || id[strspn(id, allowed)]))
        return err_set(err, -EINVAL, "'%.80s' is no id: it has from 1 to %d letters, digits, '-' and '_'", id,
                       ID_MAX);
    return 0;
}

static int check_name(const char *option, const char *name, struct err *err)
{
    if (str_empty(name))
        return err_set(err, -EINVAL, "say which: %s NAME", option);
    if (str_utf8_len(name) > 255)
        return err_set(err, -EINVAL, "%s: a name has 255 characters at the most", option);
    return 0;
}

int project_setup_run(struct server *s, const char *const *words, struct strbuf *out, struct err *err)
{
    struct bootstrap_project projects[2] = { 0 };
    const struct bootstrap_spec spec = { .projects = projects, .no_roles = true };
    const struct word_option options[] = { { "--project-name", &projects[0].name },
                                           { "--project-id", &projects[0].id },
                                           { 0 } };
    int r = words_read(words, options, err);

    if (r >= 0)
        r = check_name("--project-name", projects[0].name, err);
    if (r >= 0)
        r = check_id(projects[0].id, err);
    if (r >= 0)
        r = identity_bootstrap(s, &spec, err);
    if (r >= 0)
        strbuf_printf(out, "There is a project '%s' in the default domain.\n", projects[0].name);
    return r < 0 ? r : 0;
}

int user_setup_run(struct server *s, const char *const *words, struct strbuf *out, struct err *err)
{
    struct bootstrap_user users[2] = { 0 };
    const struct bootstrap_spec spec = { .users = users, .no_roles = true };
    const char *password = NULL;
    const struct word_option options[] = { { "--username", &users[0].name },
                                           { "--user-password-plain", &password },
                                           { "--user-id", &users[0].id },
                                           { 0 } };
    auto_arena struct arena a;
    int r = words_read(words, options, err);

    arena_init(&a);
    if (r >= 0)
        r = check_name("--username", users[0].name, err);
    if (r >= 0)
        r = check_id(users[0].id, err);
    if (r >= 0 && str_empty(password))
        r = err_set(err, -EINVAL, "say the password: --user-password-plain PASSWORD");
    users[0].password = secret_of(password);
    if (r >= 0)
        r = password_accept(s, &a, NULL, users[0].password, false, err);
    if (r >= 0)
        r = identity_bootstrap(s, &spec, err);
    if (r >= 0)
        strbuf_printf(out, "User '%s' of the default domain has this password.\n", users[0].name);
    return r < 0 ? r : 0;
}

/* Whoever never logged in while logins were noted counts from the day when the
 * account was made: with a new inactive_days all old ones would be shut out. */
int reset_last_active_run(struct server *s, const char *const *words, struct strbuf *out, struct err *err)
{
    bool force = false;
    const struct word_option options[] = { { "--force", .flag = &force }, { 0 } };
    auto_rollback struct txn *t = NULL;
    int64_t n;
    int r = words_read(words, options, err);

    if (r >= 0 && !force)
        return err_set(err, -EINVAL,
                       "this lets every user who has no last login count as active now, those too who never "
                       "logged in; say --force if that is meant");
    if (r >= 0)
        r = txn_begin(s->db, true, &t, err);
    if (r < 0)
        return r;
    n = sql_exec(t, err, "UPDATE users SET last_active_us = ? WHERE last_active_us IS NULL",
                 val_int(server_now_us(s)));
    r = n < 0 ? (int) n : txn_commit(&t, err);
    if (r >= 0)
        strbuf_printf(out, "%lld users count as active now.\n", (long long) n);
    return r < 0 ? r : 0;
}
