/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/model/passwords.h"
#include "identity/model/hashing.h"

#include "base/str.h"
#include "crypto/password.h"
#include "identity/model/auth.h"
#include "identity/store/users.h"
#include "wire/json.h"
#include "wire/pattern.h"

#define SECOND_US 1000000LL
#define DAY_US    (86400 * SECOND_US)

bool user_option(const struct user *u, const char *name)
{
    auto_json json_t *o = NULL;

    return u->options && json_read(u->options, strlen(u->options), &o, NULL) >= 0 &&
           json_truth(o, name, false);
}

/* --- length ------------------------------------------------------------------------- */

/* Bytes beyond the limit do not count, neither when a password is set nor when it is shown. */
static int cut(const struct identity *id, struct arena *a, struct secret *given, struct err *err)
{
    const char *text = secret_expose(*given);
    size_t max = (size_t) id->opt->max_password_length;

    if (!text || strlen(text) <= max)
        return 0;
    if (id->opt->strict_password_check)
        return err_http(
            err, 403, NULL,
            "The password length must be less than or equal to %zu. The server could not comply with the "
            "request because the password is invalid.",
            max);
    *given = secret_of(arena_strndup(a, text, max));
    return 0;
}

/* --- guessing ------------------------------------------------------------------------ */

static bool counts_attempts(const struct identity *id, const struct user *u)
{
    return id->opt->lockout_attempts && u->id && !user_option(u, "ignore_lockout_failure_attempts");
}

/* An attempt is counted before it is looked at, so that many at once are not
 * more than allowed; a right one sets the count back. */
static int count_attempt(struct server *s, const struct user *u, bool *ret_locked, struct err *err)
{
    const struct identity_options *opt = ((const struct identity *) s->state)->opt;
    auto_rollback struct txn *t = NULL;
    int64_t now_us = server_now_us(s);
    int r = txn_begin(s->db, true, &t, err);

    if (r >= 0)
        r = user_count_attempt(t, u->id, opt->lockout_attempts,
                               opt->lockout_duration_s ? now_us - opt->lockout_duration_s * SECOND_US : 0,
                               now_us, err);
    if (r < 0 && r != -EDQUOT)
        return r;
    *ret_locked = r == -EDQUOT;
    return txn_commit(&t, err);
}

bool user_is_away(struct server *s, const struct user *u)
{
    int64_t days = ((const struct identity *) s->state)->opt->inactive_days;
    int64_t last = u->last_active_us ? u->last_active_us : u->created_at;

    return days && last && last + days * DAY_US < server_now_us(s) &&
           !user_option(u, "ignore_user_inactivity");
}

/* What a good login leaves in the row: no count, the day, a hash of today's kind. */
static int note_login(struct server *s, struct arena *a, const struct user *u, struct secret given,
                      bool counted, struct err *err)
{
    const struct identity *id = s->state;
    auto_rollback struct txn *t = NULL;
    int64_t now_us = server_now_us(s);
    bool day =
        id->opt->inactive_days && (!u->last_active_us || u->last_active_us / DAY_US != now_us / DAY_US);
    char *hash = NULL;
    int r = 0;

    if (password_is_old(u->password_hash, &id->password_recipe) &&
        hashing_make(id, a, given, &hash, NULL) < 0)
        hash = NULL;
    if (!counted && !day && !hash)
        return 0;
    r = txn_begin(s->db, true, &t, err);
    if (r >= 0)
        r = user_note_login(t, u, hash, day ? now_us : 0, err);
    return r < 0 ? r : txn_commit(&t, err);
}

static int prove(struct server *s, struct arena *a, const struct user *u, struct secret given,
                 struct err *err)
{
    const struct identity *id = s->state;
    bool counted = counts_attempts(id, u), locked = false, right;
    const char *why;
    int r = cut(id, a, &given, err);

    if (r >= 0 && counted)
        r = count_attempt(s, u, &locked, err);
    if (r < 0)
        return r;
    right = hashing_check(id, given, u->password_hash);
    why = !u->id               ? "There is no such user."
          : locked             ? "The user is locked out."
          : !right             ? "The password is wrong."
          : !u->enabled        ? "The user is disabled."
          : user_is_away(s, u) ? "The user did not log in for too long."
                               : NULL;
    if (why)
        return auth_refused_why(s, err, why);
    return note_login(s, a, u, given, counted, err);
}

/* Without a place it is no attempt. */
int password_prove(struct server *s, struct arena *a, const struct user *u, struct secret given,
                   struct err *err)
{
    int r = hashing_enter(s->state, err);

    if (r < 0)
        return r;
    r = prove(s, a, u, given, err);
    hashing_leave(s->state);
    return r;
}

/* --- a new one -------------------------------------------------------------------------- */

static int check_age(struct server *s, const struct user *u, struct err *err)
{
    int64_t days = ((const struct identity *) s->state)->opt->password_minimum_age_days;
    int64_t until = u->password_created_us + days * DAY_US, now_us = server_now_us(s);

    if (!days || now_us >= until || (u->password_expires_us && u->password_expires_us <= now_us))
        return 0;
    return err_http(
        err, 400, NULL,
        "You cannot change your password at this time due to the minimum password age. Once you change "
        "your password, it must be used for %lld day(s) before it can be changed. Please try again in %lld "
        "day(s) or contact your administrator to reset your password.",
        (long long) days, (long long) ((until - now_us) / DAY_US));
}

static int check_history(struct server *s, struct arena *a, const struct user *u, struct secret given,
                         struct err *err)
{
    const struct identity *id = s->state;
    const char **hashes = NULL;
    int r = 0;

    if (!id->opt->password_history)
        return 0;
    if (id->opt->password_history > 1) {
        auto_rollback struct txn *t = NULL;

        r = txn_begin(s->db, false, &t, err);
        if (r >= 0)
            r = user_old_passwords(t, a, u->id, id->opt->password_history - 1, &hashes, err);
    }
    if (r < 0)
        return r;
    hashes = strv_add(a, hashes, u->password_hash ? u->password_hash : "");
    strv_foreach (hash, hashes)
        if (hashing_check(id, given, *hash))
            return err_http(
                err, 400, NULL,
                "The new password cannot be identical to a previous password. The total number which "
                "includes the new password must be unique is %lld.",
                (long long) id->opt->password_history);
    return 0;
}

int password_accept(struct server *s, struct arena *a, const struct user *u, struct secret given, bool self,
                    struct err *err)
{
    const struct identity *id = s->state;
    int r = cut(id, a, &given, err);

    if (r < 0)
        return r;
    if (id->password_pattern && !pattern_fits(id->password_pattern, secret_expose(given)))
        return err_http(err, 400, NULL, "The password does not match the requirements: %s.",
                        id->opt->password_regex_description ? id->opt->password_regex_description
                                                            : "it does not fit the configured pattern");
    if (self && user_option(u, "lock_password"))
        return err_http(
            err, 400, NULL,
            "You cannot change your password at this time due to password policy disallowing password "
            "changes. Please contact your administrator to reset your password.");
    if (self)
        r = check_age(s, u, err);
    if (r >= 0 && self)
        r = check_history(s, a, u, given, err);
    return r;
}

int64_t password_expiry(const struct identity *id, const struct user *u, bool self, int64_t now_us)
{
    if (!self && id->opt->change_password_at_first_use &&
        !user_option(u, "ignore_change_password_upon_first_use"))
        return now_us;
    if (id->opt->password_expires_days && !user_option(u, "ignore_password_expiry"))
        return now_us + id->opt->password_expires_days * DAY_US;
    return 0;
}

bool password_fits(const struct identity *id, struct arena *a, const struct user *u, struct secret given)
{
    return cut(id, a, &given, NULL) >= 0 && hashing_check(id, given, u->password_hash);
}

int password_make(const struct identity *id, struct arena *a, struct secret given, char **ret,
                  struct err *err)
{
    int r = cut(id, a, &given, err);

    return r < 0 ? r : hashing_make(id, a, given, ret, err);
}

int password_set(struct server *s, struct arena *a, struct user *u, struct secret given, bool self,
                 struct err *err)
{
    const struct identity *id = s->state;
    int64_t now_us = server_now_us(s);
    char *hash;
    int r = password_make(id, a, given, &hash, err);

    if (r < 0)
        return r;
    u->password_hash = hash;
    u->password_created_us = now_us;
    u->password_expires_us = password_expiry(id, u, self, now_us);
    return 0;
}
