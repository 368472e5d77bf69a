/* SPDX-License-Identifier: Apache-2.0 */
#include "main/credentials.h"

#include <sys/stat.h>

#include "base/str.h"
#include "base/uuid.h"
#include "io/sock.h"

#define SECRET_BYTES 24
#define SECRET_MAX   4096

int secret_load(struct setup *s, const char *name, struct secret *ret, struct err *err)
{
    const char *path = setup_path(s, "secrets", name);
    char *text;
    int r = file_read(&s->arena, path, SECRET_MAX, &text, NULL);

    if (r < 0)
        return err_set(err, r, "cannot read '%s': %s", path, strerror(-r));
    text[strcspn(text, "\r\n")] = '\0';
    *ret = secret_of(text);
    return 0;
}

int secret_ensure(struct setup *s, const char *name, struct secret *ret, struct err *err)
{
    const char *path = setup_path(s, "secrets", name), *text;
    uint8_t bytes[SECRET_BYTES];
    int r;

    if (access(path, F_OK) == 0)
        return secret_load(s, name, ret, err);
    random_bytes(bytes, sizeof(bytes));
    text = base64url_encode(&s->arena, bytes, sizeof(bytes), false);
    r = file_write_atomic(path, text, strlen(text), 0600);
    secret_wipe(bytes, sizeof(bytes));
    if (r < 0)
        return err_set(err, r, "cannot write '%s': %s", path, strerror(-r));
    *ret = secret_of(text);
    return 0;
}

/* Fills members that 'to' lacks from 'from'.  A text that is missing is a null
 * pointer, a secret holds one. */
static void fill(struct client_options *to, const struct client_options *from)
{
    for (const struct option *o = client_option_table; o->name; o++) {
        bool is_int = o->type == FIELD_INT;
        const int64_t no_int = FIELD_NULL_INT;
        const char *const no_text = NULL;
        char *t = (char *) to + o->offset;

        if (memcmp(t, is_int ? (const void *) &no_int : &no_text,
                   is_int ? sizeof(no_int) : sizeof(no_text)) == 0)
            memcpy(t, (const char *) from + o->offset, is_int ? sizeof(no_int) : sizeof(no_text));
    }
}

/* The table without its defaults: what a section does not say stays unset. */
static const struct option *without_defaults(struct arena *a)
{
    size_t n = 0;
    struct option *copy;

    while (client_option_table[n].name)
        n++;
    copy = arena_memdup(a, client_option_table, (n + 1) * sizeof(*copy));
    for (size_t i = 0; i < n; i++)
        copy[i].value = NULL;
    return copy;
}

int credentials_of_role(struct setup *s, const struct stackd_role *role, struct client_options *ret,
                        struct err *err)
{
    struct client_options own, common;
    char *url = NULL;
    int r = config_read(s->config, arena_printf(&s->arena, "service_auth_%s", role->name),
                        without_defaults(&s->arena), &own, err);

    if (r >= 0)
        r = config_read(s->config, "service_auth", client_option_table, &common, err);
    if (r < 0)
        return r;
    fill(&own, &common);
    if (!own.auth_url) {
        r = role_url(s, role_named("identity"), false, &url, err);
        if (r < 0)
            return r;
        own.auth_url = arena_printf(&s->arena, "%s/v3", url);
    }
    if (!own.username)
        own.username = role->username;
    if (!secret_expose(own.password) && !own.password_file)
        own.password_file = setup_path(s, "secrets", own.username);
    if (!own.region)
        own.region = s->opt.region;
    *ret = own;
    return 0;
}
