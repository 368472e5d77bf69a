/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/model/catalog.h"

#include "base/str.h"
#include "identity/store/endpoint_filter.h"
#include "identity/store/endpoints.h"
#include "rest/field.h"
#include "wire/json.h"

struct subject {
    const char *project_id, *user_id;
    const char **chosen; /* Endpoints of the project; null: all. */
};

static const struct {
    const char *name;
    bool project;
} words[] = { { "tenant_id", true }, { "project_id", true }, { "user_id", false } };

bool catalog_can_fill(const char *url)
{
    for (const char *p = url; (p = strpbrk(p, "$%")); p++) {
        const char *end = p[1] == '(' ? strstr(p, ")s") : NULL;
        bool known = false;

        if (p[1] != '(')
            continue;
        for (size_t i = 0; end && i < ARRAY_SIZE(words); i++)
            known = known || ((size_t) (end - p - 2) == strlen(words[i].name) &&
                              memcmp(p + 2, words[i].name, (size_t) (end - p - 2)) == 0);
        if (!known)
            return false;
    }
    return true;
}

/* The value of "name" in $(name)s or %(name)s; null: unknown or absent. */
static const char *word(const struct subject *s, const char *name, size_t n)
{
    for (size_t i = 0; i < ARRAY_SIZE(words); i++)
        if (strlen(words[i].name) == n && memcmp(words[i].name, name, n) == 0)
            return words[i].project ? s->project_id : s->user_id;
    return NULL;
}

/* An endpoint's URL with its words filled in, or null. */
static const char *fill_url(struct arena *a, const char *url, const struct subject *s)
{
    struct strbuf b;

    if (!strstr(url, "(")) /* Most have none. */
        return url;
    strbuf_init(&b, a);
    for (const char *p = url; *p; p++) {
        const char *end = (p[0] == '$' || p[0] == '%') && p[1] == '(' ? strstr(p, ")s") : NULL;
        const char *v;

        if (!end) {
            strbuf_putc(&b, *p);
            continue;
        }
        v = word(s, p + 2, (size_t) (end - p - 2));
        if (!v)
            return NULL;
        strbuf_puts(&b, v);
        p = end + 1;
    }
    return strbuf_str(&b);
}

static void write_endpoint(struct jw *w, const struct listed_endpoint *e, const char *url)
{
    jw_object(w, NULL);
    jw_str(w, "id", e->id);
    jw_str(w, "interface", e->interface);
    jw_str(w, "region_id", e->region_id);
    jw_str(w, "url", url);
    jw_str(w, "region", e->region_id);
    jw_end_object(w);
}

/* Where endpoints were chosen for a project, only those are its. */
static bool is_chosen(const struct subject *s, const char *endpoint_id)
{
    return !s->chosen || strv_contains(s->chosen, endpoint_id);
}

static void write_service(struct arena *a, struct jw *w, const struct listed_service *service,
                          const struct subject *s)
{
    bool any = !s->chosen;

    for (size_t i = 0; i < service->n && !any; i++)
        any = is_chosen(s, service->endpoints[i].id);
    if (!any)
        return;
    jw_object(w, NULL);
    jw_array(w, "endpoints");
    for (size_t i = 0; i < service->n; i++) {
        const struct listed_endpoint *e = &service->endpoints[i];
        const char *url = is_chosen(s, e->id) ? fill_url(a, e->url, s) : NULL;

        if (url)
            write_endpoint(w, e, url);
    }
    jw_end_array(w);
    jw_str(w, "id", service->id);
    jw_str(w, "type", service->type);
    jw_str(w, "name", service->name ? service->name : "");
    jw_end_object(w);
}

int catalog_text(const struct identity *id, struct txn *t, struct arena *a, const char *project_id,
                 const char *user_id, const char **ret, struct err *err)
{
    struct subject s = { project_id, user_id, NULL };
    struct listed_service *services;
    struct strbuf b;
    struct jw w;
    size_t n;
    int r;

    r = services_of_catalog(t, a, &services, &n, err);
    if (r >= 0 && project_id)
        r = endpoints_of_project(t, a, project_id, &s.chosen, err);
    if (r < 0)
        return r;
    strbuf_init(&b, a);
    jw_init(&w, &b);
    jw_array(&w, NULL);
    if (!s.chosen && !id->opt->return_all_endpoints_if_no_filter)
        n = 0;
    for (size_t i = 0; i < n; i++)
        write_service(a, &w, &services[i], &s);
    jw_end_array(&w);
    *ret = strbuf_str(&b);
    return 0;
}
