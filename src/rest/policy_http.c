/* SPDX-License-Identifier: Apache-2.0 */
/* http: checks ask another server, which answers "True" to allow.  It hears
 * the rule, what is known of the target, and the credentials; whatever else
 * happens than that answer is a refusal. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "rest/policy_check.h"
#include "wire/httpc.h"
#include "wire/json.h"
#include "wire/url.h"

enum { TIMEOUT_MS = 60000, PARALLEL = 8, ANSWER_MAX = 4096 };

struct policy_remote {
    struct httpc *httpc;
    pthread_mutex_t lock; /* Over 'places'. */
    pthread_cond_t freed;
    unsigned places; /* For questions that may still begin. */
};

int policy_remote_new(const struct policy_config *c, struct policy_remote **ret, struct err *err)
{
    const struct httpc_config hc = { .timeout_ms = c->remote_timeout_ms,
                                     .ca_file = c->remote_ca_file,
                                     .cert_file = c->remote_cert_file,
                                     .key_file = c->remote_key_file,
                                     .insecure = c->remote_insecure };
    struct policy_remote *m = calloc(1, sizeof(*m));
    int r = m ? httpc_new(&hc, &m->httpc, err) : err_set(err, -ENOMEM, "no memory for policy questions");

    if (r < 0) {
        free(m);
        return r;
    }
    m->places = c->remote_parallel ? c->remote_parallel : PARALLEL;
    pthread_mutex_init(&m->lock, NULL);
    pthread_cond_init(&m->freed, NULL);
    *ret = m;
    return 0;
}

void policy_remote_free(struct policy_remote *m)
{
    if (!m)
        return;
    httpc_free(m->httpc);
    pthread_mutex_destroy(&m->lock);
    pthread_cond_destroy(&m->freed);
    free(m);
}

/* Waits for a place.  The milliseconds that are left then; 0: none. */
static unsigned place_take(struct policy_remote *m, unsigned timeout_ms)
{
    int64_t until_us = time_mono_us() + (int64_t) timeout_ms * 1000, left_us;
    struct timespec until = { until_us / 1000000, until_us % 1000000 * 1000 };
    int r = 0;

    pthread_mutex_lock(&m->lock);
    while (!m->places && r == 0)
        r = pthread_cond_clockwait(&m->freed, &m->lock, CLOCK_MONOTONIC, &until);
    left_us = until_us - time_mono_us();
    if (left_us < 1000)
        left_us = 0;
    if (m->places && left_us)
        m->places--;
    else
        left_us = 0;
    pthread_mutex_unlock(&m->lock);
    return (unsigned) (left_us / 1000);
}

static void place_give(struct policy_remote *m)
{
    pthread_mutex_lock(&m->lock);
    m->places++;
    pthread_cond_signal(&m->freed);
    pthread_mutex_unlock(&m->lock);
}

static const char form_type[] = "application/x-www-form-urlencoded";

/* The address; attributes are escaped, so that none can change where it goes. */
static const char *url_fill(struct question *q, const struct check_text *t)
{
    struct strbuf b;
    const char *v;

    strbuf_init(&b, q->arena);
    for (size_t i = 0; i < t->n; i++) {
        struct check_text part = { &t->parts[i], 1, NULL };

        if (!t->parts[i].attribute) {
            strbuf_puts(&b, t->parts[i].text);
            continue;
        }
        v = check_text_fill(q, &part);
        if (!v)
            return NULL;
        url_encode(&b, v);
    }
    return strbuf_str(&b);
}

static void write_roles(struct jw *w, const char *name, const struct token *t)
{
    jw_array(w, name);
    for (size_t i = 0; t && i < t->n_roles; i++)
        jw_str(w, NULL, t->roles[i].name);
    jw_end_array(w);
}

static void write_service(struct jw *w, const struct token *t)
{
    jw_str(w, "service_user_id", t ? t->user_id : NULL);
    jw_str(w, "service_user_domain_id", t ? t->user_domain_id : NULL);
    jw_str(w, "service_project_id", t ? t->project_id : NULL);
    jw_str(w, "service_project_domain_id", t ? t->project_domain_id : NULL);
    write_roles(w, "service_roles", t);
}

static void write_credentials(struct jw *w, const char *name, const struct token *t)
{
    jw_object(w, name);
    if (t) {
        jw_str(w, "user_id", t->user_id);
        jw_str(w, "user_domain_id", t->user_domain_id);
        jw_str(w, "project_id", t->project_id);
        jw_str(w, "project_domain_id", t->project_domain_id);
        jw_str(w, "domain_id", t->domain_id);
        jw_str(w, "system_scope", t->system ? "all" : NULL);
        write_roles(w, "roles", t);
        write_service(w, t->service);
    }
    jw_end_object(w);
}

static const char *target_json(struct question *q)
{
    const struct policy_target *t = q->target;
    const char *json = t && t->json ? t->json(t->ctx, q->arena) : NULL;

    return json ? json : "{}";
}

static const char *json_body(struct question *q)
{
    struct strbuf b;
    struct jw w;

    strbuf_init(&b, q->arena);
    jw_init(&w, &b);
    jw_object(&w, NULL);
    jw_str(&w, "rule", q->rule);
    jw_raw(&w, "target", target_json(q));
    write_credentials(&w, "credentials", q->token);
    jw_end_object(&w);
    return strbuf_str(&b);
}

/* As a form the three parts are JSON texts each. */
static const char *form_body(struct question *q)
{
    struct strbuf b, part;
    struct jw w;

    strbuf_init(&b, q->arena);
    strbuf_init(&part, q->arena);
    jw_init(&w, &part);
    jw_str(&w, NULL, q->rule);
    strbuf_puts(&b, "rule=");
    url_encode(&b, strbuf_str(&part));
    strbuf_puts(&b, "&target=");
    url_encode(&b, target_json(q));
    strbuf_clear(&part);
    jw_init(&w, &part);
    write_credentials(&w, NULL, q->token);
    strbuf_puts(&b, "&credentials=");
    url_encode(&b, strbuf_str(&part));
    return strbuf_str(&b);
}

/* "True", with or without the quotes of JSON. */
static bool says_true(const char *s)
{
    size_t n = strlen(s);

    while (n && *s == '"')
        s++, n--;
    while (n && s[n - 1] == '"')
        n--;
    return n == 4 && memcmp(s, "True", 4) == 0;
}

bool check_http(struct question *q, const struct check *c)
{
    const char *type = q->config->remote_content_type ? q->config->remote_content_type : form_type;
    const struct http_header headers[] = { { "Content-Type", type }, { NULL, NULL } };
    struct httpc_request rq = { .method = HTTP_POST, .headers = headers, .max_body = ANSWER_MAX };
    struct httpc_reply reply;
    struct err err = { 0 };
    unsigned timeout_ms = q->config->remote_timeout_ms;
    int r;

    rq.url = url_fill(q, &c->text);
    if (!rq.url || !q->remote)
        return false;
    rq.body = str_eq(type, form_type) ? form_body(q) : json_body(q);
    rq.body_len = strlen(rq.body);
    rq.timeout_ms = place_take(q->remote, timeout_ms ? timeout_ms : TIMEOUT_MS);
    if (!rq.timeout_ms) {
        log_warning(q->config->log, "policy server was not asked: too many questions wait", "rule", q->rule,
                    "url", rq.url);
        return false;
    }
    r = httpc_call(q->remote->httpc, q->arena, &rq, &reply, &err);
    place_give(q->remote);
    if (r < 0) {
        log_warning(q->config->log, "policy server cannot be asked", "rule", q->rule, "url", rq.url, "reason",
                    err.msg);
        return false;
    }
    return reply.status / 100 == 2 && says_true(reply.body);
}
