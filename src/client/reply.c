/* SPDX-License-Identifier: Apache-2.0 */
/* What went wrong, out of each service's own form of error body. */
#include "base/str.h"
#include "client/internal.h"
#include "wire/json.h"

/* {"message": …}, {"detail": …}, {"title": …} */
static const char *words_of_object(const json_t *o)
{
    static const char *const names[] = { "message", "detail", "title", NULL };

    strv_foreach (name, names) {
        const char *s = json_str(o, *name);

        if (!str_empty(s))
            return s;
    }
    return NULL;
}

/* {"error": {…}}, {"NeutronError": {…}}, {"conflictingRequest": {…}},
 * {"errors": [{…}]}, or the members at the top. */
static const char *words_of(const json_t *j)
{
    const char *words = words_of_object(j), *name;
    json_t *v;

    if (words || !json_is_object(j))
        return words;
    json_object_foreach ((json_t *) j, name, v) {
        if (json_is_array(v))
            v = json_array_get(v, 0);
        words = json_is_object(v) ? words_of_object(v) : json_string_value(v);
        if (words)
            return words;
    }
    return NULL;
}

int reply_error(const struct client_reply *r, const char *service, struct err *err)
{
    const char *words = words_of(r->json);

    if (words)
        return err_http(err, r->status, NULL, "%s", words);
    return err_http(err, r->status, NULL, "the %s service answered %d %s", service, r->status,
                    http_status_text(r->status));
}

void client_reply_done(struct client_reply *r)
{
    json_decref(r->json);
    r->json = NULL;
}
